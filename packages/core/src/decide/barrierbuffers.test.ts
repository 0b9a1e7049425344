/** Barrier buffers against a list a P. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BARRIER_ENTRIES, BarrierBuffers } from './barrierbuffers.ts';

describe('barrier buffers', () => {
  it('give back what each P noted, in order, once', () => {
    const action = fc.record({
      what: fc.constantFrom('note', 'note', 'note', 'take'),
      p: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 40 })),
      count: fc.integer({ min: 1, max: 300 }),
      value: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40, size: 'max' }), (actions) => {
        const buffers = new BarrierBuffers();
        const model = new Map<number, number[]>();
        let most = -1;
        for (const { what, p, count, value } of actions) {
          const list = model.get(p) ?? [];
          model.set(p, list);
          if (what === 'note') {
            most = Math.max(most, p);
            for (let i = 0; i < count && !buffers.isFull(p); i += 1) {
              buffers.note(p, value - i, i);
              list.push((value - i) | 0, i);
            }
          } else if (p <= most) {
            expect(Array.from(buffers.take(p))).toEqual(list);
            list.length = 0;
          }
          for (let other = 0; other < 42; other += 1) {
            const noted = model.get(other)?.length ?? 0;
            expect(buffers.count(other)).toBe(noted);
            expect(buffers.isFull(other)).toBe(noted === BARRIER_ENTRIES);
          }
          expect(buffers.procs).toBeGreaterThan(most);
        }
        for (const [p, list] of model) {
          if (p <= most) expect(Array.from(buffers.take(p))).toEqual(list);
        }
      }),
      { seed: 42, numRuns: 30 },
    );
  });

  it('hold 512 entries, as in Go, and are full when two more would not fit', () => {
    const buffers = new BarrierBuffers();
    for (let stores = 0; stores < 256; stores += 1) {
      expect(buffers.isFull(1)).toBe(false);
      buffers.note(1, stores, 7);
    }
    expect(buffers.isFull(1)).toBe(true);
    expect(buffers.isFull(0)).toBe(false);
    expect(buffers.take(1)).toHaveLength(512);
    expect(buffers.isFull(1)).toBe(false);
  });

  it('have room for twice the Ps when there are more of them', () => {
    const buffers = new BarrierBuffers();
    const seen: number[] = [];
    for (let p = 0; p < 40; p += 1) {
      buffers.note(p, p, p);
      seen.push(buffers.procs);
    }
    expect(new Set(seen)).toEqual(new Set([4, 8, 16, 32, 64]));
  });
});
