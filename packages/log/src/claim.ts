/**
 * One writer a tape. The row in `writer` names the process that is writing; it is put there by a
 * transaction, so of two processes that try at once exactly one succeeds, and it is taken away when
 * the tape is closed. The row of a process that no longer runs does not count.
 */

import { HeaptapeError } from '@heaptape/schema';
import type { Database as Db } from 'better-sqlite3';
import { openReadOnly } from './connection.ts';
import { guarded } from './failure.ts';
import { isRunning, startOf } from './process.ts';
import { requireTables } from './tables.ts';

export interface WriterMark {
  readonly pid: number;
  readonly started: string;
}

const SELECT = 'SELECT pid, started FROM writer';

function readMark(db: Db): WriterMark | undefined {
  return db.prepare<[], WriterMark>(SELECT).get();
}

/** The mark in the tape at `path`, or undefined when there is none that can be read. */
export function markOf(path: string): WriterMark | undefined {
  let db: Db | undefined;
  try {
    db = openReadOnly(path, false);
    requireTables(db, path, true);
    return readMark(db);
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}

/** Throws `tape-busy` when `mark` is that of a running process. */
export function refuseIfRunning(path: string, mark: WriterMark | undefined): void {
  if (mark !== undefined && isRunning(mark.pid, mark.started)) {
    throw new HeaptapeError(
      'tape-busy',
      `${path}: process ${mark.pid} is writing this tape`,
      'wait for it, or write to another file',
    );
  }
}

/** Makes this process the tape's writer and breaks its seal. Throws `tape-busy`. */
export function claim(db: Db, path: string): void {
  guarded(path, 'cannot write the tape', () => {
    db.transaction(() => {
      refuseIfRunning(path, readMark(db));
      db.prepare('INSERT OR REPLACE INTO writer (id, pid, started) VALUES (1, ?, ?)').run(
        process.pid,
        startOf(process.pid),
      );
      db.prepare('DELETE FROM seal').run();
    }).immediate();
  });
}
