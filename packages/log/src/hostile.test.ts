/** Tapes that somebody forged: well-formed databases that lie. Found by test/hostile. */
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { HeaptapeError } from '@heaptape/schema';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { chunkHash, documentHash, snapshotHash } from './digest.ts';
import { encodeManifest } from './manifest.ts';
import { openTapeWriter } from './open.ts';
import { unpack } from './pack.ts';
import { openTape } from './reader.ts';
import { appendPlain, plainSnapshot, temporaryFolders } from './tapes.testkit.ts';

const folder = temporaryFolders();

function plainTape(meddle: (db: Database.Database) => void): string {
  const path = join(folder(), 'x.tape');
  const writer = openTapeWriter(path);
  appendPlain(writer, 2, 30);
  writer.putSnapshot(plainSnapshot(60));
  writer.putDocument('import', { a: 1 });
  writer.close();
  const db = new Database(path);
  meddle(db);
  db.close();
  return path;
}

function codeOf(task: () => unknown): string {
  try {
    task();
  } catch (error) {
    if (error instanceof HeaptapeError) return error.code;
    throw error;
  }
  return 'none';
}

/** A view in place of a table, whose rows never end. */
const endless = (db: Database.Database, table: string): void => {
  const columns = db.prepare(`SELECT * FROM ${table}`).columns();
  const values = columns.map(({ name }, i) => `${i === 0 ? 'i' : '1'} AS ${name}`);
  db.exec(`DROP TABLE ${table}`);
  db.exec(`CREATE VIEW ${table} AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    SELECT ${values} FROM n`);
};

describe('tables that are none of a tape', () => {
  test.each(['segment', 'chunk', 'snapshot', 'document', 'seal', 'writer'])(
    'a view without end in place of %s',
    (table) => {
      const path = plainTape((db) => endless(db, table));
      for (const allowDamaged of [false, true]) {
        expect(codeOf(() => openTape(path, { allowDamaged }))).toBe('bad-data');
      }
      expect(codeOf(() => openTapeWriter(path, { appendTo: true }))).toBe('bad-data');
      // A new tape may take its place, and asks first whether somebody is writing it.
      openTapeWriter(path).abort();
    },
  );

  test.each([
    'CREATE TRIGGER t AFTER INSERT ON segment BEGIN DELETE FROM segment; END',
    'CREATE INDEX i ON chunk (size)',
    'CREATE VIEW events AS SELECT 1',
    'ALTER TABLE segment ADD COLUMN more BLOB AS (zeroblob(1000))',
  ])('%s', (sql) => {
    const path = plainTape((db) => db.exec(sql));
    expect(codeOf(() => openTape(path))).toBe('bad-data');
    expect(codeOf(() => openTapeWriter(path, { appendTo: true }))).toBe('bad-data');
  });
});

test('a document that is no JSON, under the right hash', () => {
  const path = plainTape((db) => {
    const hash = documentHash(Buffer.from('import'), Buffer.from('{'));
    db.prepare("UPDATE document SET json = '{', hash = ?").run(hash);
  });
  const reader = openTape(path);
  expect(codeOf(() => reader.document('import'))).toBe('bad-data');
  reader.close();
});

test('check goes on behind a row whose columns are of other types', () => {
  const path = plainTape((db) => {
    const schema = db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'segment'").pluck();
    const sql = schema.get() as string;
    const write = (text: string): void => {
      db.unsafeMode(true);
      db.pragma('writable_schema = ON');
      db.prepare("UPDATE sqlite_schema SET sql = ? WHERE name = 'segment'").run(text);
      db.pragma('writable_schema = RESET');
      db.unsafeMode(false);
    };
    write(sql.replaceAll(' NOT NULL', '').replace(') STRICT', ')'));
    db.exec('UPDATE segment SET hash = NULL WHERE first_seq = 1');
    write(sql);
  });
  const reader = openTape(path, { allowDamaged: true });
  const { problems } = reader.check();
  expect(problems).toContain('segment at event 1: its row is damaged');
  reader.close();
});

describe('what expands out of proportion', () => {
  const zeros = (bytes: number): Buffer => deflateRawSync(Buffer.alloc(bytes), { level: 9 });

  test('a piece of more than 128 MiB', () => {
    const bytes = 130 << 20;
    expect(unpack(1, zeros(bytes), bytes)).toBeUndefined();
    expect(unpack(1, zeros(1 << 20), 1 << 20)?.length).toBe(1 << 20);
  });

  test('segments that claim it are refused before one is read', () => {
    const path = plainTape((db) => db.exec('UPDATE segment SET soft_size = 1 << 30'));
    expect(codeOf(() => openTape(path))).toBe('too-large');
  });

  test('a snapshot that names a large chunk again and again', () => {
    const path = plainTape((db) => {
      const content = Buffer.alloc(1 << 20);
      const hash = chunkHash(content);
      db.prepare('INSERT INTO chunk VALUES (?, 1, ?, ?)').run(hash, content.length, zeros(1 << 20));
      const manifest = encodeManifest([{ name: 'a', hashes: Array<Uint8Array>(300).fill(hash) }]);
      const control = Buffer.from('{}');
      const set = 'UPDATE snapshot SET codec = 0, control = ?, size = 2, manifest = ?, hash = ?';
      db.prepare(set).run(control, manifest, snapshotHash(60, control, manifest));
    });
    const reader = openTape(path);
    expect(codeOf(() => reader.readSnapshot(60))).toBe('too-large');
    reader.close();
  });

  test('a control state of more than 1 MiB', () => {
    const path = plainTape((db) => {
      const control = Buffer.alloc(2 << 20, 32);
      const manifest = db.prepare('SELECT manifest FROM snapshot').pluck().get() as Buffer;
      const hash = snapshotHash(60, control, manifest);
      const set = 'UPDATE snapshot SET codec = 1, control = ?, size = ?, hash = ?';
      db.prepare(set).run(deflateRawSync(control), control.length, hash);
    });
    const reader = openTape(path);
    expect(codeOf(() => reader.readSnapshot(60))).toBe('bad-data');
    reader.close();
  });
});
