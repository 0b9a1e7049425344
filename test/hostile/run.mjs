/**
 * Hostile files: damaged inputs for every importer, in processes that are watched.
 *
 *   node test/hostile/run.mjs [--format NAME] [--runs N] [--seed N] [--from N] [--jobs N] [--most-ms N] [--json]
 *
 * Formats: exectrace, heapdump, gctrace, tape, segment (the inside of a tape, past its checksums) and events
 * (the inside of a segment); all of them when none is named. `canary` has planted bugs. A case must end within ten seconds and 1 GiB, with a typed error of one line or a good
 * result. Anything else is a finding: it is printed with its number, and `--from NUMBER --runs 1` with the same
 * seed repeats it. Status 1 if there is one.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));
const FORMATS = ['exectrace', 'heapdump', 'gctrace', 'tape', 'segment', 'events'];
const START_MS = 60_000;
const BATCH = 500;

/** Runs cases `from` to `to` in a process of their own; resolves to where it stopped, and its counts. */
function runBatch({ format, seed, mostMs }, from, to, onFinding) {
  return new Promise((resolve) => {
    const child = fork(WORKER, [JSON.stringify({ format, seed })], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let at = from;
    let stderr = '';
    let result;
    let timer;
    const watch = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        onFinding({ number: at, what: `no end within ${ms} ms` });
        child.kill('SIGKILL');
      }, ms);
    };
    watch(START_MS);
    child.stderr.on('data', (text) => {
      stderr = (stderr + text).slice(-2000);
    });
    child.on('message', (message) => {
      if (message.ready) child.send({ from, to });
      else if (message.finding) onFinding(message.finding);
      else if (message.done === undefined) {
        at = message.begin;
        watch(mostMs);
      } else {
        result = message;
        clearTimeout(timer);
        child.kill('SIGTERM');
      }
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      if (result !== undefined) return resolve({ next: result.done, ...result });
      if (signal !== 'SIGKILL')
        onFinding({ number: at, what: `ended with ${status ?? signal}: ${stderr}` });
      resolve({ next: at + 1, refused: 0, good: at - from });
    });
  });
}

async function fuzz(format, { seed, from, runs, jobs, mostMs }) {
  const began = performance.now();
  const row = { format, runs, refused: 0, good: 0, seconds: 0, findings: [] };
  const seen = new Set();
  let next = from;
  const worker = async () => {
    while (next < from + runs) {
      let at = next;
      const to = Math.min(from + runs, at + BATCH);
      next = to;
      while (at < to) {
        const result = await runBatch({ format, seed, mostMs }, at, to, (finding) => {
          const place = finding.what.replace(/\d+/g, 'N');
          if (!seen.has(place)) row.findings.push(finding);
          seen.add(place);
        });
        row.refused += result.refused;
        row.good += result.good;
        at = result.next;
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  row.seconds = Math.round((performance.now() - began) / 1e3);
  return row;
}

async function main() {
  const { values } = parseArgs({
    options: {
      format: { type: 'string' },
      runs: { type: 'string', default: '500' },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      jobs: { type: 'string', default: '2' },
      'most-ms': { type: 'string', default: '10000' },
      json: { type: 'boolean', default: false },
    },
  });
  const [seed, from, runs, jobs] = ['seed', 'from', 'runs', 'jobs'].map((key) =>
    Number(values[key]),
  );
  const rows = [];
  for (const format of values.format === undefined ? FORMATS : [values.format]) {
    const row = await fuzz(format, { seed, from, runs, jobs, mostMs: Number(values['most-ms']) });
    rows.push(row);
    if (values.json) continue;
    const { refused, good, seconds, findings } = row;
    const counts = `${runs} runs, ${refused} refused, ${good} good, ${findings.length} findings, ${seconds} s`;
    process.stdout.write(`${format.padEnd(10)} ${counts}\n`);
    for (const finding of findings) process.stdout.write(`  ${JSON.stringify(finding)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
  return rows.length === 0 || rows.some(({ findings }) => findings.length > 0) ? 1 : 0;
}

process.exitCode = await main();
