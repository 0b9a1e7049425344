import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heapMinimum, inferPacing, likelyMarked } from './pacing.ts';
import { goGoal } from './recording.testkit.ts';
import type { RecordedCycle } from './recording.ts';

const MIB = 1024 * 1024;

const cycleOf = (n: number, figures: Partial<RecordedCycle>): RecordedCycle => ({
  n,
  beginRow: 0,
  endRow: 0,
  startNs: 0,
  endNs: 0,
  heapAtStart: 0,
  heapAtMarkEnd: 0,
  heapMarked: 0,
  heapGoal: 0,
  nextGoal: 0,
  trigger: 'heap',
  stwSweepTermNs: 0,
  stwMarkTermNs: 0,
  assistNs: 0,
  workerNs: { dedicated: 0, fractional: 0, idle: 0 },
  ...figures,
});

/** Cycles of a process that marks these heaps, their goals as Go announces them. */
function cyclesFor(
  marked: readonly number[],
  percent: number,
  roots: number,
  limit = Infinity,
): RecordedCycle[] {
  let heapGoal = 12_345_678;
  return marked.map((heapMarked, i) => {
    const nextGoal = Math.min(
      goGoal(heapMarked, heapMarked, percent, roots),
      Math.max(limit, heapMarked),
    );
    const cycle = cycleOf(i + 1, { heapMarked, heapGoal, nextGoal, heapAtMarkEnd: heapGoal });
    heapGoal = nextGoal;
    return cycle;
  });
}

/** Whether GOGC, not the minimum or the sweep distance, sets the goal. */
const ownGoal = (marked: number, percent: number, roots: number): boolean => {
  const own = marked + ((marked + roots) * percent) / 100;
  return own > heapMinimum(percent) && own > marked + 1.06 * MIB;
};

const heaps = fc.array(fc.integer({ min: MIB, max: 600 * MIB }), { minLength: 3, maxLength: 40 });
const percents = fc.integer({ min: 2, max: 400 });
const rootSizes = fc.integer({ min: 0, max: 3 * MIB });

describe('pacing', () => {
  test('GOGC and roots come back from the goals that Go announces', () => {
    fc.assert(
      fc.property(heaps, percents, rootSizes, (marked, percent, roots) => {
        const own = marked.filter((m) => ownGoal(m, percent, roots));
        fc.pre(own.length >= 3 && Math.max(...own) - Math.min(...own) > 10 * MIB);
        const found = inferPacing(cyclesFor(marked, percent, roots));
        expect(found?.gcPercent).toBe(percent);
        // A goal is rounded down to a byte: of roots that is 100 / GOGC.
        expect(Math.abs((found?.rootBytes ?? 0) - roots)).toBeLessThanOrEqual(1 + 100 / percent);
        expect(found?.limitedGoal).toBe(0);
      }),
      { seed: 42, numRuns: 1000, endOnFailure: true },
    );
  });

  test('a heap that never leaves its minimum tells GOGC all the same', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 30, max: 400 }),
        fc.integer({ min: 1, max: 20 }),
        (percent, count) => {
          const marked = Array.from({ length: count }, (_, i) => (i % 5) * 10_000);
          const found = inferPacing(cyclesFor(marked, percent, 0));
          expect(found?.gcPercent).toBe(percent);
        },
      ),
      { seed: 43, numRuns: 300, endOnFailure: true },
    );
  });

  test('a limit that holds down the larger goals is told from GOGC', () => {
    const sizes = fc.array(fc.integer({ min: 8 * MIB, max: 120 * MIB }), {
      minLength: 12,
      maxLength: 40,
    });
    const limits = fc.integer({ min: 60 * MIB, max: 100 * MIB });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 50, max: 300 }),
        rootSizes,
        limits,
        (marked, percent, roots, limit) => {
          const goals = marked.map((m) => goGoal(m, m, percent, roots));
          const free = marked.filter((_, i) => goals[i] <= limit);
          const held = marked.filter((m, i) => goals[i] > 1.1 * limit + MIB && m < limit - 2 * MIB);
          // Most goals must lie on GOGC's line: a line through others is as good to whoever sees only goals.
          fc.pre(
            free.length > marked.length / 2 && Math.max(...free) - Math.min(...free) > 8 * MIB,
          );
          const own = free.filter((m) => ownGoal(m, percent, roots));
          fc.pre(new Set(own.map((m) => Math.floor(m / MIB))).size >= 5);
          fc.pre(held.length > 0);
          const found = inferPacing(cyclesFor(marked, percent, roots, limit));
          expect(Math.abs((found?.gcPercent ?? 0) - percent)).toBeLessThanOrEqual(
            percent * 0.05 + 2,
          );
          expect(found?.limitedGoal).toBe(limit);
        },
      ),
      { seed: 44, numRuns: 300, endOnFailure: true },
    );
  });

  test('goals of 0 are GOGC=off; cycles that the heap triggered are then the limit’s', () => {
    const cycles = [31, 28, 30].map((heap, i) => cycleOf(i + 1, { heapAtMarkEnd: heap * MIB }));
    expect(inferPacing(cycles)).toEqual({ gcPercent: -1, rootBytes: 0, limitedGoal: 31 * MIB });
    const forced = cycles.map((c) => ({ ...c, trigger: 'forced' as const }));
    expect(inferPacing(forced)?.limitedGoal).toBe(0);
  });

  test('nothing is inferred from nothing, and whatever the goals are GOGC is at least 1', () => {
    expect(inferPacing([])).toBeNull();
    const size = fc.integer({ min: 0, max: 2 ** 40 });
    fc.assert(
      fc.property(fc.array(fc.tuple(size, size, size), { maxLength: 80 }), (figures) => {
        const cycles = figures.map(([heapMarked, heapGoal, nextGoal], i) =>
          cycleOf(i + 1, { heapMarked, heapGoal, nextGoal }),
        );
        const found = inferPacing(cycles);
        if (found === null) return;
        expect(Number.isSafeInteger(found.gcPercent)).toBe(true);
        expect(found.gcPercent === -1 || found.gcPercent >= 1).toBe(true);
        expect(Number.isFinite(found.rootBytes) && found.rootBytes >= 0).toBe(true);
        expect(Number.isFinite(found.limitedGoal) && found.limitedGoal >= 0).toBe(true);
      }),
      { seed: 45, numRuns: 500, endOnFailure: true },
    );
  });

  test('what had been marked before leads to a goal above what the recording began with', () => {
    const start = fc.integer({ min: 0, max: 500 * MIB });
    fc.assert(
      fc.property(start, percents, rootSizes, (bytes, percent, roots) => {
        const marked = likelyMarked(bytes, percent, roots);
        expect(marked).toBeGreaterThanOrEqual(0);
        expect(marked).toBeLessThanOrEqual(bytes);
        if (bytes < heapMinimum(percent)) expect(marked).toBe(0);
        else expect(goGoal(marked, marked - MIB, percent, roots)).toBeGreaterThanOrEqual(bytes - 2);
      }),
      { seed: 46, numRuns: 500, endOnFailure: true },
    );
    expect(likelyMarked(100 * MIB, -1, 0)).toBe(0);
  });
});
