/**
 * A what-if with invented figures: each setting's heap grows with its GOGC, and every band is wide
 * enough to be seen.
 */
import type { Band, ScenarioResult } from '@heaptape/replay';
import type { Study } from './study.ts';

const MIB = 1024 * 1024;
const own = { gogc: 100, memoryLimit: 0, procs: 2, collector: 'greentea' } as const;
const band = (mid: number): Band => ({ low: mid * 0.9, mid, high: mid * 1.2 });

export function scenario(gogc: number, changes: Partial<ScenarioResult> = {}): ScenarioResult {
  const heap = (20 + gogc / 10) * MIB;
  return {
    ...own,
    gogc,
    cycles: { low: 3, mid: 4, high: 5 },
    peakHeapBytes: band(heap),
    peakTotalBytes: band(heap * 1.3),
    gcCpuFraction: band(0.125),
    pauseTotalNs: band(12e6),
    maxPauseNs: { low: 4e6, mid: 4e6, high: 4e6 },
    assistNs: band(1e6),
    series: [0, 1, 2, 3].map((i) => {
      return { timeNs: i * 1e8, heapLive: heap * (0.5 + (i % 2) / 2), heapGoal: heap };
    }),
    cycleList: [1, 2].map((n) => ({
      n,
      trigger: 0,
      startNs: n * 1e8,
      endNs: n * 1e8 + 5e6,
      heapAtStart: 12 * MIB,
      heapAtMarkEnd: 13 * MIB,
      heapMarked: 7 * MIB,
      heapGoal: 14 * MIB,
      pauseNs: 1e5,
      assistNs: 2e5,
      volume: 1e7,
    })),
    compaction: null,
    touches: null,
    ...changes,
  };
}

export function invented(
  scenarios: readonly ScenarioResult[],
  changes: Partial<Study> = {},
): Study {
  return {
    name: 'app.trace',
    own,
    answer: {
      recorded: {
        gogc: 100,
        cycles: 6,
        peakHeapBytes: 24.5 * MIB,
        gcCpuFraction: 0.2,
        pauseTotalNs: 9e6,
        maxPauseNs: 3e6,
        assistNs: 2e6,
        durationNs: 4e8,
      },
      scenarios,
    },
    warnings: [],
    recordedSeries: [{ timeNs: 0, heapLive: MIB, heapGoal: 4 * MIB }],
    ...changes,
  };
}
