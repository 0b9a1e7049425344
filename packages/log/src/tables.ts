/**
 * Are these the tables of a tape? Asked before any other statement runs: SQLite lets a file have views in place of
 * tables, computed columns and triggers, and what these do is up to whoever made the file. One that counts up for
 * ever looks like a table of infinite length.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { Database as Db } from 'better-sqlite3';
import { expectedSchema } from './layout.ts';

const SELECT = 'SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL';

/**
 * Throws `bad-data` where something in the file is not as a tape has it. `tolerant`: what is under other names than
 * those of a tape's tables may be there, for it is not looked at.
 */
export function requireTables(db: Db, path: string, tolerant: boolean): void {
  const expected = expectedSchema();
  for (const { name, sql } of db.prepare<[], { name: string; sql: string }>(SELECT).iterate()) {
    const known = expected.get(String(name).toLowerCase());
    if (known === sql || (tolerant && known === undefined)) continue;
    const what = known === undefined ? 'is no part of a tape' : 'is not as a tape has it';
    throw new HeaptapeError('bad-data', `${path}: ${JSON.stringify(name)} ${what}`);
  }
}
