/** What every tape promises, in memory or in a file. */
import { join } from 'node:path';
import {
  EventBatch,
  type StoredSnapshot,
  type TapeReader,
  type TapeWriter,
} from '@heaptape/schema';
import { batchesArbitrary, contentOf } from '@heaptape/schema/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryTape } from './memory.ts';
import { openTapeWriter, type TapeWriterOptions } from './open.ts';
import { openTape } from './reader.ts';
import {
  appendPlain,
  plainBatch,
  plainSnapshot,
  STATE_HASH,
  temporaryFolders,
} from './tapes.testkit.ts';
import { openThreadedTapeWriter } from './threaded.ts';

/** Lets `write` fill a new tape and `read` look at it. */
type Roundtrip = (write: (tape: TapeWriter) => void, read: (tape: TapeReader) => void) => void;

const folder = temporaryFolders();

const inMemory: Roundtrip = (write, read) => {
  const tape = createMemoryTape();
  write(tape);
  read(tape);
};

const inFile =
  (options: TapeWriterOptions): Roundtrip =>
  (write, read) => {
    const path = join(folder(), 'x.tape');
    const writer = openTapeWriter(path, options);
    write(writer);
    writer.close();
    const reader = openTape(path);
    read(reader);
    expect(reader.check()).toEqual({ ok: true, problems: [] });
    reader.close();
  };

const inThread: Roundtrip = (write, read) => {
  const path = join(folder(), 'x.tape');
  const writer = openThreadedTapeWriter(path);
  write(writer);
  writer.close();
  const reader = openTape(path);
  read(reader);
  expect(reader.check()).toEqual({ ok: true, problems: [] });
  reader.close();
};

const kinds: [string, Roundtrip, number][] = [
  ['memory', inMemory, 150],
  ['a file', inFile({}), 40],
  ['a file, written in another thread', inThread, 8],
  [
    'a file, nothing compressed, flushed each time',
    inFile({ compress: 'none', durability: 'full' }),
    20,
  ],
];

const plainSnapshots = (tape: TapeReader): StoredSnapshot[] =>
  tape.snapshots.map((seq) => {
    const { control, columns } = tape.readSnapshot(seq);
    const plain = Object.entries(columns).map(([name, chunks]): [string, Uint8Array[]] => [
      name,
      chunks.map((chunk) => Uint8Array.from(chunk)),
    ]);
    return { seq, control: Uint8Array.from(control), columns: Object.fromEntries(plain) };
  });

describe.each(kinds)('a tape in %s', (_, roundtrip, numRuns) => {
  it('gives back any batches, cell by cell', () => {
    fc.assert(
      fc.property(batchesArbitrary(), (batches) => {
        roundtrip(
          (tape) => {
            for (const batch of batches) tape.append(batch, STATE_HASH, batch.firstSeq);
          },
          (tape) => {
            expect(tape.segments).toEqual(
              batches.map(({ firstSeq, count, firstOrdinal }) => ({
                firstSeq,
                count,
                firstOrdinal,
                endTimeNs: firstSeq,
                stateHash: STATE_HASH,
              })),
            );
            expect(tape.events).toBe(batches.reduce((sum, { count }) => sum + count, 0));
            const batch = new EventBatch(1);
            for (let i = batches.length - 1; i >= 0; i -= 1) {
              tape.readSegment(i, batch);
              expect(contentOf(batch)).toEqual(contentOf(batches[i]));
            }
          },
        );
      }),
      { seed: 42, numRuns },
    );
  });

  it('gives back snapshots, chunk by chunk, also one at the start', () => {
    roundtrip(
      (tape) => {
        tape.putSnapshot(plainSnapshot(0));
        appendPlain(tape, 2, 30);
        tape.putSnapshot({ seq: 60, control: new Uint8Array(0), columns: {} });
        tape.putSnapshot(plainSnapshot(60));
        appendPlain(tape, 1, 5);
        tape.putSnapshot(plainSnapshot(65));
      },
      (tape) => {
        expect(tape.snapshots).toEqual([0, 60, 65]);
        expect(plainSnapshots(tape)).toEqual([0, 60, 65].map(plainSnapshot));
      },
    );
  });

  it('gives back documents; the last of a name counts', () => {
    const value = { gogc: 100, list: [1, null, 'ü\u0000'], nested: { on: true } };
    roundtrip(
      (tape) => {
        tape.putDocument('run', 1);
        tape.putDocument('run', value);
        tape.putDocument('', null);
      },
      (tape) => {
        expect(tape.document('run')).toEqual(value);
        expect(tape.document('')).toBeNull();
        expect(tape.document('none')).toBeUndefined();
      },
    );
  });

  it('keeps nothing of what the writer changes afterwards', () => {
    const batch = plainBatch(1, 1, 9);
    const expected = contentOf(plainBatch(1, 1, 9));
    const snapshot = plainSnapshot(9);
    roundtrip(
      (tape) => {
        tape.append(batch, STATE_HASH, 1);
        tape.putSnapshot(snapshot);
        batch.args.fill(99);
        snapshot.control.fill(1);
        for (const chunks of Object.values(snapshot.columns)) for (const c of chunks) c.fill(1);
      },
      (tape) => {
        tape.readSegment(0, batch);
        expect(contentOf(batch)).toEqual(expected);
        expect(plainSnapshots(tape)).toEqual([plainSnapshot(9)]);
        const stored = tape.readSnapshot(9);
        for (const bytes of [stored.control, ...Object.values(stored.columns).flat()]) {
          // A Buffer shares its memory with what it is sliced from, and has a larger one besides.
          expect(bytes.slice().buffer.byteLength).toBe(bytes.length);
        }
      },
    );
  });

  it('asserts that batches follow each other and snapshots stand at their end', () => {
    roundtrip(
      (tape) => {
        appendPlain(tape, 1, 10);
        const empty = new EventBatch();
        empty.clear(11, 1);
        const wrong = [
          () => tape.append(plainBatch(10, 1, 3), STATE_HASH, 0),
          () => tape.append(plainBatch(12, 1, 3), STATE_HASH, 0),
          () => tape.append(empty, STATE_HASH, 0),
          () => tape.append(plainBatch(11, 8, 3), 'ABC', 0),
          () => tape.append(plainBatch(11, 8, 3), STATE_HASH, 0.5),
          () => tape.putSnapshot(plainSnapshot(9)),
          () => tape.putDocument('none', undefined),
        ];
        for (const act of wrong) expect(act).toThrow(/assertion failed/);
      },
      (tape) => {
        expect(tape.events).toBe(10);
        expect(tape.snapshots).toEqual([]);
        expect(() => tape.readSegment(1, new EventBatch())).toThrow(/no segment 1/);
        expect(() => tape.readSnapshot(10)).toThrow(/no snapshot at event 10/);
      },
    );
  });
});
