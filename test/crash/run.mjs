/**
 * Crash safety of the tape, by experiment.
 *
 *   node test/crash/run.mjs [--runs N] [--seed N] [--only NAME]… [--jobs N] [--parts a,b] [--calls N] [--faults N]
 *     [--cuts N] [--meetings N] [--json]
 *
 * kills     N writers are killed with SIGKILL at seeded instants, in turn in each scenario of `kills.mjs`. What
 *           each leaves is compared with the known stream, checked, appended to, and (one in eight) decided again.
 * calls     Writers are killed at each system call, up to `--calls` in a scenario (`calls.mjs`).
 * faults    System calls fail, one at a time, up to `--faults` of each kind (`faults.mjs`).
 * power     The power fails: what was not flushed is lost, torn or reordered, `--cuts` times (`power.mjs`).
 * meetings  Writers and readers meet on one tape, `--meetings` times (`meetings.mjs`).
 *
 * `--only` takes the scenarios of that name, in every part. calls, faults and power need a C compiler. Prints tables; status 1 if anything was lost, and then the folder
 * with the evidence stays. A signal to end lets what is under way end, and what was found is printed.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generator } from '../bench/stream.mjs';
import { optionsOf } from '../tools/arguments.mjs';
import { calls } from './calls.mjs';
import { faults } from './faults.mjs';
import { killOnce, measureStage, SCENARIOS, writeBefore } from './kills.mjs';
import { digestOf, openKnown, writeKnown } from './known.mjs';
import { meetings } from './meetings.mjs';
import { oldContent } from './migrating.mjs';
import { power } from './power.mjs';
import { asked, inTurn } from './preload.mjs';

const VERIFY_EVERY = 8;

/** A tape with the digests of what is in it. */
function opened(path) {
  const known = { path, ...openKnown(path) };
  known.digest = digestOf(known.reader);
  return known;
}

/** Makes the known stream in `folder`, and what else is there before a run. */
async function knownIn(folder, seed) {
  const path = join(folder, 'known.tape');
  writeKnown(path, seed);
  const known = opened(path);
  await writeBefore(folder, known);
  known.beforeBytes = readFileSync(known.before);
  known.imported = opened(join(folder, 'imported.tape'));
  known.importInto = (target) => SCENARIOS.import.task.cli(target);
  known.contentOf = oldContent;
  return known;
}

/** Kills `runs` writers, `jobs` at a time; resolves to a row for each scenario. */
async function kills(known, folder, { runs, seed, jobs, only, say }) {
  const names = Object.keys(SCENARIOS)
    .filter((name) => only?.includes(name) ?? true)
    .slice(0, runs);
  const draw = generator(seed);
  const tries = [];
  const rows = [];
  for (const [i, name] of names.entries()) {
    const count = Math.floor(runs / names.length) + (i < runs % names.length ? 1 : 0);
    const row = { name, kind: SCENARIOS[name].kind, runs: 0, killed: 0, late: 0 };
    rows.push(Object.assign(row, { nothing: 0, prefix: 0, whole: 0, old: 0, problems: [] }));
    for (let k = 0; k < count; k += 1) {
      tries.push({ row, name, k, share: (k + draw(1 << 20) / (1 << 20)) / count });
    }
  }
  tries.sort((a, b) => a.k - b.k);
  const stages = new Map();
  const times = runs < 10 * names.length ? 1 : 3;
  for (const name of names) stages.set(name, await measureStage(name, known, folder, times));
  let done = 0;
  await inTurn(tries, jobs, async ({ row, name, share }) => {
    const run = done++;
    if (run % 100 === 0) say(`kills: ${run} of ${tries.length}`);
    const options = { run, share, stageMs: stages.get(name), verify: run % VERIFY_EVERY === 0 };
    const result = await killOnce(name, known, folder, options);
    row.runs += 1;
    row.killed += result.killed ? 1 : 0;
    row.late += result.late;
    row[result.left] += 1;
    for (const problem of result.problems)
      row.problems.push(`run ${run}, ${result.path}: ${problem}`);
  });
  return rows;
}

/** Sums of rows by what the writers were about. */
function byKind(rows) {
  const sums = new Map();
  for (const { kind, runs, killed, problems } of rows) {
    const sum = sums.get(kind) ?? { name: `all ${kind}`, runs: 0, killed: 0, problems: [] };
    sum.runs += runs;
    sum.killed += killed;
    sum.problems.push(...problems);
    sums.set(kind, sum);
  }
  return [...sums.values()].map(({ problems, ...sum }) => ({ ...sum, lost: problems.length }));
}

/** Rows as text: numbers right, names left, problems below. */
function table(rows) {
  const counted = rows.map(({ problems, ...row }) => ({ lost: problems?.length ?? 0, ...row }));
  const columns = [...new Set(counted.flatMap((row) => Object.keys(row)))].filter(
    (key) => key !== 'lost',
  );
  const cells = [
    columns.concat('lost'),
    ...counted.map((row) => columns.concat('lost').map((key) => String(row[key] ?? ''))),
  ];
  const widths = cells[0].map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  const lines = cells.map((line) =>
    line.map((cell, i) => (i < 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
  return [...lines, ...rows.flatMap(({ problems = [] }) => problems)].join('\n');
}

const PARTS = {
  kills: (known, folder, options) => kills(known, folder, options),
  calls: (known, folder, options) => calls(known, folder, { ...options, most: options.calls }),
  faults: (known, folder, options) => faults(known, folder, { ...options, most: options.faults }),
  power: (known, folder, options) => power(known, folder, options),
  meetings: (known, folder, options) => meetings(known, folder, options),
};

function givenOptions() {
  const number = (value) => ({ type: 'string', default: String(value) });
  const values = optionsOf(import.meta.url, {
    runs: number(120),
    seed: number(1),
    jobs: number(2),
    calls: number(24),
    faults: number(6),
    cuts: number(100),
    meetings: number(6),
    only: { type: 'string', multiple: true },
    parts: { type: 'string', default: Object.keys(PARTS).join() },
    json: { type: 'boolean', default: false },
  });
  const numbers = ['runs', 'seed', 'jobs', 'calls', 'faults', 'cuts', 'meetings'];
  return { ...values, ...Object.fromEntries(numbers.map((name) => [name, Number(values[name])])) };
}

async function main() {
  const given = givenOptions();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      asked.toStop = true;
    });
  }
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-crash-'));
  const say = (text) => process.stderr.write(`${text}\n`);
  const known = await knownIn(folder, given.seed || 1);
  const onRow = ({ name, runs }, ms) => say(`${name}: ${runs} runs, ${(ms / 1000).toFixed(1)} s`);
  const found = {};
  for (const name of given.parts.split(',')) {
    if (asked.toStop) break;
    if (!Object.hasOwn(PARTS, name)) throw new Error(`there is no part ${name}`);
    const result = await PARTS[name](known, folder, { ...given, say, onRow });
    if (result.skipped !== undefined) say(`skipped: ${result.skipped}`);
    found[name] = result.rows ?? result;
    if (given.json) continue;
    process.stdout.write(`${name}\n${table(found[name])}\n\n`);
    if (name === 'kills' || name === 'calls') {
      process.stdout.write(`${table(byKind(found[name]))}\n\n`);
    }
  }
  if (given.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  const lost = Object.values(found).some((rows) =>
    rows.some(({ problems }) => problems.length > 0),
  );
  if (lost) say(`evidence: ${folder}`);
  else rmSync(folder, { recursive: true });
  return lost ? 1 : 0;
}

process.exitCode = await main();
