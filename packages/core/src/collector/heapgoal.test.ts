/** Goals and triggers against Go's formulas in integers of 64 bits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gcPercentGoal, heapMinimumFor, memoryLimitGoal, triggerFor } from './heapgoal.ts';
import { TWO_63, TWO_64 } from './int64.ts';
import { MemoryLimit } from './memory_limit.ts';

const MIB = 1048576;
const size = (): fc.Arbitrary<number> =>
  fc.oneof(
    fc.integer({ min: 0, max: 2 ** 40 }),
    fc.integer({ min: 0, max: 12 * MIB }),
    fc.integer({ min: 0, max: 300 }),
  );

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Step by step as the comments of Go's memoryLimitHeapGoal tell it. */
function limitModel(limit: bigint, mapped: bigint, nonHeap: bigint): bigint {
  const overage = mapped > limit ? mapped - limit : 0n;
  if (nonHeap + overage >= limit) return 0n;
  const left = limit - nonHeap - overage;
  const headroom = max((left / 100n) * 3n, 1048576n);
  return left < headroom || left - headroom < headroom ? headroom : left - headroom;
}

function triggerModel(goal: bigint, least: bigint, marked: bigint, runway: bigint): bigint {
  if (marked >= goal) return goal;
  const way = (goal - marked) / 64n;
  const low = max(max(least, marked), marked + way * 45n);
  const high = max(max(marked + way * 61n, goal > 4194304n ? goal - 4194304n : 0n), low);
  return min(max(runway > goal ? low : goal - runway, low), high);
}

describe('the goal under a memory limit', () => {
  it("is Go's", () => {
    fc.assert(
      fc.property(size(), size(), size(), (limit, mapped, nonHeap) => {
        const want = limitModel(BigInt(limit), BigInt(mapped), BigInt(nonHeap));
        expect(memoryLimitGoal(limit, mapped, nonHeap)).toBe(Number(want));
      }),
      { seed: 42, numRuns: 1000 },
    );
  });

  it.each([
    [100 * MIB, 20 * MIB, 100 * MIB, 0],
    [100 * MIB, 160 * MIB, 40 * MIB, 0],
    [100 * MIB, 160 * MIB, 40 * MIB - 1, MIB],
    [100 * MIB, 100 * MIB, 99 * MIB, MIB],
    [100 * MIB, 100 * MIB, 98 * MIB - 1, MIB + 1],
  ])('limit %i, mapped %i, other %i: %i', (limit, mapped, nonHeap, want) => {
    expect(memoryLimitGoal(limit, mapped, nonHeap)).toBe(want);
  });
});

describe("GOGC's goal", () => {
  it('counts roots as it counts the heap, and is rounded down', () => {
    fc.assert(
      fc.property(size(), size(), fc.integer({ min: 0, max: 5000 }), (marked, roots, percent) => {
        const wide = ((BigInt(marked) + BigInt(roots)) * BigInt(percent)) / 100n;
        expect(gcPercentGoal(marked, roots, percent)).toBe(Number(BigInt(marked) + wide));
        expect(heapMinimumFor(percent)).toBe(Number((4194304n * BigInt(percent)) / 100n));
      }),
      { seed: 42, numRuns: 500 },
    );
    expect(gcPercentGoal(99, 99, -1)).toBe(TWO_64);
  });
});

describe('the trigger', () => {
  it("is Go's", () => {
    fc.assert(
      fc.property(size(), size(), size(), size(), (goal, least, marked, runway) => {
        fc.pre(least <= goal);
        const want = triggerModel(BigInt(goal), BigInt(least), BigInt(marked), BigInt(runway));
        expect(triggerFor(goal, least, marked, runway)).toBe(Number(want));
      }),
      { seed: 42, numRuns: 2000 },
    );
  });
});

describe('figures of memory', () => {
  it('leave to the heap what is neither free nor objects', () => {
    fc.assert(
      fc.property(size(), size(), size(), size(), size(), (limit, free, freed, objects, other) => {
        const memory = new MemoryLimit();
        memory.setLimit(limit);
        memory.set(free + objects + other, free, freed + objects, freed);
        const want = limitModel(
          BigInt(limit),
          BigInt(free) + BigInt(objects) + BigInt(other),
          BigInt(other),
        );
        expect(memory.goal).toBe(Number(want));
        // What is left out keeps its value; the limit may change afterwards.
        memory.setFigures({ totalFree: freed });
        expect(memory.goal).toBe(Number(want));
        memory.setFigures({});
        memory.setLimit(Infinity);
        expect([memory.limit, memory.heapFree]).toEqual([TWO_63, free]);
      }),
      { seed: 42, numRuns: 300 },
    );
  });

  it('may not contradict each other', () => {
    const memory = new MemoryLimit();
    memory.set(100, 40, 80, 20);
    for (const figures of [
      [99, 40, 80, 20],
      [100, -1, 80, 20],
      [100, 40, 20, 80],
      [100, Number.NaN, 80, 20],
    ] as const) {
      const [mapped, free, alloc, freed] = figures;
      expect(() => memory.set(mapped, free, alloc, freed)).toThrow(
        expect.objectContaining({
          code: 'bad-usage',
          message: expect.stringContaining(`${mapped} bytes mapped, ${free} free`),
        }),
      );
    }
    expect([memory.mappedReady, memory.heapFree]).toEqual([100, 40]);
    for (const limit of [-1, 0.5, Number.NaN]) {
      expect(() => memory.setLimit(limit)).toThrow(expect.objectContaining({ code: 'bad-usage' }));
    }
  });
});
