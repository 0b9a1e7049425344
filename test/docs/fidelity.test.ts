/** docs/FIDELITY.md names files and functions of Go's runtime: they are there, in the release it follows. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { goToolchain } from './go.ts';

const LEDGER = readFileSync(new URL('../../docs/FIDELITY.md', import.meta.url), 'utf8');
const PACKAGES = [
  'runtime',
  'internal/runtime/gc',
  'internal/runtime/maps',
  'strings',
  'sync',
  'cmd/compile/internal/typecheck',
  'cmd/compile/internal/walk',
];
/** The release whose source the ledger follows. */
const MINOR = 26;

/** Every file, with the functions named behind it: `file.go`: one, two. */
function namesIn(text: string): { file: string; functions: string[] }[] {
  return [...text.matchAll(/`(\w+\.go)`(?:: (\w+(?:, \w+)*))?/g)].map(([, file = '', names]) => ({
    file,
    functions: names?.split(', ') ?? [],
  }));
}

/** What of the names is not in Go's source under `root`. */
function missing(text: string, root: string): string[] {
  return namesIn(text).flatMap(({ file, functions }) => {
    const paths = PACKAGES.map((folder) => join(root, 'src', folder, file)).filter(existsSync);
    if (paths.length === 0) return [file];
    const source = paths.map((path) => readFileSync(path, 'utf8')).join('\n');
    const defined = (name: string): boolean =>
      new RegExp(`^func (?:\\([^)]*\\) )?${name}\\b`, 'm').test(source);
    return functions.filter((name) => !defined(name)).map((name) => `${file}: ${name}`);
  });
}

test('every file and function is there', ({ skip }) => {
  const go = goToolchain();
  if (go?.minor !== MINOR)
    process.stderr.write(`docs: Go's names are not checked: no go 1.${MINOR}\n`);
  skip(go?.minor !== MINOR, `no go 1.${MINOR}`);
  expect(namesIn(LEDGER).length).toBeGreaterThan(30);
  expect(missing(LEDGER, go?.root ?? '')).toEqual([]);
  expect(missing('(`mgc.go`: gcStart, gcNever, `mnever.go`)', go?.root ?? '')).toEqual([
    'mgc.go: gcNever',
    'mnever.go',
  ]);
});
