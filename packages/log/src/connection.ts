/** Connections to a database file. Paths are absolute. */
import Database, { type Database as Db } from 'better-sqlite3';

/** For reading only: the file is opened so, and `query_only` is set besides. */
export function openReadOnly(path: string): Db {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  db.pragma('query_only = ON');
  return db;
}

/** For writing; never waits for another writer. */
export function openForWriting(path: string, mustExist: boolean): Db {
  return new Database(path, { fileMustExist: mustExist, timeout: 0 });
}
