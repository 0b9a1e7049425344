/**
 * Connections to a database file. Paths are absolute.
 *
 * A writer that is killed while it closes its tape may leave a rollback journal that SQLite must play
 * back before anybody may read, and a connection that only reads may not do that. So it is then done
 * once, by a connection that may write, and reading starts again. SQLite does it only when no living
 * process holds the file.
 */
import { createRequire } from 'node:module';
import type { Database as Db } from 'better-sqlite3';

type Sqlite = typeof import('better-sqlite3');

const require = createRequire(import.meta.url);

/** Loaded when a database is opened: whoever has a tape written by another thread does without. */
const sqlite = (): Sqlite => require('better-sqlite3');

function connect(path: string, tolerant: boolean): Db {
  const db = new (sqlite())(path, { readonly: true, fileMustExist: true });
  try {
    if (tolerant) tolerateTruncation(db);
    db.pragma('query_only = ON');
    db.pragma('schema_version');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Lets SQLite look into a file that is shorter than its header says: it does so for a connection that
 * may repair the schema, which the driver permits in its unsafe mode. The file is open for reading
 * only all the same.
 */
function tolerateTruncation(db: Db): void {
  db.unsafeMode(true);
  db.pragma('writable_schema = ON');
}

function playBack(path: string): void {
  const db = new (sqlite())(path, { fileMustExist: true });
  try {
    db.pragma('schema_version');
  } finally {
    db.close();
  }
}

/**
 * For reading only: the file is opened so, and `query_only` is set besides. `tolerant` opens also a
 * file that was cut short. `onTrouble` is called when the file cannot be opened just so, and may throw a
 * better error.
 */
export function openReadOnly(path: string, tolerant: boolean, onTrouble = (): void => {}): Db {
  try {
    return connect(path, tolerant);
  } catch (error) {
    onTrouble();
    if (!sqliteCode(error).startsWith('SQLITE_READONLY')) throw error;
    playBack(path);
    return connect(path, tolerant);
  }
}

/**
 * How long a writer waits for a lock, milliseconds. Another writer that is about to be refused holds one for
 * a moment, and so does a reader of a tape that is being closed.
 */
const LOCK_TIMEOUT = 2000;

/**
 * For writing. What is deleted is overwritten with zeros: the file would else keep, in room that is free, the
 * number of the process that wrote it, and the same run would not give the same bytes.
 */
export function openForWriting(path: string, mustExist: boolean): Db {
  const db = new (sqlite())(path, { fileMustExist: mustExist, timeout: LOCK_TIMEOUT });
  try {
    db.pragma('secure_delete = ON');
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** SQLite's name for an error, such as SQLITE_BUSY; '' for errors that are not SQLite's. */
export function sqliteCode(error: unknown): string {
  return error instanceof sqlite().SqliteError ? error.code : '';
}

/** Moves the log into the file; false when a reader that holds an older state is in the way. */
export function checkpoint(db: Db): boolean {
  const [row] = db.pragma('wal_checkpoint(TRUNCATE)') as [{ readonly busy: number }];
  return row.busy === 0;
}

/** Ends write-ahead logging, so that the file stands alone; false when a reader has it open. */
export function leaveLog(db: Db): boolean {
  try {
    db.pragma('journal_mode = DELETE');
    return true;
  } catch (error) {
    if (sqliteCode(error) !== 'SQLITE_BUSY') throw error;
    return false;
  }
}
