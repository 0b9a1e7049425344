/**
 * Writers and readers on one tape: of several writers that start at once, those who come second are refused by
 * name and disturb nobody; a reader beside a writer sees whole segments of the stream, never fewer than before.
 */
import { copyFileSync, mkdirSync } from 'node:fs';
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

/** Starts `writers` at once on one tape: each ends well or is refused by name; one at least ends well. */
async function race(name, known, folder, { appendTo, threaded }) {
  const row = { name, runs: 0, refused: 0, problems: [] };
  for (let run = 0; run < 6; run += 1) {
    const path = place(folder, `${name}-${run}`, appendTo ? known.before : undefined);
    const task = { known: known.path, path, appendTo, threaded };
    const all = await Promise.all([runChild(task), runChild(task), runChild(task)]);
    row.runs += 1;
    if (!all.some(({ closed }) => closed)) row.problems.push(`${path}: nobody could write`);
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

/** Reads a tape again and again while it is written: what is seen is always whole segments of the stream. */
async function beside(name, known, folder, options) {
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

const fileOfPartial = (path) => filesBeside(path).find((file) => file !== path);

function filesBeside(path) {
  return filesOf(path)
    .filter((name) => !/-(?:wal|shm|journal)$/.test(name))
    .map((name) => join(path, '..', name));
}

/** All meetings; a row each. */
export async function meetings(known, folder) {
  return [
    await race('three create', known, folder, {}),
    await race('three continue', known, folder, { appendTo: true }),
    await race('three create, threaded', known, folder, { threaded: true }),
    await beside('reader and new tape', known, folder, {}),
    await beside('reader and continued tape', known, folder, { appendTo: true }),
    await beside('reader and threaded writer', known, folder, { threaded: true }),
  ];
}
