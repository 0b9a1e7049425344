/**
 * `npm run bench`: every figure that the project promises, each against its baseline in the same run.
 *
 *   node test/bench/run.mjs [--json] [--quick] [--only NAME,NAME]
 *   node test/bench/run.mjs --stages [--quick]
 *
 * With `--json` stdout gets one JSON object: `machine` and `results`, each result with `name`, `value`,
 * `unit`, `baseline`, `ratio` (value over baseline), `target`, `met` and mostly a `note`; a baseline that
 * cannot be had here is null, and the note says why. Otherwise a table. Progress goes to stderr.
 * `--stages` tells where the time of `import` goes instead.
 * Exit status 0 unless a benchmark breaks: a missed target is a figure, not a failure.
 *
 * `--child BENCH TASK PARAMS` runs one task of one benchmark in this process (see measure.mjs).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { append } from './append.mjs';
import { importing, largestTrace } from './import.mjs';
import { importMemory } from './import-memory.mjs';
import { shippedTrace } from './import-path.mjs';
import { stages, stageTable } from './import-stages.mjs';
import { mark } from './mark.mjs';
import { memory } from './memory.mjs';

import { pacer } from './pacer.mjs';
import { page } from './page.mjs';
import { replay } from './replay.mjs';
import { completed, machine, table } from './report.mjs';
import { seek } from './seek.mjs';
import { simulate, simulateGo } from './simulate.mjs';

const BENCHES = {
  pacer,
  simulate,
  'simulate-go': simulateGo,
  mark,
  memory,
  append,
  replay,
  seek,
  import: { ...importing, tasks: { ...importing.tasks, stages } },
  'import-memory': importMemory,
  page,
};
const NAMES = Object.values(BENCHES).flatMap(({ names }) => names);
const USAGE = `usage: npm run bench -- [--json] [--quick] [--stages] [--only NAME,NAME]\nnames: ${NAMES.join(' ')}`;

function parse(args) {
  const options = { json: false, quick: false, stages: false, only: NAMES };
  for (let i = 0; i < args.length; i += 1) {
    if (args[i] === '--json') options.json = true;
    else if (args[i] === '--quick') options.quick = true;
    else if (args[i] === '--stages') options.stages = true;
    else if (args[i] === '--only' && i + 1 < args.length) options.only = args[++i].split(',');
    else return undefined;
  }
  return options.only.every((name) => NAMES.includes(name)) ? options : undefined;
}

async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runAll({ quick, only }, folder) {
  const results = [];
  for (const [key, bench] of Object.entries(BENCHES)) {
    if (!bench.names.some((name) => only.includes(name))) continue;
    const started = performance.now();
    const found = await bench.run({ quick, folder });
    results.push(...found.filter(({ name }) => only.includes(name)).map(completed));
    process.stderr.write(`${key}: ${((performance.now() - started) / 1e3).toFixed(1)} s\n`);
  }
  return results;
}

async function main(args) {
  if (args[0] === '--child') {
    const [, bench, task, params] = args;
    const answer = await BENCHES[bench].tasks[task](JSON.parse(params));
    process.stdout.write(JSON.stringify(answer));
    return 0;
  }
  const options = parse(args);
  if (options === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  if (options.stages) {
    const { quick } = options;
    const text = await inFolder((folder) => {
      return stageTable(quick ? shippedTrace(folder) : largestTrace(folder), { quick, folder });
    });
    process.stdout.write(text);
    return 0;
  }
  const results = await inFolder((folder) => runAll(options, folder));
  if (options.json) process.stdout.write(`${JSON.stringify({ machine: machine(), results })}\n`);
  else process.stdout.write(table(results));
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
