/**
 * Taking measurements that mean something on a busy machine.
 *
 * 1. Every timed piece of work runs in a process of its own: compiled code, heap and caches start
 *    equal for both sides, and peak memory belongs to one of them. A child is this benchmark program
 *    again (`run.mjs --child BENCH TASK PARAMS`); it prints one JSON object.
 * 2. The two sides take turns within a round, so that a slow minute hits both. A figure is the median of
 *    its rounds; a ratio is the quotient of the two medians.
 * 3. The clock is wall time less the time that the main thread was ready to run but had no CPU, where
 *    the system tells (Linux). What neighbours do then shows far less.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('run.mjs', import.meta.url));
const QUEUE_FILE = '/proc/thread-self/schedstat';

/** Nanoseconds that this thread has waited for a CPU; 0 where that is unknown. */
function waitedNs() {
  try {
    return Number(readFileSync(QUEUE_FILE, 'latin1').split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Starts a stopwatch; calling the result gives the seconds since, queueing excluded. */
export function stopwatch() {
  const waited = waitedNs();
  const started = performance.now();
  return () => {
    const wall = (performance.now() - started) / 1e3;
    return Math.max(1e-9, wall - (waitedNs() - waited) / 1e9);
  };
}

/** Runs a command and parses the JSON object that it prints. Rejects with what it said on stderr. */
export function runJson(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      err += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(out));
      else reject(new Error(`${command} ${args.join(' ')}: exit ${code}: ${err.slice(-2000)}`));
    });
  });
}

/** Runs one task of a benchmark in a fresh process. */
export function inChild(bench, task, params = {}, flags = []) {
  const args = [...flags, PROGRAM, '--child', bench, task, JSON.stringify(params)];
  return runJson(process.execPath, args);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value that a share of the values stays at or below. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/**
 * Calls each of `sides` once a round, in turn, and returns all they returned, by name. A side that is
 * undefined is left out.
 */
export async function rounds(count, sides) {
  const results = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < count; round += 1) {
    for (const [name, side] of Object.entries(sides)) {
      if (side !== undefined) results[name].push(await side());
    }
  }
  return results;
}

/** Median of one field over what a side returned; null when the side was left out. */
export function medianOf(results, field) {
  return results.length === 0 ? null : median(results.map((result) => result[field]));
}
