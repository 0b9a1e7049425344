/**
 * Records what real Go prints for each conformance program, into expected.json beside it.
 *
 *   node test/conformance/record.mjs [--check] [NAME …]
 *
 * Each program is built once. An exact one runs three times and has to do the same each time; one with
 * varying keys runs twenty times. With --check nothing is written: every program runs once and is compared
 * with what is recorded. Exits with 1 if a program is not exact, or if a check fails.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  differences,
  FOLDER,
  keysOf,
  programs,
  RUNS,
  readExpected,
  toolchain,
  withBinaries,
} from './programs.mjs';

const LINE_WIDTH = 100;

const words = process.argv.slice(2);
const check = words.includes('--check');
const names = words.filter((word) => !word.startsWith('--'));
const go = toolchain();
if (go === null) {
  process.stderr.write('record: no go on PATH\n');
  process.exit(1);
}
const chosen = programs().filter(({ name }) => names.length === 0 || names.includes(name));
const started = performance.now();
const problems = withBinaries((run) =>
  chosen.flatMap((program) => (check ? compare(program, run) : record(program, run))),
);
for (const problem of problems) process.stderr.write(`${problem}\n`);
const seconds = ((performance.now() - started) / 1000).toFixed(1);
const verb = check ? 'checked' : 'recorded';
process.stdout.write(`${verb} ${chosen.length} programs with ${go.version} in ${seconds} s\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function compare({ name }, run) {
  return differences(readExpected(name), run(name), true).map((text) => `${name}: ${text}`);
}

function record(program, run) {
  const { name, mode, vary } = program;
  const outcomes = Array.from({ length: RUNS[mode] }, () => run(name));
  const { status, fatal, stdout } = outcomes[0];
  const { version, goos, goarch } = go;
  const head = { go: version, goos, goarch, mode, runs: outcomes.length, status, fatal };
  const expected = {
    ...head,
    ...(mode === 'exact' ? { stdout } : { values: rangesOf(outcomes, vary) }),
  };
  const unsteady = outcomes.flatMap((outcome) => differences(expected, outcome));
  if (unsteady.length > 0) return unsteady.map((text) => `${name} varies: ${text}`);
  writeFileSync(join(FOLDER, name, 'expected.json'), `${textOf(expected)}\n`);
  return [];
}

/** The values of the first run; of the keys that vary, the least and largest of all runs. */
function rangesOf(outcomes, vary) {
  const values = keysOf(outcomes[0].stdout);
  for (const key of vary) {
    const seen = outcomes.map(({ stdout }) => Number(keysOf(stdout)[key]));
    if (!seen.every(Number.isFinite)) throw new Error(`${key} is not a number in every run`);
    values[key] = [Math.min(...seen), Math.max(...seen)];
  }
  return values;
}

/** JSON as the formatter of this repo has it: an array on one line where that is short enough. */
function textOf(expected) {
  return JSON.stringify(expected, null, 2).replace(
    /^( *"[^"]+": )\[\n([^\]]*?)\n *\](,?)$/gm,
    (whole, before, items, comma) => {
      const array = `[${items
        .split('\n')
        .map((item) => item.trim())
        .join(' ')}]${comma}`;
      return before.length + array.length <= LINE_WIDTH ? before + array : whole;
    },
  );
}
