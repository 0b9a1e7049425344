/**
 * One writer a tape. The row in `writer` names the process that is writing; it is put there by a
 * transaction, so of two processes that try at once exactly one succeeds, and it is taken away when
 * the tape is closed. The row of a process that no longer runs does not count.
 *
 * A tape can be continued in place, or be made anew and then take the place of the old one. So whoever
 * does one looks for who does the other: a new tape's writer at the row of the old tape, and who
 * continues for partial files. Both look under the old tape's write lock, and a new tape's writer
 * once its partial file is there: whoever comes second sees the first.
 */
import { statSync } from 'node:fs';
import { HeaptapeError } from '@heaptape/schema';
import type { Database as Db } from 'better-sqlite3';
import { openForWriting, openReadOnly, sqliteCode } from './connection.ts';
import { requireTape } from './header.ts';
import { isRunning, startOf } from './process.ts';
import { requireTables } from './tables.ts';

export interface WriterMark {
  readonly pid: number;
  readonly started: string;
}

const SELECT = 'SELECT pid, started FROM writer';

export const busy = (path: string, pid: number): HeaptapeError =>
  new HeaptapeError(
    'tape-busy',
    `${path}: process ${pid} is writing this tape`,
    'wait for it, or write to another file',
  );

function readMark(db: Db): WriterMark | undefined {
  return db.prepare<[], WriterMark>(SELECT).get();
}

/** The mark in the tape at `path`, or undefined when there is none that can be read. */
export function markOf(path: string): WriterMark | undefined {
  let db: Db | undefined;
  try {
    db = openReadOnly(path, false, () => requireTape(path));
    requireTables(db, path, true);
    return readMark(db);
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}

function refuseIfRunning(path: string, mark: WriterMark | undefined): void {
  if (mark !== undefined && isRunning(mark.pid, mark.started)) throw busy(path, mark.pid);
}

/** The mark, read under the write lock; undefined where that cannot be had for another reason than use. */
function lockedMarkOf(path: string): WriterMark | undefined {
  let db: Db | undefined;
  try {
    requireTape(path);
    db = openForWriting(path, true);
    const open = db;
    return open.transaction(() => readMark(open)).immediate();
  } catch (error) {
    if (sqliteCode(error) === 'SQLITE_BUSY') throw error;
    return markOf(path);
  } finally {
    db?.close();
  }
}

/** Throws `tape-busy` when a living process continues the tape at `path`, if there is one. */
export function refuseIfContinued(path: string): void {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  refuseIfRunning(path, markOf(path));
  refuseIfRunning(path, lockedMarkOf(path));
}

/**
 * Makes this process the tape's writer and breaks its seal, in one transaction with what `prepare` does
 * first. Throws `tape-busy`, and whatever `prepare` throws; then nothing has changed.
 */
export function claim(db: Db, path: string, prepare: () => void): void {
  db.transaction(() => {
    refuseIfRunning(path, readMark(db));
    prepare();
    db.prepare('INSERT OR REPLACE INTO writer (id, pid, started) VALUES (1, ?, ?)').run(
      process.pid,
      startOf(process.pid),
    );
    db.prepare('DELETE FROM seal').run();
  }).immediate();
}
