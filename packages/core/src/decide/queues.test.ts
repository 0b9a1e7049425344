/** The queues of grey objects and spans: nothing is lost, nothing comes twice, the order is Go's. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_SPAN, SpanQueue } from './spanqueue.ts';
import { BUFFER_ENTRIES, BUFFER_SHIFT, WorkBuffers } from './workbufs.ts';

/** Takes the next object of a P, or -1. */
function take(work: WorkBuffers, p: number): number {
  if (!work.refill(p)) return -1;
  const buffer = work.first[p];
  work.count[buffer] -= 1;
  return work.entries[(buffer << BUFFER_SHIFT) + work.count[buffer]];
}

const operation = fc.tuple(
  fc.constantFrom('put', 'batch', 'take', 'balance', 'dispose'),
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 1, max: 600 }),
);

describe('work buffers', () => {
  it('give back every object once, whatever the Ps do', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const work = new WorkBuffers();
        const queued = new Set<number>();
        let next = 1;
        const fresh = (): number => {
          queued.add(next);
          next += 1;
          return next - 1;
        };
        const taken = (word: number): void => {
          if (word >= 0) expect(queued.delete(word)).toBe(true);
        };
        for (const [kind, p, count] of operations) {
          work.own(p);
          if (kind === 'put') for (let i = 0; i < count; i += 1) work.put(p, fresh());
          else if (kind === 'take') for (let i = 0; i < count; i += 1) taken(take(work, p));
          else if (kind === 'batch')
            work.putBatch(p, Int32Array.from({ length: count }, fresh), count);
          else if (kind === 'balance' && work.fullCount === 0) work.balance(p);
          else if (kind === 'dispose') work.dispose(p);
          const seen: number[] = [];
          work.forEach((word) => {
            seen.push(word);
          });
          expect(new Set(seen)).toEqual(queued);
          expect(seen.length).toBe(queued.size);
        }
      }),
      { seed: 42, numRuns: 60 },
    );
  });

  it('are last in first out on one P, and hold 253 objects', () => {
    const work = new WorkBuffers();
    work.own(0);
    for (let word = 1; word <= 3 * BUFFER_ENTRIES; word += 1) work.put(0, word);
    expect(BUFFER_ENTRIES).toBe((2048 - 24) / 8);
    expect(work.fullCount).toBe(1);
    expect(work.flushed[0]).toBe(1);
    for (let word = 3 * BUFFER_ENTRIES; word >= 1; word -= 1) {
      // The one that went to the global list first comes last.
      expect(take(work, 0)).toBe(word);
    }
    expect(take(work, 0)).toBe(-1);
  });

  it('share the older half', () => {
    const work = new WorkBuffers();
    work.own(0);
    for (let word = 1; word <= 9; word += 1) work.put(0, word);
    work.balance(0);
    work.own(1);
    expect([take(work, 1), take(work, 0)]).toEqual([5, 9]);
    work.dispose(0);
    expect(work.isEmpty(0)).toBe(true);
  });
});

/** Empties the ring of P `p`, and then takes from the next P. */
function stealInto(queues: readonly SpanQueue[], p: number, taken: (entry: number) => void): void {
  for (let entry = queues[p].get(); entry !== NO_SPAN; entry = queues[p].get()) taken(entry);
  taken(queues[p].steal(queues[(p + 1) % queues.length]));
}

describe('a span queue', () => {
  it('gives back every entry once, own or stolen, first in first out while nobody steals', () => {
    const step = fc.tuple(
      fc.constantFrom('put', 'get', 'flush', 'steal'),
      fc.integer({ min: 0, max: 2 }),
      fc.integer({ min: 1, max: 900 }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const queues = [new SpanQueue(), new SpanQueue(), new SpanQueue()];
        const queued = new Set<number>();
        let next = 0;
        const taken = (entry: number): void => {
          if (entry !== NO_SPAN) expect(queued.delete(entry)).toBe(true);
        };
        const get = (p: number): number => {
          const entry = queues[p].get();
          return entry === NO_SPAN ? queues[p].steal(queues[p]) : entry;
        };
        for (const [kind, p, count] of steps) {
          if (kind === 'flush') expect(queues[p].flush()).toBe(!queues[p].isEmpty);
          else if (kind === 'put') {
            for (let i = 0; i < count; i += 1) {
              queued.add(next);
              queues[p].put(next);
              next += 1;
            }
          } else if (kind === 'get') for (let i = 0; i < count; i += 1) taken(get(p));
          else stealInto(queues, p, taken);
        }
        for (let p = 0; p < 3; p += 1) {
          for (let entry = get(p); entry !== NO_SPAN; entry = get(p)) taken(entry);
          expect(queues[p].isEmpty).toBe(true);
        }
        expect(queued.size).toBe(0);
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  it('spills 16 of every 64 entries, and half a ring when it is full', () => {
    const queue = new SpanQueue();
    const visible = Array.from({ length: 64 }, (_, i) => queue.put(i));
    expect(visible.indexOf(true)).toBe(63);
    const thief = new SpanQueue();
    expect(thief.steal(queue)).toBe(0);
    expect(thief.get()).toBe(1);
    expect(queue.get()).toBe(16);
  });
});
