/**
 * The layout of a tape file: its identity in the SQLite header, its tables, and how one version of
 * the format becomes the next.
 *
 * `application_id` says "a heaptape tape" and `user_version` is the format version. `MIGRATIONS[v]`
 * turns a database of version v into one of version v + 1, and version 0 is an empty database: a new
 * tape is made by running all of them, an older one that is continued by running the missing ones,
 * and a gap in the list is impossible. A step, once released, is never edited. The tables are
 * described column by column in `docs/TAPE.md`.
 */
import type { Database } from 'better-sqlite3';

/** `PRAGMA application_id` of a tape: the letters `HTP1`. */
export const APPLICATION_ID = 0x48545031;

/**
 * Page size of a new tape, bytes. Measured from 4 to 64 KiB: up to 32 KiB writing and reading take the
 * same time, and small pages waste least, most of all in small tapes.
 */
export const PAGE_SIZE = 4096;

const VERSION_1 = [
  `CREATE TABLE segment (
  first_seq INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  first_ordinal INTEGER NOT NULL,
  end_time_ns INTEGER NOT NULL,
  state_hash TEXT NOT NULL,
  codec INTEGER NOT NULL,
  soft_size INTEGER NOT NULL,
  hard_size INTEGER NOT NULL,
  hash BLOB NOT NULL,
  crc INTEGER NOT NULL,
  soft BLOB NOT NULL,
  hard BLOB NOT NULL
) STRICT`,
  `CREATE TABLE chunk (
  hash BLOB PRIMARY KEY NOT NULL,
  codec INTEGER NOT NULL,
  size INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT`,
  `CREATE TABLE snapshot (
  seq INTEGER PRIMARY KEY,
  codec INTEGER NOT NULL,
  size INTEGER NOT NULL,
  hash BLOB NOT NULL,
  control BLOB NOT NULL,
  manifest BLOB NOT NULL
) STRICT`,
  `CREATE TABLE document (
  name TEXT PRIMARY KEY NOT NULL,
  hash BLOB NOT NULL,
  json TEXT NOT NULL
) STRICT`,
  `CREATE TABLE seal (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  segments INTEGER NOT NULL,
  events INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT`,
  `CREATE TABLE writer (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  pid INTEGER NOT NULL,
  started TEXT NOT NULL
) STRICT`,
];

/** Step v takes a database from version v to v + 1. */
export const MIGRATIONS: readonly ((db: Database) => void)[] = [
  (db) => {
    for (const statement of VERSION_1) db.exec(statement);
  },
];

/** The version that this release writes, and the newest that it reads. */
export const FORMAT_VERSION: number = MIGRATIONS.length;

/** A list of steps; tests have longer ones. */
export type Migrations = typeof MIGRATIONS;

/** Brings a database from version `from` to the newest, all or nothing. */
export function migrate(db: Database, from: number, steps: Migrations = MIGRATIONS): void {
  db.transaction(() => {
    for (const step of steps.slice(from)) step(db);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${steps.length}`);
  })();
}

/** The `CREATE` statements of the current version, as `sqlite_schema` repeats them, by table name. */
export function expectedSchema(): Map<string, string> {
  return new Map(VERSION_1.map((sql) => [sql.split(' ')[2], sql]));
}
