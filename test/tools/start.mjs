/**
 * What `npm start` shows: the main job, on the recording of a real program that comes with the repo.
 *
 * 1. The trace (Go's compiler at work, at GOGC=20) becomes a tape under `.heaptape/`; recorded and
 *    simulated collections are printed side by side.
 * 2. The same work is run under other values of GOGC.
 * 3. What to try next, with the tape that is there now.
 *
 * Each step is the command line itself, as a child process, and is printed as it would be typed.
 */
import { mkdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.mjs';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const BIN = join(ROOT, 'packages/cli/bin/heaptape.js');
const TRACE = 'test/fixtures/traces/compile-regexp.trace.gz';
const TAPE = '.heaptape/compile-regexp.tape';
const PAGE = '.heaptape/whatif.html';

const STEPS = [
  {
    say: "A recording of Go's own compiler at work, made at GOGC=20, becomes a tape:",
    args: ['import', TRACE, '-o', TAPE],
  },
  {
    say: 'What would the same work have cost under other values of GOGC?',
    args: ['whatif', TRACE, '--gogc', '50,100,200,400', '--html', PAGE],
  },
];

const NEXT = `Next, try:

  npx heaptape replay ${TAPE} --verify
  npx heaptape state ${TAPE} --at cycle:3
  npx heaptape sql ${TAPE} "SELECT n, heap_at_start, heap_goal FROM cycles"
  npx heaptape whatif ${TAPE} --gogc 100 --memlimit off,24MiB --collector classic,greentea
  npx heaptape --help

The what-if above is also a page with charts: open ${PAGE} in a browser.
A trace of your own: run a program with GODEBUG=traceallocfree=1 (Go 1.23 or later) and runtime/trace.
`;

async function main() {
  const folder = join(ROOT, '.heaptape');
  mkdirSync(folder, { recursive: true });
  for (const { say, args } of STEPS) {
    process.stdout.write(`${say}\n\n  $ npx heaptape ${args.join(' ')}\n\n`);
    const status = await run(process.execPath, [BIN, ...args], { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) return status;
    process.stdout.write('\n');
  }
  const here = relative(process.cwd(), ROOT);
  process.stdout.write(here === '' ? NEXT : `From ${here}:\n\n${NEXT}`);
  return 0;
}

process.exitCode = await main();
