/**
 * System calls that fail under a writer: every write, sync, truncation, opening, renaming and removal that
 * concerns the tape, one at a time, once or for good, with an input/output error or a full disk, and writes
 * that write half. The writer must say one clear line with a typed error, and leave what it had committed.
 *
 * A small C library in front of libc does it (`fault.c`), compiled here; without a compiler this is skipped.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { examine, fileOf, filesOf } from './examine.mjs';
import { runChild } from './run-child.mjs';

const SOURCE = fileURLToPath(new URL('./fault.c', import.meta.url));
const EIO = '5';
const ENOSPC = '28';
const BEFORE = 20;
const CODES = new Set(['file-error', 'bad-data', 'tape-busy']);

/** What fails, and how. */
const KINDS = [
  { call: 'write', how: EIO },
  { call: 'write', how: ENOSPC },
  { call: 'write', how: 'short' },
  { call: 'sync', how: EIO },
  { call: 'truncate', how: EIO },
  { call: 'rename', how: EIO },
  { call: 'unlink', how: EIO },
  { call: 'open', how: EIO },
];
const AFTER = ['exit', 'close', 'abort'];

const TASKS = {
  create: { limit: 12, snapshots: true },
  continue: { appendTo: true, limit: BEFORE + 12, snapshots: true },
  flushed: { limit: 6, durability: 'full' },
  threaded: { limit: 6, threaded: true },
};

function compiled(folder) {
  const library = join(folder, 'fault.so');
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl'], {
      stdio: 'pipe',
    });
    return library;
  } catch {
    return undefined;
  }
}

function place(folder, task, known) {
  const own = join(folder, 'fault');
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own);
  const path = join(own, 'faulty.tape');
  if (task.appendTo) copyFileSync(known.before, path);
  return path;
}

/** Runs a task whose call number `at` fails; resolves to what was said and the number of calls. */
async function run(context, task, { call, how, at, once, onError }) {
  const { known, folder, library } = context;
  const path = place(folder, task, known);
  const log = join(folder, 'calls');
  rmSync(log, { force: true });
  const env = {
    LD_PRELOAD: library,
    FAULT_MATCH: 'faulty.tape',
    FAULT_CALL: call,
    FAULT_AT: String(at),
    FAULT_HOW: how,
    FAULT_LOG: log,
    ...(once ? { FAULT_ONCE: '1' } : {}),
  };
  const said = await runChild(
    { ...task, path, known: known.path, onError },
    { env, timeoutMs: 20_000 },
  );
  const calls = existsSync(log) ? Number(readFileSync(log, 'utf8')) : 0;
  return { said, path, calls };
}

/** The line of a stack trace that says what was thrown, and where. */
function explanation(stderr) {
  const lines = stderr.split('\n').map((line) => line.trim());
  const thrown = lines.findIndex((line) => line.startsWith('at '));
  return (thrown > 0 ? lines.slice(thrown - 1, thrown + 4) : lines).join(' | ');
}

function judge(context, task, { said, path }, onError) {
  const problems = [];
  const { errors, status, signal, stderr, closed } = said;
  if (signal !== null || stderr !== '' || (status !== 0 && status !== 3)) {
    problems.push(`crashed: status ${status ?? signal} ${explanation(stderr)}`);
    return problems;
  }
  for (const { code, message } of errors) {
    const clear = CODES.has(code) && !message.includes('\n') && message.includes('faulty.tape');
    if (!clear) problems.push(`not a clear error: ${code} ${message}`);
  }
  if (!closed && errors.length === 0) problems.push('failed without an error');
  const file = fileOf(path, said.pid);
  const gone = onError === 'abort' || task.threaded;
  if (!closed && !task.appendTo && gone) {
    const left = filesOf(path);
    if (context.mayLeave || left.length === 0) return problems;
    problems.push(`given up, and yet there is ${left.join(', ')}`);
    return problems;
  }
  const wanted = {
    segments: Math.max(
      closed && errors.length === 0 ? task.limit : said.segments,
      task.appendTo ? BEFORE : 0,
    ),
    snapshots: said.snapshots,
    promised: task.appendTo || said.segments > 0,
  };
  problems.push(...examine(file, context.known, wanted, { verify: false }).problems);
  return problems;
}

/** One row for a task and a kind of failure: calls fail in turn, at most `most` of them, evenly chosen. */
async function row(context, name, kind, most) {
  const task = TASKS[name];
  const counted = await run(context, task, { ...kind, at: 0, onError: 'exit' });
  if (!counted.said.closed)
    throw new Error(`${name}: ends badly without a fault: ${counted.said.stderr}`);
  const row = {
    name: `${name}, ${kind.call} ${kind.how}`,
    calls: counted.calls,
    runs: 0,
    errors: 0,
    problems: [],
  };
  const step = Math.max(1, counted.calls / most);
  for (let place = 1; Math.floor(place) <= counted.calls; place += step) {
    const at = Math.floor(place);
    // Once a threaded writer has failed, it can only be given up.
    const asked = AFTER[(at + row.runs) % AFTER.length];
    const onError = task.threaded && asked === 'close' ? 'abort' : asked;
    const once = row.runs % 2 === 0;
    const result = await run(context, task, { ...kind, at, once, onError });
    // What cannot be removed may stay.
    const mayLeave = kind.call === 'unlink';
    const problems = judge({ ...context, mayLeave }, task, result, onError);
    row.runs += 1;
    row.errors += result.said.errors.length > 0 ? 1 : 0;
    const which = `${row.name}, call ${at}${once ? ' once' : ''}, then ${onError}`;
    for (const problem of problems) row.problems.push(`${which}: ${problem}`);
  }
  return row;
}

/** All rows, or `skipped`, which says why there are none. `most` bounds the runs of a row. */
export async function faults(known, folder, { most, onRow = () => undefined }) {
  const library = compiled(folder);
  if (library === undefined)
    return { rows: [], skipped: 'no C compiler, failing system calls untested' };
  const context = { known, folder, library };
  const rows = [];
  for (const name of Object.keys(TASKS)) {
    for (const kind of KINDS) {
      const began = performance.now();
      rows.push(await row(context, name, kind, most));
      onRow(rows.at(-1), performance.now() - began);
    }
  }
  return { rows };
}
