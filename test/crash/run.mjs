/**
 * Crash safety of the tape, by experiment.
 *
 *   node test/crash/run.mjs [--runs N] [--seed N] [--only NAME] [--jobs N] [--faults N] [--json]
 *
 * 1. N writers are killed with SIGKILL at seeded instants, in turn in each scenario of `kills.mjs`. What each
 *    leaves is compared with the known stream, checked, appended to, and (one in eight) decided again.
 * 2. System calls are made to fail, one at a time, up to `--faults` of each kind (`faults.mjs`): needs a C compiler.
 * 3. Writers and readers meet on one tape (`meetings.mjs`).
 *
 * Prints a table; status 1 if anything was lost, and then the folder with the evidence stays.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generator } from '../bench/stream.mjs';
import { faults } from './faults.mjs';
import { killOnce, measureStage, SCENARIOS, writeBefore } from './kills.mjs';
import { digestOf, openKnown, writeKnown } from './known.mjs';
import { meetings } from './meetings.mjs';

const VERIFY_EVERY = 8;

/** Makes the known stream in `folder`. */
function knownIn(folder, seed) {
  const path = join(folder, 'known.tape');
  writeKnown(path, seed);
  const known = { path, before: join(folder, 'before.tape'), ...openKnown(path) };
  known.digest = digestOf(known.reader);
  writeBefore(known.before, known);
  known.beforeBytes = readFileSync(known.before);
  return known;
}

/** Kills `runs` writers, `jobs` at a time; resolves to a row for each scenario. */
async function kills(known, folder, { runs, seed, jobs, only }) {
  const names = Object.keys(SCENARIOS).filter((name) => only === undefined || name === only);
  const rows = new Map();
  const stages = new Map();
  for (const name of names.slice(0, runs)) {
    rows.set(name, {
      name,
      runs: 0,
      killed: 0,
      nothing: 0,
      prefix: 0,
      whole: 0,
      old: 0,
      problems: [],
    });
    stages.set(name, await measureStage(name, known, folder));
  }
  const draw = generator(seed);
  const shares = Array.from({ length: runs }, () => draw(1 << 20) / (1 << 20));
  let next = 0;
  const worker = async () => {
    while (next < runs) {
      const run = next++;
      const name = names[run % names.length];
      const options = { run, share: shares[run], stageMs: stages.get(name) };
      const verify = run % VERIFY_EVERY === 0;
      const result = await killOnce(name, known, folder, { ...options, verify });
      const row = rows.get(name);
      row.runs += 1;
      row.killed += result.killed ? 1 : 0;
      row[result.left] += 1;
      for (const problem of result.problems)
        row.problems.push(`run ${run}, ${result.path}: ${problem}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return [...rows.values()];
}

/** Rows as text: numbers right, names left, problems below. */
function table(rows) {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
    (key) => key !== 'problems',
  );
  const cells = [
    columns.concat('lost'),
    ...rows.map((row) =>
      columns.map((key) => String(row[key] ?? '')).concat(String(row.problems.length)),
    ),
  ];
  const widths = cells[0].map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const lines = cells.map((line) =>
    line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
  return [...lines, ...rows.flatMap(({ problems }) => problems)].join('\n');
}

async function main() {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '120' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '2' },
      only: { type: 'string' },
      faults: { type: 'string', default: '12' },
      json: { type: 'boolean', default: false },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-crash-'));
  const options = { ...values, runs: Number(values.runs), seed: Number(values.seed) || 1 };
  const known = knownIn(folder, options.seed);
  const say = (text) => process.stderr.write(`${text}\n`);
  const parts = { kills: await kills(known, folder, { ...options, jobs: Number(values.jobs) }) };
  if (values.faults !== '0') {
    const found = await faults(known, folder, { most: Number(values.faults) });
    if (found.skipped !== undefined) say(`skipped: ${found.skipped}`);
    parts.faults = found.rows;
  }
  parts.meetings = await meetings(known, folder);
  if (values.json) process.stdout.write(`${JSON.stringify(parts)}\n`);
  else process.stdout.write(`${Object.values(parts).map(table).join('\n\n')}\n`);
  const lost = Object.values(parts).some((rows) =>
    rows.some(({ problems }) => problems.length > 0),
  );
  if (lost) say(`evidence: ${folder}`);
  else rmSync(folder, { recursive: true });
  return lost ? 1 : 0;
}

process.exitCode = await main();
