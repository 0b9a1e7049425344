/**
 * What `npm start`, `npm test`, `npm run bench`, `npm run fuzz` and `npm run mutation` run on a machine
 * that has only Node and npm.
 *
 * 1. Check the version of Node against `engines` of the root package.json.
 * 2. Install and build what is missing or out of date (prepare.mjs).
 * 3. Run the verb from the table below, with the arguments that follow it, in the repo's root;
 *    end with its exit status.
 *
 * Everything said here goes to stderr: stdout belongs to the verb, so that
 * `npm run bench -- --json` prints one JSON object and nothing else (.npmrc silences npm's banner).
 */

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Verb to the script that Node runs, from the root, and the arguments that go before the user's. */
const VERBS = {
  start: ['test/tools/start.mjs'],
  test: ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts'],
  bench: ['test/bench/run.mjs'],
  fuzz: ['packages/cli/bin/heaptape.js', 'fuzz'],
  mutation: ['test/mutation/run.mjs'],
};

/** Returns what is wrong with `version`, or undefined; `range` has the form `>=MAJOR.MINOR`. */
function versionProblem(version, range) {
  const [major, minor] = version.split('.').map(Number);
  const [needMajor, needMinor] = range.replace('>=', '').split('.').map(Number);
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return undefined;
  return `heaptape needs Node ${range}; this is Node ${version}`;
}

async function main() {
  const [verb, ...rest] = process.argv.slice(2);
  const command = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (command === undefined) {
    process.stderr.write(`usage: node test/tools/bootstrap.mjs ${Object.keys(VERBS).join('|')}\n`);
    return 2;
  }
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const problem = versionProblem(process.versions.node, engines.node);
  if (problem !== undefined) {
    process.stderr.write(`${problem}\n`);
    return 2;
  }
  // Loaded only now, so that an old Node reads no code that it might not understand.
  const { prepare } = await import('./prepare.mjs');
  const { run } = await import('./run.mjs');
  if (!(await prepare(ROOT))) return 1;
  return run(process.execPath, [...command, ...rest], { cwd: ROOT, stdio: 'inherit' });
}

process.exitCode = await main();
