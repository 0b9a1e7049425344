import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markWorkers, sharesOf, WORKER_MODE } from './markworkers.ts';
import { Random } from './random.ts';

/** Ps, dedicated workers, and the share of every other P: what Go 1.26 gives. */
const TABLE: readonly (readonly [procs: number, dedicated: number, fractional: number])[] = [
  [1, 0, 0.25],
  [2, 0, 0.25],
  [3, 0, 0.25],
  [4, 1, 0],
  [5, 1, 0],
  [6, 1, 0.5 / 6],
  [7, 2, 0],
  [8, 2, 0],
  [9, 2, 0],
  [10, 3, 0],
  [12, 3, 0],
  [14, 4, 0],
  [16, 4, 0],
  [32, 8, 0],
];

describe('workers of a cycle', () => {
  it.each(TABLE)('on %i Ps: %i dedicated, others %d', (procs, dedicated, fractional) => {
    const workers = markWorkers(procs, false, 0, null, new Random(1));
    const of = (mode: number): typeof workers => workers.filter((worker) => worker.mode === mode);
    expect(of(WORKER_MODE.dedicated).map(({ share }) => share)).toEqual(Array(dedicated).fill(1));
    const others = fractional > 0 ? procs - dedicated : 0;
    expect(of(WORKER_MODE.fractional).map(({ share }) => share)).toEqual(
      Array(others).fill(fractional),
    );
    expect(of(WORKER_MODE.idle)).toEqual([]);
    expect(new Set(workers.map(({ p }) => p)).size).toBe(workers.length);
  });

  it('add what idle Ps give, never more than there is; none in a periodic cycle with a dedicated one', () => {
    const procs = fc.integer({ min: 1, max: 64 });
    const idle = fc.double({ min: 0, max: 80, noNaN: true });
    fc.assert(
      fc.property(procs, idle, fc.boolean(), fc.integer(), (n, wanted, periodic, seed) => {
        const workers = markWorkers(n, periodic, wanted, null, new Random(seed));
        const background = sharesOf(workers) - sharesOf(workers, WORKER_MODE.idle);
        const most = periodic ? (n < 4 ? 1 : 0) : n - background;
        const expected = Math.min(wanted, most, n - background);
        expect(sharesOf(workers, WORKER_MODE.idle)).toBeCloseTo(expected, 9);
        const busy = new Float64Array(n);
        for (const { p, share } of workers) busy[p] += share;
        for (const share of busy) expect(share).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { seed: 42, numRuns: 300 },
    );
  });

  it('use together what a recording says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.double({ min: 0.1, max: 80 }), (n, total) => {
        const workers = markWorkers(n, false, 0.5, total, new Random(n));
        expect(sharesOf(workers)).toBeCloseTo(Math.min(n, total), 9);
      }),
      { seed: 42, numRuns: 200 },
    );
  });
});
