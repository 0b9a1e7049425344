/**
 * Brings a checkout to the state in which it can run: dependencies installed, packages built.
 *
 * 1. Compare the stamp in node_modules with the fingerprints of the files it was made from. When all
 *    is fresh this is the whole work, and takes a few hundredths of a second.
 * 2. Otherwise take the lock, look again (another process may have done the work meanwhile), install
 *    with pnpm at the version that `packageManager` names, build, and write the stamp.
 *
 * Invariant: a stamp is written only after the step that it vouches for has succeeded, so a run that
 * was killed is repeated. pnpm and the compiler both cope with a half-done earlier run.
 *
 * The native module (better-sqlite3) is compiled where no prebuilt binary can be fetched. Its headers
 * normally come over the network; where they lie beside the running Node, those are used instead.
 */

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import {
  BUNDLE,
  buildFingerprint,
  builtFolders,
  bundledFolders,
  installFingerprint,
  workspaceFolders,
} from './fingerprint.mjs';
import { withLock } from './lock.mjs';
import { run } from './run.mjs';

const STAMP = 'node_modules/.heaptape-stamp';
const INSTALL_HINTS = [
  'hint: the npm registry must be reachable',
  'hint: where no prebuilt better-sqlite3 can be fetched, it is compiled, which needs python3, make',
  'hint: and a C++ compiler on PATH',
];
/** What a bundling script writes last. */
const BUNDLED = 'dist/bundle/page.json';
const LOCK = '.heaptape/bootstrap.lock';

/** Resolves to true when the checkout is ready, false when a step failed (and said so on stderr). */
export async function prepare(root) {
  if (isInstalled(root) && isBuilt(root)) return true;
  return withLock(
    join(root, LOCK),
    async () =>
      (isInstalled(root) || (await install(root))) && (isBuilt(root) || (await build(root))),
    (pid) => say(`waiting for process ${pid}, which is installing or building`),
  );
}

function isInstalled(root) {
  const stamp = readStamp(root);
  return (
    stamp.install === installFingerprint(root) &&
    stamp.abi === abi() &&
    workspaceFolders(root).every((folder) => dependenciesAreLinked(join(root, folder)))
  );
}

function isBuilt(root) {
  return (
    readStamp(root).build === buildFingerprint(root) &&
    builtFolders(root).every((folder) => existsSync(join(root, folder, 'dist/.tsbuildinfo'))) &&
    bundledFolders(root).every((folder) => existsSync(join(root, folder, BUNDLED)))
  );
}

async function install(root) {
  const fingerprint = installFingerprint(root);
  const { packageManager } = readJson(join(root, 'package.json'));
  const pnpm = packageManager.split('+')[0];
  say(`installing dependencies with ${pnpm.replace('@', ' ')}; the first time takes minutes`);
  let status = await runPnpm(root, pnpm, ['install', '--frozen-lockfile']);
  const { abi: builtFor } = readStamp(root);
  if (status === 0 && builtFor !== undefined && builtFor !== abi()) {
    say(`compiling native modules again, for ${abi()} instead of ${builtFor}`);
    status = await runPnpm(root, pnpm, ['rebuild', '--recursive']);
  }
  if (status !== 0) {
    say(`installing failed: pnpm ended with status ${status}`);
    if (status < 128) INSTALL_HINTS.forEach(say);
    return false;
  }
  writeStamp(root, { install: fingerprint, abi: abi() });
  return true;
}

/** npm's own log level is raised for the child, because .npmrc silences it. */
function runPnpm(root, pnpm, args) {
  const prefix = dirname(dirname(process.execPath));
  const env = { ...process.env, npm_config_loglevel: 'error' };
  if (existsSync(join(prefix, 'include/node/node.h'))) env.npm_config_nodedir ??= prefix;
  const flags = ['--loglevel=info', '--reporter=append-only', '--config.confirmModulesPurge=false'];
  return run('npx', ['-y', pnpm, ...args, ...flags], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
}

async function build(root) {
  const fingerprint = buildFingerprint(root);
  say('building packages');
  const manifest = createRequire(join(root, 'package.json')).resolve('typescript/package.json');
  const compiler = join(dirname(manifest), readJson(manifest).bin.tsc);
  const status = await run(process.execPath, [compiler, '-b', ...builtFolders(root)], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    say('building failed: the compiler names the errors above');
    return false;
  }
  for (const folder of bundledFolders(root)) {
    const script = join(root, folder, BUNDLE);
    const ended = await run(process.execPath, [script], { cwd: root, stdio: ['ignore', 2, 2] });
    if (ended !== 0) {
      say(`building failed: bundling ${folder} ended with status ${ended}`);
      return false;
    }
  }
  writeStamp(root, { ...readStamp(root), build: fingerprint });
  return true;
}

/** A stamp vouches for links that somebody may have deleted since; each is looked at. */
function dependenciesAreLinked(folder) {
  const { dependencies, devDependencies } = readJson(join(folder, 'package.json'));
  return Object.keys({ ...dependencies, ...devDependencies }).every((name) =>
    existsSync(join(folder, 'node_modules', name)),
  );
}

/** What a native module was compiled for: another of any of these three cannot load it. */
function abi() {
  return `${process.platform}-${process.arch}-${process.versions.modules}`;
}

function readStamp(root) {
  const file = join(root, STAMP);
  return existsSync(file) ? readJson(file) : {};
}

/** Renamed into place, because readers do not take the lock. */
function writeStamp(root, stamp) {
  const file = join(root, STAMP);
  writeFileSync(`${file}.new`, `${JSON.stringify(stamp)}\n`);
  renameSync(`${file}.new`, file);
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function say(line) {
  process.stderr.write(`heaptape: ${line}\n`);
}
