/**
 * A format of three versions, for tests: the released one, and two steps that no release has. The first
 * adds a column and fills it, the second adds a table with a row a segment. A tape of version 1 whose
 * migration was killed is of version 1, as it was, or of version 3, whole; never between.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { MIGRATIONS } from '../../packages/log/dist/layout.js';
import { continueTape } from '../../packages/log/dist/open.js';

const Database = createRequire(new URL('../../packages/log/package.json', import.meta.url))(
  'better-sqlite3',
);

const STEPS = [
  ...MIGRATIONS,
  (db) => {
    db.exec("ALTER TABLE segment ADD COLUMN note TEXT NOT NULL DEFAULT 'none'");
    db.exec("UPDATE segment SET note = 'step 2'");
  },
  (db) => {
    db.exec('CREATE TABLE later (first_seq INTEGER PRIMARY KEY, soft BLOB NOT NULL) STRICT');
    db.exec('INSERT INTO later SELECT first_seq, soft FROM segment');
    db.exec("UPDATE segment SET note = 'step 3'");
  },
];

export const openMigrating = (path) => continueTape(path, {}, STEPS);

/** Begins to read a file that is being written, and stays with what it found. */
export function stayReading(path) {
  const db = new Database(path, { readonly: true });
  db.exec('BEGIN');
  db.prepare('SELECT count(*) FROM segment').get();
  return db;
}

/** Everything that version 1 knows of a tape, as a digest. */
function contentOf(db) {
  const hash = createHash('sha1');
  const columns =
    'first_seq, count, first_ordinal, end_time_ns, state_hash, codec, hash, soft, hard';
  for (const row of db
    .prepare(`SELECT ${columns} FROM segment ORDER BY first_seq`)
    .raw()
    .iterate()) {
    for (const value of row) hash.update(value instanceof Uint8Array ? value : `${value};`);
  }
  return hash.digest('hex');
}

/** The digest of a tape of version 1, to compare with. */
export function oldContent(path) {
  const db = new Database(path, { readonly: true });
  const digest = contentOf(db);
  db.close();
  return digest;
}

/** What is wrong with a tape whose migration was killed, and which it is: `old` or `whole`. */
export function examineMigrated(path, content) {
  const problems = [];
  const db = new Database(path);
  const version = db.pragma('user_version', { simple: true });
  const count = (sql) => db.prepare(`SELECT count(*) FROM ${sql}`).pluck().get();
  const notes = () => count("segment WHERE note = 'step 3'") === count('segment');
  const later = count("sqlite_schema WHERE name = 'later'");
  const note = count("pragma_table_info('segment') WHERE name = 'note'");
  if (contentOf(db) !== content) problems.push('the segments are not what they were');
  if (db.pragma('integrity_check', { simple: true }) !== 'ok') problems.push('SQLite: not sound');
  if (version === 1) {
    if (later !== 0 || note !== 0) problems.push('version 1 with what later versions have');
    if (count('seal') !== 1 || count('writer') !== 0) problems.push('version 1, and not sealed');
  } else if (version === 3) {
    if (later !== 1 || note !== 1 || !notes()) problems.push('version 3 lacks what it has');
    else if (count('later NATURAL JOIN segment') !== count('segment'))
      problems.push('later: not whole');
  } else problems.push(`version ${version} is between`);
  db.close();
  if (problems.length === 0) problems.push(...goesOn(path, content));
  return { left: version === 1 ? 'old' : 'whole', segments: 0, problems };
}

/** The next writer brings it to version 3, closes it, and leaves a single file. */
function goesOn(path, content) {
  openMigrating(path).close();
  const db = new Database(path, { readonly: true });
  const problems = [];
  if (db.pragma('user_version', { simple: true }) !== 3) problems.push('continued: not version 3');
  if (contentOf(db) !== content) problems.push('continued: the segments are not what they were');
  const sealed = db.prepare('SELECT count(*) FROM seal').pluck().get();
  if (sealed !== 1) problems.push('continued: not sealed');
  db.close();
  for (const side of ['-wal', '-shm', '-journal']) {
    if (existsSync(path + side)) problems.push(`continued: ${side} is left`);
  }
  return problems;
}
