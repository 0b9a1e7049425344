/**
 * A new tape takes the place of an old one by a rename, and SQLite finds a log by its name: what a
 * killed writer of the old tape left beside it would be taken for the new tape's, and played into it.
 * So the old tape is first made to stand alone: its log is moved into it, then what is beside it is
 * removed. Killed in between, the old tape is there with all it held.
 */
import { existsSync } from 'node:fs';
import { HeaptapeError } from '@heaptape/schema';
import type { Database as Db } from 'better-sqlite3';
import { checkpoint, leaveLog, openForWriting, sqliteCode } from './connection.ts';
import { removeSides } from './partial.ts';

/** What SQLite says of a file that is no database, or none any more: there is nothing to save. */
const BEYOND_SAVING = /^SQLITE_(?:NOTADB|CORRUPT|FORMAT)/;

/** Prepares `path`, if there is anything, for a file that is to be renamed to it. Throws `tape-busy`. */
export function standAlone(path: string): void {
  if (!existsSync(`${path}-wal`) && !existsSync(`${path}-journal`)) return;
  if (existsSync(path)) settle(path);
  removeSides(path);
}

function settle(path: string): void {
  let db: Db | undefined;
  try {
    db = openForWriting(path, true);
    if (!checkpoint(db)) {
      throw new HeaptapeError(
        'tape-busy',
        `${path}: another process is reading the tape that is to be replaced`,
        'wait for it, or write to another file',
      );
    }
    leaveLog(db);
  } catch (error) {
    if (!BEYOND_SAVING.test(sqliteCode(error))) throw error;
  } finally {
    db?.close();
  }
}
