/**
 * Writers and readers on one tape: of several writers that start at once, those who come second are refused by
 * name and disturb nobody, and no two write at the same time; a reader beside a writer, in another process
 * and by the command line too, sees whole segments of the stream, never fewer than before.
 */
import { copyFileSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { openTape } from '@heaptape/log';
import { HeaptapeError } from '@heaptape/schema';
import { examine, filesOf } from './examine.mjs';
import { digestOf } from './known.mjs';
import { runChild } from './run-child.mjs';

function place(folder, name, from) {
  mkdirSync(join(folder, name), { recursive: true });
  const path = join(folder, name, 'x.tape');
  if (from !== undefined) copyFileSync(from, path);
  return path;
}

/** Whether two of those who were let in held the tape at the same time. */
function together(all) {
  const held = all.flatMap(({ held: times }) => (times === undefined ? [] : [times]));
  held.sort(([a], [b]) => (a < b ? -1 : 1));
  return held.some(([from], i) => i > 0 && from < held[i - 1][1]);
}

/**
 * Starts a writer for each of `options` at once on one tape: each ends well or is refused by name, one at
 * least ends well, and no two at the same time.
 */
async function race(name, known, folder, rounds, { before, writers }) {
  const row = { name, runs: 0, refused: 0, problems: [] };
  for (let run = 0; run < rounds; run += 1) {
    const path = place(folder, `${name}-${run}`.replaceAll(' ', '-'), before && known[before]);
    const link = `${path}.link`;
    if (writers.some(({ linked }) => linked)) symlinkSync(path, link);
    const tasks = writers.map(({ linked, ...options }) => {
      return { known: known.path, path: linked ? link : path, ...options };
    });
    const all = await Promise.all(tasks.map((task) => runChild(task)));
    row.runs += 1;
    if (!all.some(({ closed }) => closed)) row.problems.push(`${path}: nobody could write`);
    if (together(all)) row.problems.push(`${path}: two wrote at the same time`);
    for (const { closed, errors, stderr, status } of all) {
      if (closed) continue;
      const [error] = errors;
      const named = error?.code === 'tape-busy' && error.message.startsWith(`${path}: `);
      if (named) row.refused += 1;
      else row.problems.push(`${path}: ended with ${status}, ${JSON.stringify(errors)} ${stderr}`);
    }
    const wanted = { segments: known.count, snapshots: 0, promised: true };
    row.problems.push(...examine(path, known, wanted, { verify: false }).problems);
  }
  return row;
}

/** A second writer is refused while the first lives, and lets a third go on once it was killed. */
async function succession(name, known, folder, rounds) {
  const row = { name, runs: 0, refused: 0, problems: [] };
  for (let run = 0; run < rounds; run += 1) {
    const path = place(folder, `${name}-${run}`.replaceAll(' ', '-'), known.before);
    const task = { known: known.path, path, appendTo: true };
    let second;
    // Slow enough for the second to be there before it dies.
    const first = await runChild(
      { ...task, dies: true, pauseMs: 25 },
      {
        onLine: (line) => {
          if (line === 'open') second = runChild(task);
        },
      },
    );
    const { errors, closed } = await second;
    row.runs += 1;
    const named = errors[0]?.message === `${path}: process ${first.pid} is writing this tape`;
    if (named) row.refused += 1;
    else if (!closed) row.problems.push(`${path}: not refused by name: ${JSON.stringify(errors)}`);
    const third = await runChild(task);
    if (!third.closed) row.problems.push(`${path}: the third: ${JSON.stringify(third.errors)}`);
    const wanted = { segments: known.count, snapshots: 0, promised: true };
    row.problems.push(...examine(path, known, wanted, { verify: false }).problems);
  }
  return row;
}

/** Reads a tape again and again while it is written: what is seen is always whole segments of the stream. */
async function beside(name, known, folder, _rounds, options) {
  const row = { name, runs: 0, reads: 0, problems: [] };
  const path = place(folder, name, options.appendTo ? known.before : undefined);
  let running = true;
  const writing = runChild({ known: known.path, path, snapshots: true, ...options }).finally(() => {
    running = false;
  });
  let least = 0;
  while (running) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    const file = options.appendTo ? path : fileOfPartial(path);
    if (file === undefined) continue;
    try {
      const reader = openTape(file);
      const { segments } = digestOf(reader);
      reader.close();
      row.reads += 1;
      const different = segments.findIndex((digest, i) => digest !== known.digest.segments[i]);
      if (different >= 0) row.problems.push(`segment ${different} is another`);
      if (segments.length < least) row.problems.push(`${least} segments became ${segments.length}`);
      least = segments.length;
    } catch (error) {
      if (!(error instanceof HeaptapeError)) throw error;
      // A tape that is just being made, or was just renamed, may be none yet or no more.
      const early = least === 0 && !options.appendTo;
      const gone = fileOfPartial(path) === undefined && !options.appendTo;
      if (!early && !gone) row.problems.push(`${error.code}: ${error.message}`);
    }
  }
  const { closed, errors, stderr } = await writing;
  row.runs = 1;
  if (!closed) row.problems.push(`the writer failed: ${JSON.stringify(errors)} ${stderr}`);
  const wanted = { segments: known.count, snapshots: 0, promised: true };
  row.problems.push(...examine(path, known, wanted, { verify: false }).problems);
  return row;
}

/** What the command line is asked about a tape that is being written. */
const QUESTIONS = [
  (file) => ['check', file, '--json'],
  (file) => ['replay', file, '--verify', '--json'],
  (file) => ['state', file, '--json'],
  (file) => ['sql', file, 'SELECT max(seq), count(*) FROM events', '--json'],
];

/** What is wrong with an answer: of whole segments, and nothing but that the tape is not closed. */
function answerProblem(known, verb, { status, stdout, stderr }) {
  if (stdout === '') return `${verb}: status ${status}: ${stderr.trim()}`;
  const answer = JSON.parse(stdout);
  if (verb === 'check') {
    const other = answer.problems.filter((line) => !line.startsWith('the tape was not closed'));
    return other.length === 0 ? undefined : `check: ${other.join('; ')}`;
  }
  const events = verb === 'sql' ? answer.rows[0][0] : (answer.events ?? answer.event);
  if (verb === 'sql' && answer.rows[0][0] !== answer.rows[0][1]) return 'sql: events are missing';
  if (verb === 'replay' && !answer.verified) return `replay: ${JSON.stringify(answer)}`;
  const { segments } = known.reader;
  const ends = segments.some(({ firstSeq, count }) => firstSeq + count - 1 === events);
  return ends || events === null ? undefined : `${verb}: half a segment, ${events} events`;
}

/** Asks the command line again and again while a tape is written, slowly. */
async function asked(name, known, folder, rounds, options) {
  const row = { name, runs: 1, reads: 0, problems: [] };
  const path = place(
    folder,
    name.replaceAll(' ', '-'),
    options.appendTo ? known.before : undefined,
  );
  const task = { known: known.path, path, snapshots: true, pauseMs: 10 * rounds, ...options };
  let running = true;
  const writing = runChild(task).finally(() => {
    running = false;
  });
  for (let i = 0; running; i += 1) {
    const file = options.appendTo ? path : fileOfPartial(path);
    if (file === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      continue;
    }
    const args = QUESTIONS[i % QUESTIONS.length](file);
    const answer = await runChild({ cli: args });
    // A tape that is just being made may be none yet, and one that was just closed has another name.
    if (answer.stdout === '' && !options.appendTo && (i < 2 || !existsSync(file))) continue;
    row.reads += 1;
    const problem = answerProblem(known, args[0], answer);
    if (problem !== undefined) row.problems.push(problem);
  }
  const { closed, errors, stderr } = await writing;
  if (!closed) row.problems.push(`the writer failed: ${JSON.stringify(errors)} ${stderr}`);
  const wanted = { segments: known.count, snapshots: 0, promised: true };
  row.problems.push(...examine(path, known, wanted, { verify: false }).problems);
  return row;
}

const fileOfPartial = (path) => filesBeside(path).find((file) => file !== path);

function filesBeside(path) {
  return filesOf(path)
    .filter((name) => !/-(?:wal|shm|journal)$/.test(name))
    .map((name) => join(path, '..', name));
}

const append = { appendTo: true };
const MEETINGS = {
  'three create': (...all) => race(...all, { writers: [{}, {}, {}] }),
  'three continue': (...all) =>
    race(...all, { before: 'before', writers: [append, append, append] }),
  'three create, threaded': (...all) =>
    race(...all, { writers: [{ threaded: true }, { threaded: true }, { threaded: true }] }),
  'two create, two continue': (...all) =>
    race(...all, { before: 'before', writers: [{}, append, {}, append] }),
  'by another name': (...all) =>
    race(...all, { before: 'before', writers: [append, { ...append, linked: true }, append] }),
  'three continue what was killed': (...all) =>
    race(...all, { before: 'killed', writers: [append, append, append] }),
  'first, second, third': (...all) => succession(...all),
  'reader and new tape': (...all) => beside(...all, {}),
  'reader and continued tape': (...all) => beside(...all, append),
  'reader and threaded writer': (...all) => beside(...all, { threaded: true }),
  'questions about a new tape': (...all) => asked(...all, {}),
  'questions about a continued tape': (...all) => asked(...all, append),
};

/** All meetings, `rounds` times where they are short; a row each. */
export async function meetings(known, folder, { meetings: rounds, only, onRow }) {
  const rows = [];
  for (const [name, meet] of Object.entries(MEETINGS)) {
    if (!(only?.includes(name) ?? true)) continue;
    const began = performance.now();
    rows.push(await meet(name, known, folder, rounds));
    onRow?.(rows.at(-1), performance.now() - began);
  }
  return rows;
}
