/**
 * System calls that fail under a writer: every write, sync, truncation, opening, closing, mapping, renaming and
 * removal that concerns the tape or its folder, one at a time, once or for good, with an input/output error, a
 * full disk, a used-up quota, a disk that became read-only or too many open files, and writes that write
 * half. The writer must say one clear line with a typed error, and leave what it had committed.
 *
 * A small C library in front of libc does it (`fault.c`), compiled here; without a compiler this is skipped.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { examine, fileOf, filesOf } from './examine.mjs';
import { asked, compiled, inTurn, spread } from './preload.mjs';
import { runChild } from './run-child.mjs';

const BEFORE = 20;
const CODES = new Set(['file-error', 'bad-data', 'tape-busy']);
const ERRNO = { EIO: 5, ENOMEM: 12, EACCES: 13, EMFILE: 24, ENOSPC: 28, EROFS: 30, EDQUOT: 122 };

/** What fails, and how. */
const KINDS = [
  ...['EIO', 'ENOSPC', 'EDQUOT', 'short'].map((how) => ({ call: 'write', how })),
  ...['EIO', 'ENOSPC', 'EDQUOT'].map((how) => ({ call: 'sync', how })),
  ...['EIO', 'EROFS'].map((how) => ({ call: 'truncate', how })),
  ...['EIO', 'ENOSPC', 'EROFS'].map((how) => ({ call: 'rename', how })),
  ...['EIO', 'EROFS'].map((how) => ({ call: 'unlink', how })),
  ...['EIO', 'EACCES', 'EMFILE', 'ENOSPC', 'EROFS'].map((how) => ({ call: 'open', how })),
  { call: 'close', how: 'EIO' },
  { call: 'map', how: 'ENOMEM' },
];
const AFTER = ['exit', 'close', 'abort'];

const TASKS = {
  create: { limit: 6, snapshots: true },
  continue: { appendTo: true, limit: BEFORE + 6, snapshots: true },
  flushed: { limit: 4, durability: 'full' },
  threaded: { limit: 4, threaded: true },
  replace: { limit: 3, over: 'killed' },
  import: { import: true },
};

function place(folder, name, task, known) {
  const own = join(folder, name, 'faulty.tape.d');
  rmSync(join(folder, name), { recursive: true, force: true });
  mkdirSync(own, { recursive: true });
  const path = join(own, 'faulty.tape');
  const over = task.appendTo ? 'before' : task.over;
  for (const side of over === undefined ? [] : ['', '-wal']) {
    if (existsSync(known[over] + side)) copyFileSync(known[over] + side, path + side);
  }
  return path;
}

/** Runs a task whose call number `at` fails; resolves to what was said and the number of calls. */
async function run(context, name, { call, how, at, once, onError }) {
  const { known, folder, library } = context;
  const task = TASKS[name];
  const own = `fault-${name}-${call}-${how}-${at}`;
  const path = place(folder, own, task, known);
  const log = join(folder, own, 'calls');
  const env = {
    LD_PRELOAD: library,
    FAULT_MATCH: 'faulty.tape',
    FAULT_CALL: call,
    FAULT_AT: String(at),
    FAULT_HOW: String(ERRNO[how] ?? how),
    FAULT_LOG: log,
    ...(once ? { FAULT_ONCE: '1' } : {}),
  };
  const whole = task.import
    ? { cli: known.importInto(path) }
    : { ...task, path, known: known.path, onError };
  const said = await runChild(whole, { env, timeoutMs: 30_000 });
  if (task.import) said.errors = errorsOf(said);
  const calls = existsSync(log) ? Number(readFileSync(log, 'utf8')) : 0;
  return { said, path, calls, own: join(folder, own) };
}

/** What the command line said of what went wrong: one line, a hint, and status 2. */
function errorsOf({ status, stdout, stderr }) {
  const said = /^heaptape: ([^\n]+)\nhint: [^\n]+\n$/.exec(stderr);
  if (status !== 2 || said === null || stdout !== '') return [];
  return [{ code: said[1].includes('internal error') ? 'bug' : 'file-error', message: said[1] }];
}

/** The line of a stack trace that says what was thrown, and where. */
function explanation(stderr) {
  const lines = stderr.split('\n').map((line) => line.trim());
  const thrown = lines.findIndex((line) => line.startsWith('at '));
  return (thrown > 0 ? lines.slice(thrown - 1, thrown + 4) : lines).join(' | ');
}

function judge(context, name, { said, path }, onError) {
  const task = TASKS[name];
  const problems = [];
  const { errors, status, signal, stderr, closed } = said;
  const quiet = task.import ? closed || errors.length > 0 : stderr === '';
  if (signal !== null || !quiet || ![0, task.import ? 2 : 3].includes(status)) {
    problems.push(`crashed: status ${status ?? signal} ${explanation(stderr)}`);
    return problems;
  }
  for (const { code, message } of errors) {
    const clear = CODES.has(code) && !message.includes('\n') && message.includes('faulty.tape');
    if (!clear) problems.push(`not a clear error: ${code} ${message}`);
  }
  if (!closed && errors.length === 0) problems.push('failed without an error');
  const file = fileOf(path, said.pid);
  const gone = onError === 'abort' || task.threaded || task.import;
  if (task.over !== undefined && !closed && (file === path || gone)) {
    const wanted = { segments: BEFORE, snapshots: 0, promised: true };
    const old = examine(path, context.known, wanted, { verify: false, only: true });
    // Where only the folder could not be flushed, the new tape is there.
    const renamed = old.left === 'whole' && old.segments === task.limit;
    return renamed ? problems : problems.concat(old.problems);
  }
  if (!closed && !task.appendTo && gone) {
    const left = filesOf(path);
    // Renamed already when the folder could not be flushed: whole, and there.
    if (left.length === 1 && file === path) {
      return problems.concat(wholeProblems(context, task, path));
    }
    if (context.mayLeave || left.length === 0) return problems;
    problems.push(`given up, and yet there is ${left.join(', ')}`);
    return problems;
  }
  if (task.import) return problems.concat(wholeProblems(context, task, path));
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

/** What is wrong with a tape under its final name. */
function wholeProblems({ known }, task, path) {
  const stream = task.import ? known.imported : known;
  const segments = task.import ? stream.count : task.limit;
  const wanted = { segments, snapshots: 0, promised: true };
  const { left, problems } = examine(path, stream, wanted, { verify: false });
  return left === 'whole' ? problems : [...problems, 'under its final name, and not closed'];
}

/** How many calls of a kind a task makes when none fails. */
async function countOf(context, name, kind) {
  const key = `${name} ${kind.call}`;
  const known = context.counts.get(key);
  if (known !== undefined) return known;
  const { said, calls } = await run(context, name, { ...kind, at: 0, onError: 'exit' });
  if (!said.closed) throw new Error(`${name}: ends badly without a fault: ${said.stderr}`);
  context.counts.set(key, calls);
  return calls;
}

/** One row for a task and a kind of failure: calls fail in turn, at most `most` of them, evenly chosen. */
async function row(context, name, kind, most) {
  const task = TASKS[name];
  const count = await countOf(context, name, kind);
  const row = {
    name: `${name}, ${kind.call} ${kind.how}`,
    calls: count,
    runs: 0,
    errors: 0,
    problems: [],
  };
  await inTurn(spread(count, most), context.jobs, async (at) => {
    // Once a threaded writer has failed, it can only be given up.
    const asked = AFTER[(at + row.runs) % AFTER.length];
    const onError = task.threaded && asked === 'close' ? 'abort' : asked;
    const once = row.runs % 2 === 0;
    row.runs += 1;
    const result = await run(context, name, { ...kind, at, once, onError });
    // What cannot be removed may stay.
    const mayLeave = kind.call === 'unlink' || kind.call === 'open';
    const problems = judge({ ...context, kind, mayLeave }, name, result, onError);
    row.errors += result.said.errors.length > 0 ? 1 : 0;
    const which = `${row.name}, call ${at}${once ? ' once' : ''}, then ${onError}`;
    for (const problem of problems) row.problems.push(`${which}: ${problem}`);
    if (problems.length === 0) rmSync(result.own, { recursive: true });
  });
  return row;
}

/** All rows, or `skipped`, which says why there are none. `most` bounds the runs of a row. */
export async function faults(known, folder, { most, jobs, only, onRow = () => undefined }) {
  const library = compiled(folder, 'fault');
  if (library === undefined)
    return { rows: [], skipped: 'no C compiler, failing system calls untested' };
  const context = { known, folder, library, jobs, counts: new Map() };
  const rows = [];
  for (const name of Object.keys(TASKS)) {
    if (!(only?.includes(name) ?? true)) continue;
    for (const kind of KINDS) {
      if (asked.toStop) break;
      const began = performance.now();
      const result = await row(context, name, kind, most);
      if (result.calls > 0) rows.push(result);
      onRow(result, performance.now() - began);
    }
  }
  return { rows };
}
