/**
 * The same seed gives the same bytes of tape, whatever surrounds it.
 *
 *   node test/determinism/run.mjs [--runs N] [--seed N] [--from N] [--batch N] [--node PATH ...] [--only NAME]
 *     [--each] [--seconds N] [--no-files] [--json]
 *
 * 1. Runs `from` to `from + N` are made in batches: by this Node in its own surroundings, and again in another
 *    process under one of `variants.mjs` in turn, or the one of that name, or
 *    with `--each` all of them. What `worker.mjs` says of each run has to be the same.
 * 2. Each Node that is named (`nodes.mjs` gets some) makes all of them once more.
 * 3. Compared are the bytes of the closed tape file, all of them; and, where SQLite is not to be had, the events
 *    as encoded, state hashes and a snapshot. Nothing of the file is left out.
 *
 * `--seconds` begins no further batch after that time; rows count what was compared.
 *
 * Prints a row for each variant and each Node; status 1 if anything differs. `--from RUN --runs 1` repeats one.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { optionsOf } from '../tools/arguments.mjs';
import { PLANTED, VARIANTS } from './variants.mjs';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));
const JOBS = 2;
const MOST_SHOWN = 10;

/** Makes runs in a process; resolves to what it said, a line a run. */
function makeRuns(node, variant, options) {
  const { env = {}, bare = false, cwd, more = [], cpus } = variant;
  const job = JSON.stringify({ ...options, ...variant.worker });
  const command = [node, ...(variant.node ?? []), WORKER, job, ...more];
  if (cpus !== undefined && process.platform === 'linux') command.unshift('taskset', '-c', cpus);
  return new Promise((resolve, reject) => {
    const child = spawn(command[0], command.slice(1), {
      cwd,
      env: bare ? {} : { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines = [];
    let stderr = '';
    createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line)));
    child.stderr.on('data', (text) => {
      stderr = (stderr + text).slice(-2000);
    });
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) resolve(lines);
      else
        reject(
          new Error(`${command.slice(0, 3).join(' ')} ended with ${status ?? signal}: ${stderr}`),
        );
    });
  });
}

/** What differs between two lists of runs, and how many were compared. */
function compare(ours, theirs, row) {
  const byRun = new Map(ours.map((made) => [made.run, made]));
  for (const made of theirs) {
    const own = byRun.get(made.run);
    row.runs += 1;
    row.events += made.events;
    if (own.tape !== '' && made.tape !== '') row.files += 1;
    const file = own.tape !== '' && made.tape !== '' && own.tape !== made.tape;
    if (own.stream === made.stream && !file) continue;
    row.different.push(
      `run ${made.run} (${made.kind}): ${own.stream === made.stream ? 'file' : 'events'}`,
    );
  }
}

const newRow = (name) => ({ name, runs: 0, files: 0, events: 0, different: [] });

function versionOf(node) {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
}

async function holdAgainst({ runs, from, seed, batch, files, each, seconds }, nodes, variants) {
  const rows = new Map(variants.map(({ name }) => [name, newRow(name)]));
  const versions = new Map(nodes.map((node) => [node, versionOf(node)]));
  for (const version of versions.values()) rows.set(version, newRow(version));
  const kinds = new Map();
  let next = from;
  let batches = 0;
  const worker = async () => {
    while (next < from + runs && performance.now() < seconds * 1e3) {
      const start = next;
      const to = Math.min(from + runs, start + batch);
      next = to;
      const turn = each ? variants : [variants[batches % variants.length]];
      batches += 1;
      const options = { from: start, to, seed, files };
      const ours = await makeRuns(process.execPath, {}, options);
      for (const { kind } of ours) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      for (const variant of turn) {
        const part = Math.max(1, Math.round((to - start) * (variant.share ?? 1)));
        const theirs = await makeRuns(process.execPath, variant, { ...options, to: start + part });
        compare(ours, theirs, rows.get(variant.name));
      }
      for (const [node, version] of versions) {
        compare(ours, await makeRuns(node, {}, options), rows.get(version));
      }
      process.stderr.write(
        `runs ${start} to ${to - 1}: ${turn.map(({ name }) => name).join(', ')}\n`,
      );
    }
  };
  await Promise.all(Array.from({ length: JOBS }, worker));
  return {
    kinds: Object.fromEntries(kinds),
    rows: [...rows.values()].filter((row) => row.runs > 0),
  };
}

function report({ kinds, rows }) {
  const of = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`);
  process.stdout.write(`Node ${process.version}; runs: ${of.join(', ')}\n`);
  for (const { name, runs, files, events, different } of rows) {
    const counts = `${String(runs).padStart(6)} runs  ${String(files).padStart(6)} files  ${String(events).padStart(10)} events`;
    process.stdout.write(`${name.padEnd(26)}${counts}  ${different.length} different\n`);
    for (const line of different.slice(0, MOST_SHOWN)) process.stdout.write(`  ${line}\n`);
  }
}

async function main() {
  const values = optionsOf(import.meta.url, {
    runs: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    batch: { type: 'string', default: '20' },
    node: { type: 'string', multiple: true, default: [] },
    only: { type: 'string' },
    each: { type: 'boolean', default: false },
    seconds: { type: 'string', default: 'Infinity' },
    'no-files': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  });
  const [runs, seed, from, batch] = ['runs', 'seed', 'from', 'batch'].map((key) =>
    Number(values[key]),
  );
  const variants = [...VARIANTS, PLANTED].filter(({ name }) => name === (values.only ?? name));
  if (values.only === undefined) variants.pop();
  if (variants.length === 0) throw new Error(`there is no variant ${values.only}`);
  const options = {
    runs,
    from,
    seed,
    batch,
    files: !values['no-files'],
    each: values.each,
    seconds: Number(values.seconds),
  };
  const found = await holdAgainst(options, values.node, variants);
  if (values.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else report(found);
  const same = found.rows.length > 0 && found.rows.every(({ different }) => different.length === 0);
  return same ? 0 : 1;
}

process.exitCode = await main();
