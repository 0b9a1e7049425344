import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { EventBatch, HeaptapeError } from '@heaptape/schema';
import { contentOf } from '@heaptape/schema/testkit';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTape } from './reader.ts';
import { appendPlain, plainBatch, plainSnapshot, temporaryFolders } from './tapes.testkit.ts';
import { openTapeWriter } from './writer.ts';

const folder = temporaryFolders();

function refusal(task: () => unknown): HeaptapeError {
  try {
    task();
  } catch (error) {
    if (error instanceof HeaptapeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function tapeWith(segments: number, count: number): string {
  const path = join(folder(), 'x.tape');
  const writer = openTapeWriter(path);
  appendPlain(writer, segments, count);
  writer.putSnapshot(plainSnapshot(segments * count));
  writer.putDocument('run', { a: 1 });
  writer.close();
  return path;
}

/** Runs SQL on a tape behind its back. */
function meddle(path: string, sql: string): void {
  const db = new Database(path);
  db.exec(sql);
  db.close();
}

describe('files that are no tape', () => {
  const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  it.each([
    ['empty', Buffer.alloc(0), /not a heaptape tape: the file is empty$/],
    ['a picture', png, /not a heaptape tape$/],
    ['text', Buffer.from('hello'), /not a heaptape tape$/],
    ['the beginning of a header', Buffer.from('SQLite format 3\0'), /ends after 16 bytes$/],
  ])('%s', (_, content, message) => {
    const path = join(folder(), 'x.tape');
    writeFileSync(path, content);
    const error = refusal(() => openTape(path));
    expect(error.message).toMatch(message);
    expect(error.message.startsWith(`${path}: `)).toBe(true);
    expect(['bad-format', 'bad-data']).toContain(error.code);
  });

  it('random bytes', () => {
    const path = join(folder(), 'x.tape');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => {
        writeFileSync(path, bytes);
        expect(refusal(() => openTape(path)).code).toBe('bad-format');
      }),
      { seed: 42, numRuns: 50 },
    );
  });

  it('another database', () => {
    const path = join(folder(), 'x.tape');
    meddle(path, 'CREATE TABLE t (a); PRAGMA application_id = 7');
    const error = refusal(() => openTape(path));
    expect([error.code, error.message]).toEqual([
      'bad-format',
      `${path}: an SQLite database, but not a heaptape tape (application_id 0x7)`,
    ]);
  });

  it('a database that only claims to be one', () => {
    const path = join(folder(), 'x.tape');
    meddle(path, 'CREATE TABLE t (a); PRAGMA application_id = 0x48545031; PRAGMA user_version = 1');
    const error = refusal(() => openTape(path));
    expect([error.code, error.message]).toEqual(['bad-data', `${path}: "t" is no part of a tape`]);
  });

  it('nothing, a folder, a name below a file', () => {
    const place = folder();
    mkdirSync(join(place, 'dir'));
    writeFileSync(join(place, 'file'), '');
    expect(refusal(() => openTape(join(place, 'none'))).message).toMatch(/no such file or folder$/);
    expect(refusal(() => openTape(join(place, 'dir'))).message).toMatch(/is a folder, not a tape$/);
    expect(refusal(() => openTape(join(place, 'file/x'))).code).toBe('file-error');
  });
});

describe('a damaged tape', () => {
  it('is readable up to the damaged segment, which is named', () => {
    const path = tapeWith(5, 100);
    meddle(path, 'UPDATE segment SET soft = zeroblob(length(soft)) WHERE first_seq = 301');
    const reader = openTape(path);
    const batch = new EventBatch();
    for (const index of [0, 1, 2, 4]) {
      reader.readSegment(index, batch);
      expect(batch.firstSeq).toBe(index * 100 + 1);
    }
    const error = refusal(() => reader.readSegment(3, batch));
    expect([error.code, error.message]).toEqual([
      'bad-data',
      `${path}: segment 3 (events 301 to 400) is damaged: its checksum does not match`,
    ]);
    expect(error.hint).toContain('heaptape check');
    expect(reader.check().problems).toEqual(['segment at event 301: its checksum does not match']);
    reader.close();
  });

  it('is not opened when the index has a gap, except for what comes before it', () => {
    const path = tapeWith(5, 100);
    meddle(path, 'DELETE FROM segment WHERE first_seq = 301');
    expect(refusal(() => openTape(path)).message).toBe(
      `${path}: the events from 301 on are missing`,
    );
    const reader = openTape(path, { allowDamaged: true });
    expect([reader.events, reader.damage?.code]).toEqual([300, 'bad-data']);
    expect(reader.check().ok).toBe(false);
    reader.close();
  });

  it('that was cut short keeps the segments that can be reached', () => {
    const path = tapeWith(40, 2000);
    const size = readFileSync(path).length;
    let reached = 0;
    for (const share of [0.95, 0.7, 0.4, 0.2]) {
      truncateSync(path, Math.floor((size * share) / 4096) * 4096 + 100);
      const error = refusal(() => openTape(path));
      expect(['bad-data', 'bad-format']).toContain(error.code);
      const reader = openTape(path, { allowDamaged: true });
      const batch = new EventBatch();
      let ordinal = 1;
      for (const [index, info] of reader.segments.entries()) {
        try {
          reader.readSegment(index, batch);
        } catch (problem) {
          expect(problem).toMatchObject({ code: 'bad-data' });
          break;
        }
        const expected = plainBatch(info.firstSeq, ordinal, info.count);
        expect(contentOf(batch)).toEqual(contentOf(expected));
        for (let i = 0; i < info.count; i += 1) if ((info.firstSeq + i) % 3 !== 0) ordinal += 1;
        reached += 1;
      }
      expect(reader.check().ok).toBe(false);
      reader.close();
    }
    expect(reached).toBeGreaterThan(20);
  });

  it('says which snapshot, chunk or document is', () => {
    const path = tapeWith(1, 50);
    meddle(path, `UPDATE document SET json = '{"a":2}'`);
    const document = openTape(path);
    expect(refusal(() => document.document('run')).message).toMatch(/document run is damaged/);
    expect(document.check().problems).toEqual(['document run: its hash does not match']);
    document.close();
    meddle(path, `UPDATE document SET json = '{"a":1}'; UPDATE snapshot SET control = x'00'`);
    const snapshot = openTape(path);
    expect(refusal(() => snapshot.readSnapshot(50)).message).toMatch(/at event 50 is damaged/);
    expect(snapshot.check().problems.length).toBe(1);
    snapshot.close();
  });

  it('misses a chunk', () => {
    const path = tapeWith(1, 50);
    meddle(path, 'DELETE FROM chunk WHERE rowid = 1');
    const reader = openTape(path);
    expect(refusal(() => reader.readSnapshot(50)).message).toMatch(/chunk [0-9a-f]{16} is damaged/);
    const { problems } = reader.check();
    expect(problems.length).toBe(2);
    expect(problems[1]).toBe('the seal does not match: a row was lost, added or altered');
    reader.close();
  });
});

it('plays back what a writer that was killed had half changed', () => {
  const path = tapeWith(4, 3000);
  const left = join(folder(), 'y.tape');
  const db = new Database(path);
  db.pragma('cache_size = 2');
  db.exec('BEGIN; UPDATE segment SET soft = zeroblob(20000), crc = 0, end_time_ns = 0');
  copyFileSync(path, left);
  copyFileSync(`${path}-journal`, `${left}-journal`);
  db.exec('ROLLBACK');
  db.close();
  expect(readFileSync(left).equals(readFileSync(path))).toBe(false);
  const reader = openTape(left);
  expect([reader.events, reader.check()]).toEqual([12_000, { ok: true, problems: [] }]);
  reader.close();
  expect(readdirSync(join(left, '..'))).toEqual(['y.tape']);
});
