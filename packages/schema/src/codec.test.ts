import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchArbitrary, contentOf } from './arbitrary.testkit.ts';
import { EventBatch } from './batch.ts';
import { SegmentCodec } from './codec.ts';
import { HeaptapeError } from './errors.ts';
import { EVENTS } from './events.ts';

const { ObjectAllocated, PointerStored, GCPercentSet, GCMarkTerminated, SpanAllocated } = EVENTS;

function encoded(batch: EventBatch) {
  const { soft, hard } = new SegmentCodec().encode(batch);
  return { soft: soft.slice(), hard: hard.slice() };
}

function batchOf(firstOrdinal: number, ...events: readonly [number, readonly number[]][]) {
  const batch = new EventBatch(4);
  batch.clear(1, firstOrdinal);
  for (const [tag, cells] of events) batch.push(tag, cells);
  return batch;
}

describe('SegmentCodec', () => {
  it('gives back every batch, cell by cell, whatever either side held before', () => {
    const codec = new SegmentCodec();
    const target = new EventBatch(1);
    fc.assert(
      fc.property(batchArbitrary(), (batch) => {
        codec.decode(codec.encode(batch), target);
        expect(contentOf(target)).toEqual(contentOf(batch));
      }),
      { seed: 42, numRuns: 400 },
    );
  });

  it('depends on the events only', () => {
    const used = new SegmentCodec();
    fc.assert(
      fc.property(batchArbitrary(), (batch) => {
        const { soft, hard } = used.encode(batch);
        expect({ soft, hard }).toEqual(encoded(batch));
      }),
      { seed: 43, numRuns: 100 },
    );
  });

  it('is the documented format', () => {
    const batch = batchOf(
      5,
      [ObjectAllocated.tag, [300, 0, 0]],
      [PointerStored.tag, [5, 2, 3]],
      [ObjectAllocated.tag, [1, 0, 0]],
      [PointerStored.tag, [6, 2, 0]],
    );
    const { soft, hard } = encoded(batch);
    const allocated = [1, 3, 0xac, 2, 1, 0, 1, 0, 0, 1, 0];
    const stored = [2, 2, 0, 1, 2, 2, 2];
    expect([...soft]).toEqual([4, 1, 5, 2, 4, 2, 4, ...allocated, ...stored]);
    expect([...hard]).toEqual([1, 1, 3, 0]);
  });

  it('refuses a column whose length or mode is not that of its data', () => {
    const { soft, hard } = encoded(batchOf(5, [ObjectAllocated.tag, [300, 0, 0]]));
    expect([...soft]).toEqual([1, 1, 5, 2, 0, 2, 0xac, 2, 0, 1, 0, 0, 1, 0]);
    for (const [at, value] of [
      [4, 1],
      [4, 2],
      [4, 3],
      [5, 1],
      [5, 3],
      [9, 0],
      [9, 2],
      [12, 9],
    ]) {
      const altered = soft.slice();
      altered[at] = value;
      const decode = () => new SegmentCodec().decode({ soft: altered, hard }, new EventBatch(1));
      if (at === 4 && value === 1) expect(decode).not.toThrow();
      else expect(decode, `${at}`).toThrow(HeaptapeError);
    }
    const longer = { soft, hard: Uint8Array.of(1) };
    expect(() => new SegmentCodec().decode(longer, new EventBatch(1))).toThrow(HeaptapeError);
  });

  it('keeps the sign of a zero and what is not a number', () => {
    const floats = [0, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324];
    const all = [floats, [-0, -0], [0, -0], [Number.NaN, Number.NaN], [1.5, 1.5]];
    for (const values of all) {
      const events = values.map((v): [number, number[]] => [
        GCMarkTerminated.tag,
        [1, 2, 3, 4, 5, v, 6],
      ]);
      const batch = batchOf(1, ...events);
      const target = new EventBatch(1);
      new SegmentCodec().decode(encoded(batch), target);
      expect(contentOf(target)).toEqual(contentOf(batch));
    }
  });

  it('asserts that values fit', () => {
    const wrong: [number, number[]][] = [
      [ObjectAllocated.tag, [-1, 0, 0]],
      [ObjectAllocated.tag, [0.5, 0, 0]],
      [ObjectAllocated.tag, [Number.NaN, 0, 0]],
      [ObjectAllocated.tag, [2 ** 53, 0, 0]],
      [GCPercentSet.tag, [-(2 ** 53)]],
      [SpanAllocated.tag, [2 ** 53, 1, 1, 0]],
      [PointerStored.tag, [7, 0, 0]],
      [PointerStored.tag, [8, 0, 0]],
    ];
    for (const event of wrong) {
      expect(() => encoded(batchOf(7, event)), JSON.stringify(event)).toThrow(/assertion failed/);
    }
    const short = batchOf(1, [ObjectAllocated.tag, [1, 0, 0]]);
    short.argCount -= 1;
    expect(() => encoded(short)).toThrow(/assertion failed/);
  });

  it('answers damage with bad-data or another batch, never with anything else', () => {
    const codec = new SegmentCodec();
    const target = new EventBatch(1);
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    let refused = 0;
    fc.assert(
      fc.property(batchArbitrary(20), flips, fc.nat({ max: 4 }), (batch, changes, cut) => {
        const { soft, hard } = encoded(batch);
        for (const [where, mask] of changes) {
          const part = where % 2 === 0 || hard.length === 0 ? soft : hard;
          part[where % part.length] ^= mask;
        }
        const damaged = { soft: soft.subarray(0, soft.length - cut), hard };
        try {
          codec.decode(damaged, target);
        } catch (error) {
          if (!(error instanceof HeaptapeError) || error.code !== 'bad-data') throw error;
          refused += 1;
        }
      }),
      { seed: 42, numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(500);
  });
});
