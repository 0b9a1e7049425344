/**
 * What the installed and the built state of a checkout depend on, as content hashes.
 *
 * Content and not modification times: a fresh clone, a branch switch and a copied folder all disturb
 * the times without changing a byte, and the other way round.
 *
 * - `install`: the lockfile, the workspace and npm settings, and every package.json.
 * - `build`: every source that ends up in a `dist` folder, every tsconfig, every script that bundles, and
 *   `install`, because the compiler itself is installed.
 */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const INSTALL_FILES = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'];

/** The script that bundles what the compiler cannot: pages for the browser. */
export const BUNDLE = 'bundle.mjs';

/** The workspace's folders relative to `root`, the root itself (`.`) first. */
export function workspaceFolders(root) {
  const packages = readdirSync(join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `packages/${entry.name}`)
    .sort();
  return ['.', ...packages, 'test'].filter((folder) =>
    existsSync(join(root, folder, 'package.json')),
  );
}

/** The folders under `packages` that the compiler builds. */
export function builtFolders(root) {
  return workspaceFolders(root).filter(
    (folder) => folder.startsWith('packages/') && existsSync(join(root, folder, 'tsconfig.json')),
  );
}

/** The folders under `packages` that have a script of their own to run after the compiler. */
export function bundledFolders(root) {
  return builtFolders(root).filter((folder) => existsSync(join(root, folder, BUNDLE)));
}

export function installFingerprint(root) {
  const manifests = workspaceFolders(root).map((folder) => join(folder, 'package.json'));
  return hashFiles(root, [...INSTALL_FILES, ...manifests]);
}

export function buildFingerprint(root) {
  const sources = builtFolders(root).flatMap((folder) => [
    join(folder, 'tsconfig.json'),
    ...sourceFiles(root, join(folder, 'src')),
  ]);
  const bundling = bundledFolders(root).map((folder) => join(folder, BUNDLE));
  return `${installFingerprint(root)}-${hashFiles(root, ['tsconfig.base.json', ...bundling, ...sources])}`;
}

function sourceFiles(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sourceFiles(root, path);
      return entry.name.endsWith('.test.ts') ? [] : [path];
    })
    .sort();
}

/** Names and lengths are hashed with the contents, so that no two sets of files run together. */
function hashFiles(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const file = join(root, path);
    const content = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}
