/** Lies: what a run would look like if a promise had been broken. Each checker has to notice its own. */
import type { MemStats } from '@heaptape/core';
import type { Change, Lie } from './tamper.testkit.ts';

/** Every `n`-th event of a name is changed, starting with the second. */
export const sometimes = (
  name: string,
  n: number,
  change: (cells: number[]) => number[] | null,
): Change => {
  let count = 0;
  return (event, cells) => {
    if (event !== name) return cells;
    count += 1;
    return count % n === 2 % n ? change(cells) : cells;
  };
};

const put = (at: number, value: (before: number) => number) => (cells: number[]) =>
  cells.with(at, value(cells[at] ?? 0));

/** MemStats lies. */
const stats = (change: (before: MemStats) => Partial<MemStats>): (() => Lie) => {
  return () => ({ stats: (before) => ({ ...before, ...change(before) }) });
};

const tape = (make: () => Change) => (): Lie => ({ tape: make() });

/** What each checker has to notice: a lie about what happened. */
export const LIES: readonly (readonly [checker: string, lie: string, make: () => Lie])[] = [
  [
    'reachability',
    'a root that was dropped still holds its object',
    tape(() => (event, cells) => (event === 'RootStored' && cells[1] === 0 ? [9999, 0] : cells)),
  ],
  [
    'reachability',
    'a root never held what it holds',
    tape(
      () => (event, cells) =>
        event === 'RootStored' && (cells[0] ?? 0) < 50 ? [cells[0] ?? 0, 0] : cells,
    ),
  ],
  ['tricolour', 'an object is not marked', tape(() => sometimes('ObjectGreyed', 5, () => null))],
  [
    'tricolour',
    'an object turns grey only',
    tape(() => sometimes('ObjectBlackened', 5, () => null)),
  ],
  ['tricolour', 'a store did not happen', tape(() => sometimes('PointerStored', 3, () => null))],
  [
    'tricolour',
    'a buffer held less',
    tape(() =>
      sometimes(
        'BarrierFlushed',
        1,
        put(1, (n) => n - 2),
      ),
    ),
  ],
  ['phases', 'a sweep does not end', tape(() => sometimes('SweepFinished', 1, () => null))],
  ['phases', 'a span is not swept', tape(() => sometimes('SpanSwept', 9, () => null))],
  [
    'phases',
    'a P had work left',
    tape(() =>
      sometimes(
        'RaggedBarrierPassed',
        1,
        put(0, () => 1),
      ),
    ),
  ],
  [
    'accounting',
    'more was marked',
    tape(() =>
      sometimes(
        'GCMarkTerminated',
        1,
        put(2, (n) => n + 8),
      ),
    ),
  ],
  [
    'accounting',
    'a pause was longer',
    tape(() =>
      sometimes(
        'GCStarted',
        1,
        put(4, (n) => n + 1),
      ),
    ),
  ],
  [
    'accounting',
    'a span freed one more',
    tape(() =>
      sometimes(
        'SpanSwept',
        3,
        put(1, (n) => n + 1),
      ),
    ),
  ],
  ['specials', 'a weak handle is not cleared', tape(() => sometimes('WeakCleared', 1, () => null))],
  [
    'specials',
    'a finalizer was not queued',
    tape(() => sometimes('FinalizerQueued', 1, () => null)),
  ],
  [
    'specials',
    'a cleanup was queued for another',
    tape(() =>
      sometimes(
        'CleanupQueued',
        2,
        put(0, (n) => n - 1),
      ),
    ),
  ],
  [
    'allocator',
    'a span has a page more',
    tape(() =>
      sometimes(
        'SpanAllocated',
        1,
        put(1, (n) => n + 1),
      ),
    ),
  ],
  [
    'allocator',
    'a span lies a page lower',
    tape(() =>
      sometimes(
        'SpanAllocated',
        4,
        put(0, (n) => Math.max(0, n - 1)),
      ),
    ),
  ],
  [
    'allocator',
    'objects are of another site',
    tape(() =>
      sometimes(
        'SiteDefined',
        1,
        put(0, (n) => n * 3),
      ),
    ),
  ],
  [
    'pacer',
    'the goal is half of it',
    tape(() =>
      sometimes(
        'PacerCommitted',
        1,
        put(0, (n) => Math.floor(n / 2)),
      ),
    ),
  ],
  [
    'pacer',
    'the trigger is lower',
    tape(() =>
      sometimes(
        'PacerCommitted',
        1,
        put(1, (n) => Math.floor(n / 2)),
      ),
    ),
  ],
  [
    'replay',
    'a cycle began with more',
    tape(() =>
      sometimes(
        'GCStarted',
        1,
        put(2, (n) => n + 8),
      ),
    ),
  ],
  [
    'memstats',
    'the pause ring is off by one',
    stats(({ PauseNs }) => ({ PauseNs: [0, ...PauseNs.slice(0, -1)] })),
  ],
  ['memstats', 'a pause ended sooner', stats(({ LastGC }) => ({ LastGC: LastGC - 1 }))],
  [
    'memstats',
    'a class freed one more',
    stats(({ BySize }) => ({
      BySize: BySize.map((row, i) => (i === 5 ? { ...row, Frees: row.Frees + 1 } : row)),
    })),
  ],
  ['memstats', 'a cycle was not forced', stats(() => ({ NumForcedGC: 0 }))],
  ['memstats', 'Sys leaves a part out', stats(({ Sys, GCSys }) => ({ Sys: Sys - GCSys }))],
  ['memstats', 'less was returned', stats((s) => ({ HeapReleased: s.HeapReleased - 8192 }))],
  ['memstats', 'the next goal is lower', stats(({ NextGC }) => ({ NextGC: NextGC - 1 }))],
  [
    'memstats',
    'cycles took less of the CPU',
    stats(({ GCCPUFraction }) => ({ GCCPUFraction: GCCPUFraction * 0.99 })),
  ],
  [
    'pacer',
    'the goal is off by one',
    tape(() =>
      sometimes(
        'PacerCommitted',
        1,
        put(0, (n) => n + 1),
      ),
    ),
  ],
  [
    'pacer',
    'the trigger is off by one',
    tape(() =>
      sometimes(
        'PacerCommitted',
        1,
        put(1, (n) => n - 1),
      ),
    ),
  ],
  [
    'pacer',
    'the runway is shorter',
    tape(() =>
      sometimes(
        'PacerCommitted',
        2,
        put(2, (n) => n - 1),
      ),
    ),
  ],
  [
    'pacer',
    'a cycle began with another goal',
    tape(() =>
      sometimes(
        'GCStarted',
        1,
        put(3, (n) => n - 1),
      ),
    ),
  ],
  [
    'pacer',
    'a cycle began too soon',
    tape(() =>
      sometimes(
        'GCStarted',
        2,
        put(2, (n) => n / 2),
      ),
    ),
  ],
  [
    'pacer',
    'a cycle ended with another goal',
    tape(() =>
      sometimes(
        'GCMarkTerminated',
        1,
        put(3, (n) => n + 1),
      ),
    ),
  ],
  [
    'pacer',
    'less was to be scanned',
    tape(() =>
      sometimes(
        'MarkPaced',
        1,
        put(1, (n) => n - 8),
      ),
    ),
  ],
  [
    'pacer',
    'assists owe less',
    tape(() =>
      sometimes(
        'MarkPaced',
        1,
        put(0, (n) => n * 0.999),
      ),
    ),
  ],
  [
    'pacer',
    'cons/mark forgets samples',
    tape(() =>
      sometimes(
        'GCMarkTerminated',
        1,
        put(5, (n) => n * 0.5),
      ),
    ),
  ],
  ['pacer', 'nothing was measured', tape(() => sometimes('MarkMeasured', 1, () => null))],
  [
    'pacer',
    'a setting was not committed',
    tape(() =>
      sometimes(
        'GCPercentSet',
        1,
        put(0, (n) => n + 1),
      ),
    ),
  ],
];
