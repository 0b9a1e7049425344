/**
 * The layers: which package may import what. The same table in prose is in docs/ARCHITECTURE.md.
 *
 * 1. Every folder under packages is in the table; a new package gets a row first.
 * 2. A workspace dependency points to a lower layer, or to an equal one where the row names it.
 * 3. package.json and the source may name only what the row allows. Tests beside the source may also
 *    use node modules, vitest and fast-check.
 * 4. A relative import stays inside its package.
 * 5. A pure package is compiled without the types of Node and of the browser.
 *
 * The linter has the same table in biome.json and answers while one types; this is the proof that
 * package.json agrees, and it sees relative paths, which the linter's patterns do not.
 */

import { posix } from 'node:path';
import { isTest, type Rule, type SourceFile } from './project.ts';

type Layer = {
  readonly layer: number;
  readonly pure: boolean;
  /** Workspace packages, without the scope; an entry of one that is not its main one has its name behind. */
  readonly packages: readonly string[];
  /** Packages from the registry; `node:` stands for every node module. */
  readonly externals: readonly string[];
  /** Its name where that is not the scope and the folder. */
  readonly name?: string;
};

const LAYERS: Readonly<Record<string, Layer>> = {
  schema: { layer: 0, pure: true, packages: [], externals: [] },
  core: { layer: 1, pure: true, packages: ['schema'], externals: ['immer'] },
  formats: { layer: 1, pure: true, packages: ['schema'], externals: ['@bufbuild/protobuf'] },
  log: { layer: 1, pure: false, packages: ['schema'], externals: ['better-sqlite3', 'node:'] },
  golang: { layer: 2, pure: false, packages: ['schema', 'core'], externals: [] },
  replay: { layer: 2, pure: true, packages: ['schema', 'core', 'log'], externals: [] },
  fuzz: {
    layer: 3,
    pure: false,
    packages: ['schema', 'core', 'formats', 'log', 'golang', 'replay'],
    externals: ['fast-check'],
  },
  // The extension is a manifest, and a script that starts the command line. VS Code gives it its name.
  vscode: { layer: 4, pure: false, packages: [], externals: ['node:'], name: 'heaptape' },
  web: {
    layer: 3,
    pure: false,
    packages: ['schema', 'core', 'replay'],
    externals: ['@preact/signals', 'preact', 'uplot'],
  },
  cli: {
    layer: 3,
    pure: false,
    packages: [
      'schema',
      'core',
      'formats',
      'formats/write',
      'log',
      'golang',
      'replay',
      'fuzz',
      'web',
    ],
    externals: [
      'node:',
      '@hono/node-server',
      '@vscode/debugprotocol',
      'asciichart',
      'cli-progress',
      'cli-table3',
      'commander',
      'hono',
      'uplot',
    ],
  },
};

const TEST_EXTERNALS = [
  '@heaptape/schema/testkit',
  '@heaptape/core/testkit',
  'node:',
  'vitest',
  'fast-check',
];
const IMPORTS = [
  /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom[ \t\n]*['"]([^'"]+)['"]/gm,
  /^[ \t]*import[ \t]*['"]([^'"]+)['"]/gm,
  /\bimport\([ \t\n]*['"]([^'"]+)['"]/g,
];

/** The table agrees with itself: arrows point down, or sideways without a cycle (cli to its peers). */
export function tableViolations(): string[] {
  return Object.entries(LAYERS).flatMap(([name, row]) =>
    row.packages
      .filter((target) => {
        const below = LAYERS[target.replace(/\/.*$/, '')];
        if (below === undefined || below.layer > row.layer) return true;
        return below.layer === row.layer && below.packages.includes(name);
      })
      .map((target) => `${name} -> ${target}: points up`),
  );
}

export const manifestRule: Rule = (files) =>
  files.flatMap((file) => {
    const name = /^packages\/([^/]+)\/package\.json$/.exec(file.path)?.[1];
    if (name === undefined) return [];
    const row = LAYERS[name];
    if (row === undefined) return [`${file.path}:1: ${name} is in no layer`];
    const manifest = JSON.parse(file.text) as {
      name: string;
      dependencies?: Record<string, string>;
    };
    const problems = Object.keys(manifest.dependencies ?? {})
      .filter((dependency) => !isAllowed(dependency, row, []))
      .map((dependency) => `${file.path}:1: ${name} may not depend on ${dependency}`);
    if (manifest.name !== (row.name ?? `@heaptape/${name}`)) {
      problems.push(`${file.path}:1: the package's name is not its folder's`);
    }
    return problems;
  });

export const importRule: Rule = (files) =>
  files.flatMap((file) => {
    const name = /^packages\/([^/]+)\/src\/.*\.tsx?$/.exec(file.path)?.[1];
    const row = name === undefined ? undefined : LAYERS[name];
    if (name === undefined || row === undefined) return [];
    const extra = isTest(file.path) ? TEST_EXTERNALS : [];
    return importsOf(file).flatMap(({ specifier, line }) => {
      if (specifier.startsWith('.')) {
        const target = posix.join(posix.dirname(file.path), specifier);
        if (target.startsWith(`packages/${name}/`)) return [];
        if (extra.length > 0 && target.startsWith('test/')) return [];
        return [`${file.path}:${line}: ${specifier} leaves the package`];
      }
      if (specifier === `@heaptape/${name}` || isAllowed(specifier, row, extra)) return [];
      return [`${file.path}:${line}: ${name} may not import ${specifier}`];
    });
  });

export const purityRule: Rule = (files) =>
  files.flatMap((file) => {
    const name = /^packages\/([^/]+)\/tsconfig\.json$/.exec(file.path)?.[1];
    if (name === undefined || LAYERS[name]?.pure !== true) return [];
    const { compilerOptions } = JSON.parse(file.text) as {
      compilerOptions?: Record<string, unknown>;
    };
    return ['types', 'lib']
      .filter((option) => compilerOptions?.[option] !== undefined)
      .map((option) => `${file.path}:1: a pure package must not set ${option}`);
  });

function isAllowed(specifier: string, row: Layer, extra: readonly string[]): boolean {
  const parts = specifier.split('/');
  if (extra.includes(specifier)) return true;
  if (parts[0] === '@heaptape') return row.packages.includes(parts.slice(1).join('/'));
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
  return [...row.externals, ...extra].some((allowed) =>
    allowed.endsWith(':') ? specifier.startsWith(allowed) : name === allowed,
  );
}

function importsOf(file: SourceFile): { specifier: string; line: number }[] {
  return IMPORTS.flatMap((pattern) =>
    [...file.text.matchAll(pattern)].map((match) => ({
      specifier: match[1] ?? '',
      line: file.text.slice(0, match.index + match[0].length).split('\n').length,
    })),
  );
}
