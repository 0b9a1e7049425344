import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { pathRule, titleRule } from './documents.ts';
import { importRule, manifestRule, purityRule, tableViolations } from './layers.ts';
import { listFiles, type Rule, readProject } from './project.ts';
import { samenessRule } from './sameness.ts';
import {
  essayRule,
  focusedTestRule,
  foreignHostRule,
  lengthRule,
  machinePathRule,
  unfinishedRule,
} from './text.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');
const PROJECT = readProject(ROOT);
const PATHS = listFiles(ROOT, '');

/** What `rule` says of one made-up file. */
function plant(rule: Rule, path: string, text: string): string[] {
  return rule([{ path, text }]);
}

describe('the project is tidy', () => {
  test.each<[string, Rule]>([
    ['every package.json keeps to its layer', manifestRule],
    ['every import keeps to its layer', importRule],
    ['pure packages compile without the types of a host', purityRule],
    ['results are the same on every machine', samenessRule],
    ['nothing is marked as unfinished', unfinishedRule],
    ['no test is focused', focusedTestRule],
    ['no path of one machine is named', machinePathRule],
    ['code names no host but this one', foreignHostRule],
    ['no source file is too long', lengthRule],
    ['every source file opens with an essay', essayRule],
    ['every path that a document names exists', pathRule(PATHS)],
    ['every document has one title', titleRule],
  ])('%s', (_, rule) => {
    expect(rule(PROJECT)).toEqual([]);
  });

  test('the table of layers points down', () => {
    expect(tableViolations()).toEqual([]);
  });

  test('the rules see the project', () => {
    const seen = new Set(PROJECT.map((file) => file.path));
    for (const path of [
      '.ci/run',
      '.npmrc',
      'biome.json',
      'packages/cli/bin/heaptape.js',
      'packages/schema/src/index.ts',
      'packages/schema/tsconfig.json',
      'test/tidy/tidy.test.ts',
      'test/tools/bootstrap.mjs',
    ]) {
      expect(seen).toContain(path);
    }
  });
});

describe('sameness', () => {
  test.each([
    'names.sort((a, b) => a.localeCompare(b));',
    'const text = count.toLocaleString();',
    'names.sort();',
    'for (const key in counts) total += counts[key];',
    'const bound = 2 ** bits;',
    'const size = base ** 2;',
  ])('may not have: %s', (text) => {
    expect(plant(samenessRule, 'packages/core/src/x.ts', `/** x */\n${text}\n`)).toHaveLength(1);
    expect(plant(samenessRule, 'packages/core/src/x.test.ts', text)).toEqual([]);
    expect(plant(samenessRule, 'packages/cli/src/x.ts', text)).toEqual([]);
  });

  test.each([
    'names.sort((a, b) => a - b);',
    'const words = Int32Array.from(greyed).sort();',
    'const MAX = 2 ** 31 - 2;',
    '/** 2 ** bits\n * names.sort() */',
    '// 2 ** bits',
  ])('may have: %s', (text) => {
    expect(plant(samenessRule, 'packages/core/src/x.ts', text)).toEqual([]);
  });
});

describe('layers', () => {
  const manifest = (name: string, ...dependencies: string[]): string =>
    JSON.stringify({ name, dependencies: Object.fromEntries(dependencies.map((d) => [d, '1'])) });

  test.each([
    ['schema', 'immer'],
    ['schema', '@heaptape/core'],
    ['core', '@heaptape/replay'],
    ['core', '@heaptape/log'],
    ['formats', '@heaptape/core'],
    ['log', '@heaptape/core'],
    ['web', '@heaptape/log'],
    ['cli', 'left-pad'],
  ])('%s may not depend on %s', (name, dependency) => {
    const path = `packages/${name}/package.json`;
    expect(plant(manifestRule, path, manifest(`@heaptape/${name}`, dependency))).toEqual([
      `${path}:1: ${name} may not depend on ${dependency}`,
    ]);
  });

  test('what the table allows passes', () => {
    const text = manifest('@heaptape/core', '@heaptape/schema', 'immer');
    expect(plant(manifestRule, 'packages/core/package.json', text)).toEqual([]);
  });

  test('a package must have a row, and the name of its folder', () => {
    expect(
      plant(manifestRule, 'packages/odd/package.json', manifest('@heaptape/odd')),
    ).toHaveLength(1);
    expect(plant(manifestRule, 'packages/core/package.json', manifest('core'))).toHaveLength(1);
  });

  test.each([
    ['core', "import { open } from '@heaptape/log';"],
    ['core', "import {\n  open,\n  close,\n} from '@heaptape/log';"],
    ['core', "import type { Tape } from '@heaptape/log';"],
    ['core', "export { open } from '@heaptape/log';"],
    ['core', "export * from '@heaptape/log';"],
    ['core', "import 'better-sqlite3';"],
    ['core', "const log = await import('@heaptape/log');"],
    ['core', "import { readFileSync } from 'node:fs';"],
    ['core', "import { readFileSync } from 'fs';"],
    ['core', "import { hidden } from '@heaptape/schema/src/hidden.ts';"],
    ['core', "import { assert } from '../../schema/src/errors.ts';"],
    ['schema', "import { produce } from 'immer';"],
    ['cli', "import Database from 'better-sqlite3';"],
  ])('%s may not have: %s', (name, text) => {
    expect(plant(importRule, `packages/${name}/src/x.ts`, `// first\n${text}\n`)).toHaveLength(1);
  });

  test('imports that keep to the layer pass', () => {
    const text = [
      "import { produce } from 'immer';",
      "import { assert } from '@heaptape/schema';",
      "import { helper } from '../heap/helper.ts';",
      "export type { Helper } from './types.ts';",
      "const text = 'a string that speaks of an import from elsewhere';",
    ].join('\n');
    expect(plant(importRule, 'packages/core/src/collector/x.ts', text)).toEqual([]);
  });

  test('tests may use the test tools, and only tests may', () => {
    const text = "import fc from 'fast-check';\nimport { spawnSync } from 'node:child_process';\n";
    expect(plant(importRule, 'packages/core/src/x.test.ts', text)).toEqual([]);
    expect(plant(importRule, 'packages/core/src/x.ts', text)).toHaveLength(2);
  });

  test('a pure package must not bring in the types of a host', () => {
    const text = JSON.stringify({ compilerOptions: { types: ['node'], lib: ['DOM'] } });
    expect(plant(purityRule, 'packages/core/tsconfig.json', text)).toHaveLength(2);
    expect(plant(purityRule, 'packages/log/tsconfig.json', text)).toEqual([]);
  });
});

describe('text', () => {
  // Put together from pieces, so that this file passes the rules that it tests.
  const marker = ['TO', 'DO'].join('');
  const url = (host: string): string => ['https:', '', host, 'x'].join('/');

  test('unfinished work is found, in code and in documents', () => {
    expect(plant(unfinishedRule, 'docs/X.md', `a\n${marker}: b\n`)).toEqual([
      'docs/X.md:2: unfinished work belongs in an issue',
    ]);
    expect(plant(unfinishedRule, 'packages/core/src/x.ts', `// ${marker} b`)).toHaveLength(1);
    expect(plant(unfinishedRule, 'test/fixtures/go/x.go', `// ${marker} b`)).toEqual([]);
    expect(plant(unfinishedRule, 'docs/X.md', 'Mastodons and todos.')).toEqual([]);
  });

  test('a focused test is found', () => {
    const text = ['test', "only('x', () => {});"].join('.');
    expect(plant(focusedTestRule, 'packages/core/src/x.test.ts', text)).toHaveLength(1);
    expect(plant(focusedTestRule, 'packages/core/src/x.ts', 'if (only(x)) return;')).toEqual([]);
  });

  test.each(['work', 'home', 'root', 'Users'])('the machine path of %s is found', (folder) => {
    for (const text of [`see /${folder}/a`, `\`/${folder}\``, `'/${folder}/a'`]) {
      expect(plant(machinePathRule, 'docs/X.md', text)).toHaveLength(1);
    }
  });

  test('words that only look like machine paths pass', () => {
    const text = `assist/work, \`scan/root\` and ${url('go.dev')}/home; /workers, /root-set`;
    expect(plant(machinePathRule, 'docs/X.md', text)).toEqual([]);
    expect(plant(machinePathRule, 'docs/X.md', ['shared', 'x'].join('/'))).toHaveLength(1);
  });

  test('a foreign host is found in code only', () => {
    const text = `fetch('${url('example.com')}')`;
    expect(plant(foreignHostRule, 'packages/cli/src/x.ts', text)).toHaveLength(1);
    expect(plant(foreignHostRule, 'docs/X.md', text)).toEqual([]);
    for (const host of ['localhost:80', '127.0.0.1', '[::1]:80', 'www.w3.org']) {
      expect(plant(foreignHostRule, 'packages/cli/src/x.ts', `'${url(host)}'`)).toEqual([]);
    }
    expect(
      plant(foreignHostRule, 'packages/cli/src/x.ts', `'${url('localhost.evil.com')}'`),
    ).not.toEqual([]);
  });

  test('length is counted in lines, tables exempt', () => {
    const lines = (count: number): string => 'x;\n'.repeat(count);
    expect(plant(lengthRule, 'packages/core/src/x.ts', lines(400))).toEqual([]);
    expect(plant(lengthRule, 'packages/core/src/x.ts', lines(401))).toHaveLength(1);
    expect(plant(lengthRule, 'packages/core/src/x.test.ts', lines(401))).toHaveLength(1);
    expect(plant(lengthRule, 'packages/core/src/x.table.ts', lines(401))).toEqual([]);
  });

  test('a file over 40 lines opens with an essay', () => {
    const code = "import { a } from './a.ts';\n".repeat(41);
    const essay = `what the file is, ${'why it is so, '.repeat(8)}and no more`;
    const path = 'packages/core/src/x.ts';
    for (const text of [code, `/** Short. */\n${code}`, `${code}/** ${essay} */\n`]) {
      expect(plant(essayRule, path, text)).toHaveLength(1);
    }
    for (const text of [
      `/**\n * ${essay}\n */\n\n${code}`,
      `// ${essay}\n${code}`,
      `#!/usr/bin/env node\n/* ${essay} */\n${code}`,
      "import { a } from './a.ts';\n".repeat(40),
    ]) {
      expect(plant(essayRule, path, text)).toEqual([]);
    }
    expect(plant(essayRule, 'packages/core/src/x.test.ts', code)).toEqual([]);
  });
});

describe('documents', () => {
  const rule = pathRule(['docs/A.md', 'packages/core/src/heap/mspan.ts', 'README.md']);

  test('paths that exist pass', () => {
    const text = [
      'See `docs/A.md`, packages/core/src/heap/mspan.ts, [a](A.md#part) and [r](../README.md).',
      'Folders `packages/core/src/heap/`, patterns `packages/*/src`, `packages/NAME/x`,',
      'builds `packages/core/dist/index.js`, links [l](mailto:docs/x) and [p](#part);',
      'also $GOROOT/test/gc.go and docs/A.md.',
    ].join('\n');
    expect(plant(rule, 'docs/A.md', text)).toEqual([]);
  });

  test.each([
    '`docs/B.md`',
    'packages/core/src/heap/gone.ts',
    '`packages/gone/*`',
    '[b](B.md)',
    '[b](../LICENSE)',
  ])('a dead path is found in: %s', (text) => {
    expect(plant(rule, 'docs/A.md', `one\n${text}\n`)).toHaveLength(1);
  });

  test('one title, code blocks not counted', () => {
    expect(plant(titleRule, 'docs/X.md', '# A\n\n```sh\n# comment\n```\n## B\n')).toEqual([]);
    expect(plant(titleRule, 'docs/X.md', '# A\n# B\n')).toHaveLength(1);
    expect(plant(titleRule, 'README.md', 'no title\n')).toHaveLength(1);
  });
});
