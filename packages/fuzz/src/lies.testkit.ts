/** Lies: what a run would look like if a promise had been broken. Each checker has to notice its own. */
import type { MemStats } from '@heaptape/core';
import type { Change, Lie } from './tamper.testkit.ts';

/** Every `n`-th event of a name is changed, starting with the second. */
const sometimes = (
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

/** Every `n`-th event of a name has another field `at`. */
const edit = (name: string, n: number, at: number, value: (before: number) => number) =>
  tape(() => sometimes(name, n, put(at, value)));

/** Every `n`-th event of a name is missing. */
const drop = (name: string, n: number) => tape(() => sometimes(name, n, () => null));

/** What a weak load marks at once is never marked. */
const afterLoads = (): Change => {
  let loaded = false;
  const unmarked = new Set<number>();
  return (event, cells) => {
    const [word = 0] = cells;
    const marks = event === 'ObjectGreyed' || event === 'ObjectBlackened';
    if (loaded && marks) unmarked.add(word);
    loaded = event === 'WeakLoaded';
    return marks && unmarked.has(word) ? null : cells;
  };
};

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
  ['tricolour', 'an object is not marked', drop('ObjectGreyed', 5)],
  ['tricolour', 'an object turns grey only', drop('ObjectBlackened', 5)],
  ['tricolour', 'a store did not happen', drop('PointerStored', 3)],
  ['tricolour', 'a buffer held less', edit('BarrierFlushed', 1, 1, (n) => n - 2)],
  ['phases', 'a sweep does not end', drop('SweepFinished', 1)],
  ['phases', 'a span is not swept', drop('SpanSwept', 9)],
  ['phases', 'a P had work left', edit('RaggedBarrierPassed', 1, 0, () => 1)],
  ['accounting', 'more was marked', edit('GCMarkTerminated', 1, 2, (n) => n + 8)],
  ['accounting', 'a pause was longer', edit('GCStarted', 1, 4, (n) => n + 1)],
  ['accounting', 'a span freed one more', edit('SpanSwept', 3, 1, (n) => n + 1)],
  ['specials', 'a weak handle is not cleared', drop('WeakCleared', 1)],
  ['specials', 'a finalizer was not queued', drop('FinalizerQueued', 1)],
  ['specials', 'a cleanup was queued for another', edit('CleanupQueued', 2, 0, (n) => n - 1)],
  ['allocator', 'a span has a page more', edit('SpanAllocated', 1, 1, (n) => n + 1)],
  ['allocator', 'a span lies a page lower', edit('SpanAllocated', 4, 0, (n) => Math.max(0, n - 1))],
  ['allocator', 'objects are of another site', edit('SiteDefined', 1, 0, (n) => n * 3)],
  ['pacer', 'the goal is half of it', edit('PacerCommitted', 1, 0, (n) => Math.floor(n / 2))],
  ['pacer', 'the trigger is lower', edit('PacerCommitted', 1, 1, (n) => Math.floor(n / 2))],
  ['replay', 'a cycle began with more', edit('GCStarted', 1, 2, (n) => n + 8)],
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
  ['pacer', 'the goal is off by one', edit('PacerCommitted', 1, 0, (n) => n + 1)],
  ['pacer', 'the trigger is off by one', edit('PacerCommitted', 1, 1, (n) => n - 1)],
  ['pacer', 'the runway is shorter', edit('PacerCommitted', 2, 2, (n) => n - 1)],
  ['pacer', 'a cycle began with another goal', edit('GCStarted', 1, 3, (n) => n - 1)],
  ['pacer', 'a cycle began too soon', edit('GCStarted', 2, 2, (n) => n / 2)],
  ['pacer', 'a cycle ended with another goal', edit('GCMarkTerminated', 1, 3, (n) => n + 1)],
  ['pacer', 'less was to be scanned', edit('MarkPaced', 1, 1, (n) => n - 8)],
  ['pacer', 'assists owe less', edit('MarkPaced', 1, 0, (n) => n * 0.999)],
  ['pacer', 'cons/mark forgets samples', edit('GCMarkTerminated', 1, 5, (n) => n * 0.5)],
  ['pacer', 'nothing was measured', drop('MarkMeasured', 1)],
  ['pacer', 'a setting was not committed', edit('GCPercentSet', 1, 0, (n) => n + 1)],
  ['scanwork', 'an object was scanned twice', edit('MarkAdvanced', 1, 0, (n) => n + 2048)],
  ['scanwork', 'a piece was left out', edit('MarkAdvanced', 1, 0, (n) => Math.max(0, n - 64))],
  ['scanwork', 'a stack was scanned twice', edit('MarkAdvanced', 1, 1, (n) => n * 2)],
  ['scanwork', 'globals were left out', edit('MarkAdvanced', 1, 2, () => 0)],
  ['scanwork', 'a finalizer kept nothing', drop('FinalizersScanned', 1)],
  ['stacks', 'a stack lies elsewhere', edit('StackPlaced', 5, 2, (n) => n + 1024)],
  ['stacks', 'a stack is smaller', edit('StackPlaced', 7, 3, (n) => n / 2)],
  ['stacks', 'a stack did not move', drop('StackPlaced', 1)],
  ['stacks', 'frames took more', edit('StackUsed', 1, 1, (n) => n + 4096)],
  ['stacks', 'new stacks are too large', edit('StartingStackSet', 1, 0, (n) => n * 2)],
  ['stacks', 'a span of stacks goes back too soon', edit('StackSpanAllocated', 3, 2, (n) => n + 1)],
  ['sweeping', 'a sweep has swept more', edit('SweepMeasured', 1, 2, (n) => n + 1)],
  ['sweeping', 'the ratio was lower', edit('SweepMeasured', 2, 3, (n) => n / 2)],
  ['sweeping', 'allocation has paid too little', edit('PacerCommitted', 2, 1, (n) => n / 2)],
  ['sweeping', 'a sweep goes on', drop('SweepFinished', 1)],
  ['sweeping', 'a span was not swept before', drop('SpanSwept', 2)],
  ['tricolour', 'a weak load shades nothing', tape(afterLoads)],
  ['specials', 'a block of cleanups is not passed on', drop('CleanupBlockFilled', 1)],
  ['specials', 'cleanups may not run after the sweep', drop('CleanupsFlushed', 1)],
  ['allocator', 'a higher run of pages was taken', edit('SpanAllocated', 6, 0, (n) => n + 1)],
  ['allocator', 'the heap grew for nothing', edit('HeapGrown', 1, 0, (n) => n * 2)],
  ['allocator', 'an empty span stays', edit('SpanSwept', 3, 2, (n) => (n === 2 ? 0 : n))],
  ['assists', 'an assist is missing', drop('Assisted', 2)],
  ['assists', 'a debt was larger', edit('Assisted', 1, 1, (n) => n + 8)],
  ['assists', 'credit was given away', edit('Assisted', 1, 5, (n) => n * 2 + 65536)],
  ['assists', 'stolen credit was not spent', edit('Assisted', 1, 3, (n) => n + 500_000)],
  ['assists', 'a wait is missing', drop('AssistWaited', 1)],
  ['assists', 'another goroutine pays', edit('Assisted', 1, 0, (n) => n + 1)],
  ['assists', 'assists took longer', edit('Assisted', 1, 6, (n) => n + 1000)],
  ['assists', 'assists did more', edit('Assisted', 1, 4, (n) => n + 100_000)],
  ['limiter', 'it limits too late', edit('Assisted', 1, 6, (n) => n * 3)],
  ['limiter', 'it limits for nothing', edit('Assisted', 1, 6, (n) => n / 16)],
  ['workers', 'a worker is missing', drop('MarkWorkerStarted', 1)],
  ['workers', 'a worker took longer', edit('MarkWorkerStopped', 1, 2, (n) => n + 1)],
  ['workers', 'one more is dedicated', edit('MarkPaced', 1, 4, (n) => n + 1)],
  ['workers', 'workers took less', edit('MarkAdvanced', 1, 3, (n) => n / 2)],
  ['compaction', 'a pointer was not updated', edit('HeapCompacted', 1, 2, (n) => n - 1)],
  ['compaction', 'more bytes moved', edit('HeapCompacted', 1, 1, (n) => n + 8)],
  ['compaction', 'the pause was shorter', edit('HeapCompacted', 1, 3, (n) => n - 1)],
  ['phases', 'pools are not emptied', drop('PoolsCleaned', 1)],
  ['scavenging', 'it slept too little', edit('ClockAdvanced', 1, 0, (n) => Math.ceil(n / 10))],
  ['scavenging', 'it took no time', edit('ScavengeWorked', 1, 0, () => 1)],
  ['scavenging', 'nobody says who returned it', drop('ScavengeWorked', 2)],
  ['scavenging', 'more was returned', edit('ScavengeMeasured', 1, 0, (n) => n + 8192)],
  ['scavenging', 'less is retained', edit('ScavengeMeasured', 1, 3, (n) => n + 1)],
  ['scavenging', 'a page was not returned', edit('Scavenged', 1, 1, (n) => n - 1)],
  ['scavenging', 'goals are higher', edit('PacerCommitted', 1, 0, (n) => n * 2)],
];
