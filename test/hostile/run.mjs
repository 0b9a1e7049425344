/**
 * Hostile files: damaged inputs for every importer, in processes that are watched.
 *
 *   node test/hostile/run.mjs [--format NAME] [--runs N] [--seed N] [--from N] [--jobs N] [--seconds N]
 *                             [--most-ms N] [--json]
 *
 * Formats: exectrace, heapdump, gctrace, tape, segment (the inside of a tape, past its checksums) and events
 * (the inside of a segment); all of them when none is named. `canary` has planted bugs. A case must end within
 * ten seconds and 1 GiB, with a typed error of one line or a good result, whose invariants must hold. Anything
 * else is a finding: it is printed with its number, and `--from NUMBER --runs 1` with the same seed repeats it.
 * `--seconds` ends each format after so long, however many have run. Prints how many ended how, the slowest case, and the process that grew largest. Status 1 if there is a finding.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { optionsOf } from '../tools/arguments.mjs';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));
const FORMATS = ['exectrace', 'heapdump', 'gctrace', 'tape', 'segment', 'events'];
const START_MS = 60_000;
/** Cases of one process: many, for its start and its warming up are dear. */
const BATCH = 2000;

/** Runs cases `from` to `to` in a process of their own; resolves to the first that is left. */
function runBatch(
  { format, seed, mostMs, until },
  from,
  to,
  { finding: onFinding, ended: onEnded },
) {
  return new Promise((resolve) => {
    const child = fork(WORKER, [JSON.stringify({ format, seed, until })], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let at = from;
    let stderr = '';
    let done = false;
    let timer;
    const watch = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        onFinding({ number: at, what: `no end within ${ms} ms` });
        onEnded({ number: at, code: 'killed', ms, rss: 0 });
        child.kill('SIGKILL');
      }, ms);
    };
    watch(START_MS);
    child.stderr.on('data', (text) => {
      stderr = (stderr + text).slice(-2000);
    });
    child.on('message', ({ ready, finding, ended, begin, done: finished }) => {
      if (ready) child.send({ from, to });
      else if (finding) onFinding(finding);
      else if (ended) {
        at = ended.number + 1;
        onEnded(ended);
      } else if (finished) {
        done = true;
        clearTimeout(timer);
        child.kill('SIGTERM');
      } else {
        at = begin;
        watch(mostMs);
      }
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      if (done) return resolve(at);
      if (signal !== 'SIGKILL') {
        onFinding({ number: at, what: `ended with ${status ?? signal}: ${stderr}` });
        onEnded({ number: at, code: 'died', ms: 0, rss: 0 });
      }
      resolve(at + 1);
    });
  });
}

async function fuzz(format, { seed, from, runs, jobs, mostMs, seconds }) {
  const until = Date.now() + seconds * 1000;
  const began = performance.now();
  const row = {
    format,
    runs,
    seed,
    codes: {},
    slowest: { ms: 0 },
    largest: { rss: 0 },
    seconds: 0,
    findings: [],
  };
  const seen = new Map();
  const finding = (one) => {
    const place = one.what.replace(/[\d.e+]+/g, 'N').slice(0, 200);
    const same = seen.get(place);
    if (same !== undefined) same.times += 1;
    else {
      seen.set(place, { ...one, times: 1 });
      row.findings.push(seen.get(place));
    }
  };
  const ended = ({ number, bytes, ms, rss, code }) => {
    row.codes[code] = (row.codes[code] ?? 0) + 1;
    if (ms > row.slowest.ms) row.slowest = { number, bytes, ms };
    if (rss > row.largest.rss) row.largest = { number, bytes, rss };
  };
  let next = from;
  const worker = async () => {
    while (next < from + runs && Date.now() < until) {
      let at = next;
      const to = Math.min(from + runs, at + BATCH);
      next = to;
      while (at < to && Date.now() < until) {
        at = await runBatch({ format, seed, mostMs, until }, at, to, { finding, ended });
        process.stderr.write(`${format}: ${at - from} of ${runs}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  row.runs = Object.values(row.codes).reduce((sum, count) => sum + count, 0);
  row.seconds = Math.round((performance.now() - began) / 1e3);
  return row;
}

function textOf({ format, runs, seed, codes, slowest, largest, seconds, findings }) {
  const { good = 0, ...others } = codes;
  const refused = Object.entries(others).sort((a, b) => b[1] - a[1]);
  const counts = [['good', good], ...refused].map(([code, count]) => `${count} ${code}`).join(', ');
  const lines = [
    `${format}: ${runs} inputs of seed ${seed} in ${seconds} s: ${counts}`,
    `  slowest ${slowest.ms} ms (case ${slowest.number}), largest process ${largest.rss >> 10} MiB (case ${largest.number}); ${findings.length} findings`,
    ...findings.map((finding) => `  ${JSON.stringify(finding)}`),
  ];
  return `${lines.join('\n')}\n`;
}

async function main() {
  const values = optionsOf(import.meta.url, {
    format: { type: 'string' },
    runs: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    jobs: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '86400' },
    'most-ms': { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  });
  const [seed, from, runs, jobs] = ['seed', 'from', 'runs', 'jobs'].map((key) =>
    Number(values[key]),
  );
  const rows = [];
  for (const format of values.format === undefined ? FORMATS : [values.format]) {
    const [mostMs, seconds] = [Number(values['most-ms']), Number(values.seconds)];
    const row = await fuzz(format, { seed, from, runs, jobs, mostMs, seconds });
    rows.push(row);
    if (!values.json) process.stdout.write(textOf(row));
  }
  if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
  return rows.length === 0 || rows.some(({ findings }) => findings.length > 0) ? 1 : 0;
}

process.exitCode = await main();
