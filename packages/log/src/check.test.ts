/** What `check` finds in tapes that were altered with care: checksums recomputed, SQLite content. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENTS, EventBatch, SegmentCodec } from '@heaptape/schema';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { segmentCrc } from './digest.ts';
import { openTapeWriter } from './open.ts';
import { STORED } from './pack.ts';
import { openTape } from './reader.ts';
import { SELECT_SEGMENT, type SegmentRow } from './rows.ts';
import {
  appendPlain,
  plainBatch,
  plainSnapshot,
  STATE_HASH,
  temporaryFolders,
} from './tapes.testkit.ts';

const folder = temporaryFolders();

function plainTape(): string {
  const path = join(folder(), 'x.tape');
  const writer = openTapeWriter(path);
  appendPlain(writer, 2, 30);
  writer.putSnapshot(plainSnapshot(60));
  appendPlain(writer, 1, 30);
  writer.putSnapshot(plainSnapshot(90));
  writer.close();
  return path;
}

function problemsOf(path: string): readonly string[] {
  const tape = openTape(path, { allowDamaged: true });
  const { ok, problems } = tape.check();
  tape.close();
  expect(ok).toBe(problems.length === 0);
  return problems;
}

function meddle(path: string, task: (db: Database.Database) => void): void {
  const db = new Database(path);
  task(db);
  db.close();
}

/** Puts other content into the segment at `seq`, its CRC made to match. */
function forge(path: string, seq: number, batch: EventBatch): void {
  meddle(path, (db) => {
    const row = db.prepare<[number], SegmentRow>(SELECT_SEGMENT).get(seq);
    if (row === undefined) throw new Error('no such segment');
    const { soft, hard } = new SegmentCodec().encode(batch);
    const head = { ...row, softSize: soft.length, hardSize: hard.length };
    const crc = segmentCrc(head, STORED, row.hash, soft, hard);
    db.prepare(
      `UPDATE segment SET soft = ?, hard = ?, soft_size = ?, hard_size = ?, codec = 0, crc = ?
       WHERE first_seq = ?`,
    ).run(soft, hard, soft.length, hard.length, crc, seq);
  });
}

describe('check', () => {
  it('finds nothing in a whole tape, and leaves it readable', () => {
    expect(problemsOf(plainTape())).toEqual([]);
  });

  it('finds a segment of other events with a matching checksum', () => {
    const path = plainTape();
    const other = plainBatch(31, 21, 30);
    other.args[0] += 1;
    forge(path, 31, other);
    expect(problemsOf(path)).toEqual(['segment at event 31: breaks the hash chain']);
  });

  it('finds a segment that is not the one its row is about', () => {
    const path = plainTape();
    forge(path, 31, plainBatch(1, 1, 30));
    const found = problemsOf(path);
    expect(found).toContain('segment at event 31: its content is of other events');
    const tape = openTape(path);
    expect(() => tape.readSegment(1, new EventBatch())).toThrow(/its content is of other events/);
    tape.close();
  });

  it('finds ordinals and times that do not follow', () => {
    const path = join(folder(), 'x.tape');
    const writer = openTapeWriter(path);
    writer.append(plainBatch(1, 1, 3), STATE_HASH, 50);
    writer.append(plainBatch(4, 9, 3), STATE_HASH, 49);
    writer.close();
    expect(problemsOf(path)).toEqual([
      'segment at event 4: its first ordinal is not the next one',
      'segment at event 4: ends before the one before it',
    ]);
  });

  it('finds a column of a segment altered, and a table or index added', () => {
    const path = plainTape();
    meddle(path, (db) => {
      db.exec("UPDATE segment SET state_hash = 'ffffffffffffffff' WHERE first_seq = 61");
      db.exec('CREATE INDEX extra ON segment (count)');
    });
    expect(problemsOf(path)).toEqual([
      'table extra is not that of a tape',
      'segment at event 61: its checksum does not match',
    ]);
  });

  it('finds rows lost from the end, or added', () => {
    for (const sql of [
      'DELETE FROM segment WHERE first_seq = 61; DELETE FROM snapshot WHERE seq = 90',
      'DELETE FROM snapshot WHERE seq = 60',
      "INSERT INTO document VALUES ('x', zeroblob(32), '1')",
    ]) {
      const path = plainTape();
      meddle(path, (db) => db.exec(sql));
      expect(problemsOf(path).some((line) => /seal/.test(line))).toBe(true);
    }
  });

  it('finds a snapshot that stands within a segment', () => {
    const path = plainTape();
    meddle(path, (db) => db.exec('UPDATE snapshot SET seq = 59 WHERE seq = 60'));
    expect(problemsOf(path)[0]).toMatch(/snapshot at event 59 is damaged/);
  });

  it('finds an index that no longer leads to its row', () => {
    const path = join(folder(), 'x.tape');
    const writer = openTapeWriter(path);
    writer.putDocument('a-name-to-find', 1);
    writer.close();
    const whole = readFileSync(path);
    const places: number[] = [];
    for (let at = whole.indexOf('a-name'); at >= 0; at = whole.indexOf('a-name', at + 1)) {
      places.push(at);
    }
    expect(places.length).toBe(2);
    for (const at of places) {
      const altered = Buffer.from(whole);
      altered[at] += 1;
      writeFileSync(path, altered);
      expect(problemsOf(path).join()).toMatch(/SQLite: /);
    }
  });

  it('lets replay judge the snapshots', () => {
    const tape = openTape(plainTape());
    const seen: number[] = [];
    const { ok, problems } = tape.check({
      onSnapshot: ({ seq, columns }) => {
        seen.push(seq);
        expect(Object.keys(columns).length).toBe(3);
        return seq === 90 ? 'differs from the replay' : undefined;
      },
    });
    expect(seen).toEqual([60, 90]);
    expect([ok, problems]).toEqual([false, ['snapshot at event 90: differs from the replay']]);
    tape.close();
  });

  it('lists so many problems and counts the rest', () => {
    const path = join(folder(), 'x.tape');
    const writer = openTapeWriter(path);
    const batch = new EventBatch();
    for (let seq = 1; seq <= 130; seq += 1) {
      batch.clear(seq, 1);
      batch.push(EVENTS.MutatorRan.tag, [seq]);
      writer.append(batch, STATE_HASH, seq);
    }
    writer.close();
    meddle(path, (db) => db.exec('UPDATE segment SET crc = 1'));
    const problems = problemsOf(path);
    expect(problems.length).toBe(101);
    expect(problems.at(-1)).toBe('and 30 more');
  });
});
