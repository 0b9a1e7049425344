/**
 * The files of the checkout, as the tidy rules see them.
 *
 * A rule is a function from files to violations, each one line `path:line: what is wrong`. Rules read
 * this list only, never the disk, so that a test can plant a violation by making up a file.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One text file. `path` is relative to the repo's root, with `/` between folders. */
export type SourceFile = { readonly path: string; readonly text: string };

export type Rule = (files: readonly SourceFile[]) => string[];

const TEXT = /\.(?:tsx?|mjs|js|json|jsonc|md|yaml|yml|go|txt|css|html|sh)$|^\.[\w/-]+$|^LICENSE$/;
const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.heaptape', 'coverage']);

/** Every text file under `root` that is ours; the lockfile is pnpm's. */
export function readProject(root: string): SourceFile[] {
  return listFiles(root, '')
    .filter((path) => TEXT.test(path) && path !== 'pnpm-lock.yaml')
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** Every path under `root` that is ours, files of any kind. */
export function listFiles(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => !NOT_OURS.has(entry.name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return listFiles(root, path);
      return entry.isFile() ? [path] : [];
    });
}

/** Code that we wrote: fixtures are material for tests, some of it recorded or written to be odd. */
export function isCode(path: string): boolean {
  return /\.(?:tsx?|mjs|js)$/.test(path) && !isFixture(path);
}

/** Tests, and the kits that only tests use. */
export function isTest(path: string): boolean {
  return /\.(?:test|testkit)\.ts$/.test(path);
}

export function isFixture(path: string): boolean {
  return path.startsWith('test/fixtures/');
}

/** One violation for each line that `pattern` matches. */
export function matchingLines(file: SourceFile, pattern: RegExp, message: string): string[] {
  return file.text
    .split('\n')
    .flatMap((line, index) =>
      pattern.test(line) ? [`${file.path}:${index + 1}: ${message}`] : [],
    );
}
