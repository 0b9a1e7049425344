/** The pacer from cycle to cycle: what one leaves to the next, and what is stored of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pacer } from './pacer.ts';
import { toJsonFloat } from './pacer_types.ts';

const MIB = 1048576;
const idle = { stackBytes: 0, globalsBytes: 0, scannableFraction: 1, procs: 8 };

/** What outsiders see of a pacer. */
function seen(pacer: Pacer): unknown[] {
  const { heapGoal, trigger, triggered, heapLive, heapMarked, heapScan, expectedScan } = pacer;
  const { assistWorkPerByte, assistBytesPerWork, consMark, runway, lastHeapGoal, workers } = pacer;
  return [
    ...[heapGoal, trigger, triggered, heapLive, heapMarked, heapScan, expectedScan],
    ...[assistWorkPerByte, assistBytesPerWork, consMark, runway, lastHeapGoal, workers],
  ];
}

describe('what the last cycle found', () => {
  it('is what the next one expects to scan: heap and stacks as scanned, globals as they are', () => {
    const size = fc.integer({ min: 0, max: 2 ** 36 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(size, size, size), { minLength: 1, maxLength: 5 }),
        (cycles) => {
          const pacer = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
          expect([pacer.expectedScan, pacer.lastHeapGoal]).toEqual([0, 0]);
          for (const [heap, stack, globals] of cycles) {
            pacer.startCycle({ ...idle, stackBytes: 3, globalsBytes: globals });
            pacer.reviseBy(0, 5, heap, stack, 0);
            const goal = pacer.heapGoal;
            pacer.endCycle({ bytesMarked: heap, assistNs: 0, elapsedNs: 1, procs: 8 });
            expect(pacer.expectedScan).toBe(heap + stack + globals);
            expect(pacer.heapScan).toBe(heap);
            expect(pacer.lastHeapGoal).toBe(goal);
          }
          pacer.setRoots(9, 0);
          const [heap, stack] = cycles[cycles.length - 1] ?? [0, 0];
          expect(pacer.expectedScan).toBe(heap + stack);
        },
      ),
      { seed: 42, numRuns: 100 },
    );
  });

  it('is scannable in part, where it was not counted as it was allocated', () => {
    const pacer = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
    pacer.heapLiveAdd(1000, 100);
    pacer.startCycle({ ...idle, scannableFraction: 0.5, heapLive: 1601 });
    expect([pacer.heapScan, pacer.heapLive]).toEqual([400, 1601]);
    pacer.endCycle({ bytesMarked: 3000, assistNs: 0, elapsedNs: 0, procs: 8 });
    pacer.heapLiveAdd(10, 10);
    // Less than was counted: nothing is taken off.
    pacer.startCycle({ ...idle, scannableFraction: 0.5, heapLive: 2000 });
    expect([pacer.heapScan, pacer.heapLive]).toEqual([10, 2000]);
  });

  it('takes no time: the cons/mark is that of 25 % of the CPUs', () => {
    const pacer = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
    pacer.startCycle({ ...idle, heapLive: 5 * MIB });
    pacer.reviseBy(300, 0, 100, 0, 0);
    pacer.endCycle({ bytesMarked: 1, assistNs: 0, idleNs: 0, elapsedNs: 0, procs: 8 });
    expect(pacer.consMark).toBe((300 * 0.25) / (100 * 0.75));
  });
});

describe('sweeping that is not done', () => {
  // Go's commit: the next trigger is at least 1 MiB above the live heap.
  it.each([
    [true, 4 * MIB],
    [false, 11 * MIB],
  ])('holds the trigger back: done %s', (done, goal) => {
    const setters: ((pacer: Pacer) => unknown)[] = [
      (pacer) => pacer.setMemoryLimit(100 * MIB, done),
      (pacer) => pacer.setGCPercent(100, done),
      (pacer) => pacer.commit({ sweepDone: done }),
    ];
    for (const set of setters) {
      const pacer = new Pacer({ gcPercent: 50, memoryLimit: Infinity });
      pacer.setGCPercent(100);
      pacer.heapLiveAdd(10 * MIB);
      set(pacer);
      expect(pacer.heapGoal).toBe(goal);
    }
  });

  it('is taken for done, unless told', () => {
    const setters: ((pacer: Pacer) => unknown)[] = [
      (pacer) => pacer.setMemoryLimit(100 * MIB),
      (pacer) => pacer.setGCPercent(100),
    ];
    for (const set of setters) {
      const pacer = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
      pacer.heapLiveAdd(10 * MIB);
      set(pacer);
      expect(pacer.heapGoal).toBe(4 * MIB);
    }
  });

  it('stays as it is when the limit in force is set again', () => {
    for (const limit of [100 * MIB, Infinity]) {
      const pacer = new Pacer({ gcPercent: 100, memoryLimit: limit });
      pacer.heapLiveAdd(10 * MIB);
      expect(pacer.setMemoryLimit(limit, false)).toBe(limit);
      expect(pacer.heapGoal).toBe(4 * MIB);
    }
  });
});

describe('the workers of a cycle', () => {
  it('follow what started it and how many Ps there are', () => {
    const pacer = new Pacer({ gcPercent: 100, memoryLimit: Infinity });
    for (const [procs, mode, dedicated, maxIdle] of [
      [8, undefined, 2, 6],
      [8, 'periodic', 2, 0],
      [8, 'normal', 2, 6],
      [8, 'stop-the-world', 8, 0],
      [4, 'stop-the-world', 4, 0],
      [4, undefined, 1, 3],
    ] as const) {
      pacer.startCycle({ ...idle, procs, ...(mode === undefined ? {} : { mode }) });
      const expected = { procs, mode: mode ?? 'normal', dedicated, maxIdle };
      expect(pacer.workers).toMatchObject(expected);
      pacer.endCycle({ bytesMarked: 0, assistNs: 0, elapsedNs: 1, procs });
    }
  });
});

describe('state', () => {
  const size = fc.integer({ min: 0, max: 2 ** 32 });
  const step = fc.record({ live: size, work: size, marked: size, percent: fc.nat(300) });

  /** A cycle, or a change of settings; cycles without work give infinite cons/marks. */
  function act(pacer: Pacer, { live, work, marked, percent }: Record<string, number>): void {
    if (percent < 50) pacer.setGCPercent(percent);
    if (percent > 280) pacer.setMemoryLimit(marked);
    if (percent % 8 === 0) pacer.setMemory(live + work + marked, live, work + marked, marked);
    const mode = percent % 3 === 0 ? 'periodic' : 'normal';
    const procs = 1 + (percent % 7);
    pacer.startCycle({ stackBytes: live, globalsBytes: work, scannableFraction: 0.5, procs, mode });
    pacer.reviseBy(live, work, percent % 5 === 0 ? 0 : work, 0, percent);
    pacer.endCycle({ bytesMarked: marked, assistNs: 1, idleNs: 1, elapsedNs: live + 1, procs });
    pacer.heapLiveAdd(work, live);
  }

  it('survives JSON at any point, and goes on as it would have', () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 10, size: 'max' });
    fc.assert(
      fc.property(steps, steps, fc.boolean(), (before, after, within) => {
        const pacer = new Pacer({ gcPercent: 75, memoryLimit: Infinity });
        for (const one of before) act(pacer, one);
        if (within) pacer.startCycle({ ...idle, procs: 6, mode: 'periodic' });
        if (within) pacer.reviseBy(999, 3, 77, 5, 1);
        const copy = Pacer.fromState(JSON.parse(JSON.stringify(pacer.toState())));
        expect(seen(copy)).toEqual(seen(pacer));
        const end = { bytesMarked: 7, assistNs: 2, elapsedNs: 9, procs: 6 };
        if (within) for (const one of [pacer, copy]) one.endCycle(end);
        for (const one of after) {
          act(pacer, one);
          act(copy, one);
          expect(seen(copy)).toEqual(seen(pacer));
        }
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  it.each([Infinity, -Infinity, Number.NaN, 0, 1.5])('of a cons/mark of %d', (sample) => {
    const state = new Pacer({ gcPercent: 100, memoryLimit: Infinity }).toState();
    const stored = JSON.parse(JSON.stringify({ ...state, consMark: toJsonFloat(sample) }));
    expect(Pacer.fromState(stored).consMark).toBe(sample);
  });
});
