import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildBatch, contentOf, looseEvent } from './arbitrary.testkit.ts';
import { argOffsets, EventBatch } from './batch.ts';
import { CELLS, EVENTS } from './events.ts';

describe('EventBatch', () => {
  it('holds the same events however small it began', () => {
    fc.assert(
      fc.property(fc.array(looseEvent(), { maxLength: 80 }), (events) => {
        const batch = buildBatch(events, 1, 1);
        const small = new EventBatch(1);
        small.clear(1, 1);
        const offsets = argOffsets(batch);
        small.putBlob(batch.blob.subarray(0, batch.blobLength));
        for (let i = 0; i < batch.count; i += 1) {
          small.push(batch.kinds[i], [...batch.args.subarray(offsets[i], offsets[i + 1])]);
        }
        expect(contentOf(small)).toEqual(contentOf(batch));
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  it('has argument offsets that add up the cells', () => {
    fc.assert(
      fc.property(fc.array(looseEvent(), { maxLength: 80 }), (events) => {
        const batch = buildBatch(events, 1, 1);
        const offsets = argOffsets(batch);
        expect(offsets.length).toBe(batch.count + 1);
        expect(offsets[batch.count]).toBe(batch.argCount);
        events.forEach(({ tag }, i) => {
          expect(offsets[i + 1] - offsets[i]).toBe(CELLS[tag]);
        });
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  it('forgets on clear, and refuses a wrong number of arguments', () => {
    const batch = new EventBatch(2);
    batch.push(EVENTS.MutatorRan.tag, [5]);
    batch.clear(9, 4);
    expect([batch.count, batch.argCount, batch.firstSeq, batch.firstOrdinal]).toEqual([0, 0, 9, 4]);
    expect(() => batch.push(EVENTS.MutatorRan.tag, [])).toThrow(RangeError);
    expect(batch.count).toBe(0);
  });
});
