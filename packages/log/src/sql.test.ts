import { join } from 'node:path';
import {
  argOffsets,
  EVENTS,
  EventBatch,
  encodeUtf8,
  eventRow,
  fieldNames,
  specOfTag,
} from '@heaptape/schema';
import { batchesArbitrary } from '@heaptape/schema/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openTapeWriter } from './open.ts';
import { type FileTapeReader, openTape } from './reader.ts';
import { appendPlain, STATE_HASH, temporaryFolders } from './tapes.testkit.ts';

const folder = temporaryFolders();

function tapeOf(batches: readonly EventBatch[]): FileTapeReader {
  const path = join(folder(), 'x.tape');
  const writer = openTapeWriter(path);
  for (const batch of batches) writer.append(batch, STATE_HASH, batch.firstSeq);
  writer.close();
  return openTape(path);
}

function plainTape(segments: number, count: number): FileTapeReader {
  const path = join(folder(), 'x.tape');
  const writer = openTapeWriter(path);
  appendPlain(writer, segments, count);
  writer.close();
  return openTape(path);
}

describe('the table events', () => {
  it('has every event with its fields, and NULL elsewhere', () => {
    fc.assert(
      fc.property(batchesArbitrary(3, 20), (batches) => {
        const tape = tapeOf(batches);
        const { columns, rows } = tape.sql('SELECT * FROM events');
        tape.close();
        expect(columns).toEqual(['seq', 'event', 'role', ...fieldNames()]);
        const expected = batches.flatMap((batch) => {
          const offsets = argOffsets(batch);
          return Array.from({ length: batch.count }, (_, i) => {
            const role = specOfTag(batch.kinds[i])?.role;
            const row: Record<string, unknown> = { ...eventRow(batch, i, offsets[i]), role };
            for (const [name, value] of Object.entries(row)) {
              if (Number.isNaN(value)) row[name] = null;
            }
            return columns.map((column) => row[column] ?? null);
          });
        });
        expect(rows.map((row) => row.map((v) => (v === 0 ? 0 : v)))).toEqual(
          expected.map((row) => row.map((v) => (v === 0 ? 0 : v))),
        );
      }),
      { seed: 42, numRuns: 25 },
    );
  });

  it('counts, groups and joins, with whole numbers whole', () => {
    const tape = plainTape(3, 100);
    expect(tape.sql('SELECT event, count(*) AS n FROM events GROUP BY event ORDER BY n')).toEqual({
      columns: ['event', 'n'],
      rows: [
        ['PointerStored', 100],
        ['ObjectAllocated', 200],
      ],
    });
    const one = tape.sql(
      "SELECT seq || ':' || event, typeof(word), seq / 2 FROM events WHERE seq = 3",
    );
    expect(one.rows).toEqual([['3:PointerStored', 'integer', 1]]);
    tape.close();
  });

  it('decodes no further than asked', () => {
    const tape = plainTape(20, 100);
    let decoded = 0;
    const read = tape.readSegment.bind(tape);
    tape.readSegment = (index, batch) => {
      decoded += 1;
      read(index, batch);
    };
    expect(tape.sql('SELECT seq FROM events LIMIT 150').rows.length).toBe(150);
    expect(decoded).toBe(2);
    tape.close();
  });

  it('keeps 64-bit numbers as digits and floats as they are', () => {
    const batch = new EventBatch();
    batch.clear(1, 1);
    batch.push(EVENTS.GCMarkTerminated.tag, [1, 2 ** 53 - 1, 3, 4, 5, 0.1, 6]);
    const name = encodeUtf8('läßt');
    batch.push(EVENTS.SiteDefined.tag, [8, 0, 0, 5, batch.putBlob(name), name.length]);
    const tape = tapeOf([batch]);
    const query = 'SELECT heapAtMarkEnd, heapAtMarkEnd * 4, consMark, name FROM events';
    expect(tape.sql(query).rows).toEqual([
      [2 ** 53 - 1, '36028797018963964', 0.1, null],
      [null, null, null, 'läßt'],
    ]);
    expect(tape.sql("SELECT x'00ff', 1.0, -0.5").rows).toEqual([['00ff', 1, -0.5]]);
    tape.close();
  });
});

describe('sql', () => {
  it('takes further tables, computed when asked', () => {
    const tape = plainTape(1, 10);
    let runs = 0;
    tape.registerTable('cycles', ['n', 'forced', 'ratio', 'note', 'gap'], function* () {
      runs += 1;
      for (let n = 1; n < 1e9; n += 1) yield [n, n === 2, n / 2, `cycle ${n}`, undefined];
    });
    expect(runs).toBe(0);
    expect(tape.sql('SELECT * FROM cycles LIMIT 3').rows).toEqual([
      [1, 0, 0.5, 'cycle 1', null],
      [2, 1, 1, 'cycle 2', null],
      [3, 0, 1.5, 'cycle 3', null],
    ]);
    const join = 'SELECT e.seq, c.note FROM events e JOIN cycles c ON c.n = e.seq LIMIT 1';
    expect(tape.sql(join).rows).toEqual([[1, 'cycle 1']]);
    tape.close();
  });

  it('passes on what a table throws', () => {
    const tape = plainTape(1, 10);
    tape.registerTable('broken', ['a'], () => {
      throw new RangeError('no such cycle');
    });
    expect(() => tape.sql('SELECT * FROM broken')).toThrow('no such cycle');
    expect(tape.sql('SELECT 1').rows).toEqual([[1]]);
    tape.close();
  });

  it.each([
    "INSERT INTO document VALUES ('a', x'', '1')",
    'DELETE FROM segment',
    'DELETE FROM segment RETURNING 1',
    'WITH a AS (SELECT 1) DELETE FROM segment',
    'CREATE TEMP TABLE t (a)',
    "ATTACH '/tmp/other.db' AS other",
    "VACUUM INTO '/tmp/other.db'",
    'PRAGMA query_only = OFF',
    'PRAGMA user_version = 3',
    '/* SELECT */ PRAGMA integrity_check',
    'BEGIN',
    'SELECT 1; SELECT 2',
    '',
    '-- nothing',
    'SELECT nope FROM events',
    'SELECT * FROM nope',
    "SELECT load_extension('x')",
    'EVENTS, PLEASE',
  ])('refuses: %s', (query) => {
    const tape = plainTape(1, 10);
    expect(() => tape.sql(query)).toThrow(expect.objectContaining({ code: 'bad-usage' }));
    expect(tape.sql('SELECT count(*) FROM segment').rows).toEqual([[1]]);
    tape.close();
  });

  it('allows queries that begin with a comment or WITH, and plain tables', () => {
    const tape = plainTape(2, 10);
    const queries = [
      '  -- how many\n/* all */ SELECT count(*) FROM events',
      'WITH n AS (SELECT seq FROM events) SELECT count(*) FROM n',
      'VALUES (20)',
      'SELECT sum(count) FROM segment;',
    ];
    for (const query of queries) expect(tape.sql(query).rows).toEqual([[20]]);
    tape.close();
  });

  it('stops at a bound', () => {
    const tape = plainTape(1, 50);
    expect(tape.sql('SELECT seq FROM events', { maxRows: 50 }).rows.length).toBe(50);
    expect(() => tape.sql('SELECT seq FROM events', { maxRows: 49 })).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
    expect(tape.sql('SELECT 1').rows).toEqual([[1]]);
    tape.close();
  });
});
