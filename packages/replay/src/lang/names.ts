/**
 * The names that stand for figures of a state: MemStats with Go's field names, the pacer, the cycle, and
 * the run. For each: what it measures, what it means, which events can change it, and whether it only grows.
 *
 * The lists of events are an optimisation that must not be wrong: a test reads every name after every
 * event of random tapes and compares.
 */
import { mappedReady, readMemStats, SCALAR, slotBytes, type World } from '@heaptape/core';
import type { EventName } from '@heaptape/schema';
import { phaseOf } from '../outcome.ts';
import { kindsOf } from './kinds.ts';
import { ALL_KINDS } from './node.ts';
import { BOOLEAN, BYTES, COUNT, NS, OBJECT, STRING, type Value, type ValueType } from './values.ts';

export interface StateName {
  readonly type: ValueType;
  readonly doc: string;
  readonly changedBy: Uint8Array;
  readonly grows: boolean;
  read(world: World): Value;
}

type Reader = (w: World) => Value;

function named(
  type: ValueType,
  doc: string,
  changedBy: readonly EventName[],
  read: Reader,
): StateName {
  return { type, doc, changedBy: kindsOf(...changedBy), grows: false, read };
}

function often(type: ValueType, doc: string, read: Reader): StateName {
  return { type, doc, changedBy: ALL_KINDS, grows: false, read };
}

const growing = (name: StateName): StateName => ({ ...name, grows: true });

const scalar =
  (index: number): Reader =>
  (w) =>
    w.scalars[index];

/** Calls `take` with the objects allocated from each cached span since it was cached, and their size. */
function eachCached(w: World, take: (objects: number, bytes: number) => void): void {
  const { mcache } = w;
  // By index: conditions read this after event upon event.
  for (let slot = 0; slot < mcache.length; slot += 1) {
    const page = mcache[slot] - 1;
    if (page < 0) continue;
    const used = w.allocCount[page] - w.allocBefore[page];
    if (used > 0) take(used, slotBytes(w, page));
  }
}

function totalAlloc(w: World): number {
  let bytes = w.scalars[SCALAR.totalAlloc];
  eachCached(w, (objects, size) => {
    bytes += objects * size;
  });
  return bytes;
}

const sum = (column: Float64Array): number => column.reduce((total, value) => total + value, 0);

function mallocs(w: World): number {
  let objects = sum(w.smallAllocCount) + w.scalars[SCALAR.largeAllocCount];
  eachCached(w, (used) => {
    objects += used;
  });
  return objects + w.scalars[SCALAR.tinyAllocs];
}

const frees = (w: World): number =>
  sum(w.smallFreeCount) + w.scalars[SCALAR.largeFreeCount] + w.scalars[SCALAR.tinyAllocs];

const heapAlloc: Reader = (w) => totalAlloc(w) - w.scalars[SCALAR.totalFree];

const CYCLE_END = ['GCMarkTerminated', 'HeapCompacted'] as const;
const SPANS = ['SpanAllocated', 'SpanSwept', 'HeapCompacted'] as const;
const STACKS = ['StackSpanAllocated', 'StackSpanFreed'] as const;
const SETTINGS = ['RunStarted', 'GCPercentSet', 'MemoryLimitSet', 'ProcsSet'] as const;
const ALLOCATED = named(
  BYTES,
  'bytes of objects, unswept garbage included',
  ['ObjectAllocated', 'SpanSwept'],
  heapAlloc,
);

const MEMSTATS: Readonly<Record<string, StateName>> = {
  Alloc: ALLOCATED,
  HeapAlloc: ALLOCATED,
  TotalAlloc: growing(
    named(BYTES, 'bytes allocated since the start', ['ObjectAllocated'], totalAlloc),
  ),
  Mallocs: growing(
    named(
      COUNT,
      'objects allocated since the start',
      ['ObjectAllocated', 'TinyAllocated'],
      mallocs,
    ),
  ),
  Frees: growing(
    named(COUNT, 'objects freed since the start', ['SpanSwept', 'TinyAllocated'], frees),
  ),
  HeapObjects: named(
    COUNT,
    'objects, unswept garbage included',
    ['ObjectAllocated', 'TinyAllocated', 'SpanSwept'],
    (w) => mallocs(w) - frees(w),
  ),
  HeapInuse: named(BYTES, 'spans in use', SPANS, scalar(SCALAR.heapInUse)),
  HeapReleased: named(
    BYTES,
    'free memory that the system has back',
    ['HeapGrown', 'Scavenged', ...SPANS, ...STACKS],
    scalar(SCALAR.heapReleased),
  ),
  HeapIdle: named(
    BYTES,
    'free spans, returned ones included',
    ['HeapGrown', 'Scavenged', ...SPANS, ...STACKS],
    (w) => w.scalars[SCALAR.heapFree] + w.scalars[SCALAR.heapReleased],
  ),
  HeapSys: named(
    BYTES,
    'address space of the heap',
    ['HeapGrown', ...SPANS, ...STACKS],
    (w) =>
      w.scalars[SCALAR.heapInUse] + w.scalars[SCALAR.heapFree] + w.scalars[SCALAR.heapReleased],
  ),
  NextGC: named(
    BYTES,
    'heap goal of the next cycle',
    ['PacerCommitted'],
    (w) => w.control.pacer.heapGoal,
  ),
  LastGC: named(NS, 'when the last cycle ended marking', CYCLE_END, scalar(SCALAR.lastGCNs)),
  PauseTotalNs: growing(named(NS, 'stop-the-world pauses', CYCLE_END, scalar(SCALAR.pauseTotalNs))),
  NumGC: growing(
    named(COUNT, 'cycles that have ended marking', ['GCMarkTerminated'], scalar(SCALAR.numGC)),
  ),
  NumForcedGC: growing(
    named(
      COUNT,
      'those of them that the program asked for',
      ['GCMarkTerminated'],
      scalar(SCALAR.numForcedGC),
    ),
  ),
  GCCPUFraction: named(
    COUNT,
    'share of the CPU time that the collector took',
    ['GCMarkTerminated'],
    (w) => readMemStats(w).GCCPUFraction,
  ),
  ...Object.fromEntries(
    (
      [
        ['Sys', 'memory from the system'],
        ['StackInuse', 'stacks'],
        ['StackSys', 'stacks'],
        ['MSpanInuse', 'mspan structs in use'],
        ['MSpanSys', 'memory for mspan structs'],
        ['MCacheInuse', 'mcache structs in use'],
        ['MCacheSys', 'memory for mcache structs'],
        ['BuckHashSys', "the profiler's table"],
        ['GCSys', "the collector's own memory"],
        ['OtherSys', 'other memory of the runtime'],
        ['Lookups', 'always 0'],
      ] as const
    ).map(([name, doc]) => [
      name,
      often(name === 'Lookups' ? COUNT : BYTES, doc, (w) => readMemStats(w)[name]),
    ]),
  ),
};

const PACER: Readonly<Record<string, StateName>> = {
  heapLive: named(
    BYTES,
    "what the pacer counts as the program's heap",
    ['SpanCached', 'SpanUncached', 'ObjectAllocated', 'GCMarkTerminated'],
    scalar(SCALAR.heapLive),
  ),
  heapGoal: named(BYTES, 'the goal in force', ['PacerCommitted'], (w) => w.control.pacer.heapGoal),
  trigger: named(
    BYTES,
    'heapLive at which a cycle begins',
    ['PacerCommitted'],
    (w) => w.control.pacer.trigger,
  ),
  runway: named(
    BYTES,
    'what may be allocated while marking runs',
    ['PacerCommitted'],
    (w) => w.control.pacer.runway,
  ),
  consMark: named(
    COUNT,
    'the cons/mark ratio',
    ['GCMarkTerminated'],
    (w) => w.control.pacer.consMark,
  ),
  heapMarked: named(
    BYTES,
    'bytes that the last cycle marked',
    ['GCMarkTerminated', 'PacerPrimed'],
    scalar(SCALAR.heapMarked),
  ),
  heapScan: named(
    BYTES,
    'scannable heap',
    ['SpanCached', 'McacheFlushed', 'ObjectAllocated', 'GCMarkTerminated'],
    scalar(SCALAR.heapScan),
  ),
  triggered: named(
    BYTES,
    'heapLive when the last cycle began',
    ['GCStarted'],
    scalar(SCALAR.triggered),
  ),
  lastHeapGoal: named(
    BYTES,
    'goal when the last cycle ended',
    ['GCMarkTerminated'],
    (w) => w.control.lastHeapGoal,
  ),
  gcPercent: named(COUNT, 'GOGC; -1 is off', SETTINGS, (w) => w.control.pacer.gcPercent),
  memoryLimit: named(BYTES, 'GOMEMLIMIT; 0 is none', SETTINGS, (w) => w.control.pacer.memoryLimit),
  mappedReady: often(BYTES, 'memory that counts against the limit', mappedReady),
};

const CYCLE: Readonly<Record<string, StateName>> = {
  phase: named(STRING, "Go's gcphase: off, mark", ['GCStarted', 'GCMarkTerminated'], phaseOf),
  cycle: growing(
    named(COUNT, 'number of the running or last cycle', ['GCStarted'], (w) => w.control.cycle.n),
  ),
  sweeping: named(
    BOOLEAN,
    'spans of the last cycle are still to be swept',
    ['GCMarkTerminated', 'SweepFinished'],
    (w) => w.scalars[SCALAR.sweeping] === 1,
  ),
  unswept: named(COUNT, 'how many', ['GCMarkTerminated', 'SpanSwept'], scalar(SCALAR.unswept)),
  greyObjects: named(
    COUNT,
    'objects that are grey, where that was recorded',
    ['ObjectGreyed', 'ObjectBlackened', 'MarkDetailSet', 'GCMarkTerminated'],
    (w) => w.greyCount,
  ),
  bytesMarked: named(
    BYTES,
    'marked so far in this cycle',
    [
      'GCStarted',
      'ObjectAllocated',
      'SpanMarked',
      'ObjectGreyed',
      'ObjectBlackened',
      'FinalizersScanned',
    ],
    scalar(SCALAR.bytesMarked),
  ),
  ...Object.fromEntries(
    (
      [
        ['heapScanWork', BYTES, 'heap scanned in this cycle', SCALAR.heapScanWork],
        ['stackScanWork', BYTES, 'stacks scanned in this cycle', SCALAR.stackScanWork],
        ['globalsScanWork', BYTES, 'globals scanned in this cycle', SCALAR.globalsScanWork],
        ['assistNs', NS, 'time in mark assists in this cycle', SCALAR.assistNs],
        ['workerNs', NS, 'time of mark workers in this cycle', SCALAR.workerNs],
        ['idleNs', NS, 'time of idle mark workers in this cycle', SCALAR.idleNs],
      ] as const
    ).map(([name, type, doc, index]) => [
      name,
      named(type, doc, ['GCStarted', 'MarkAdvanced'], scalar(index)),
    ]),
  ),
};

const RUN: Readonly<Record<string, StateName>> = {
  time: growing(
    named(
      NS,
      'virtual time since the start',
      ['ClockAdvanced', 'GCStarted', 'MarkRestarted', 'GCMarkTerminated', 'HeapCompacted'],
      scalar(SCALAR.timeNs),
    ),
  ),
  newest: named(OBJECT, 'the object allocated last', ['ObjectAllocated'], (w) =>
    w.scalars[SCALAR.nextOrdinal] > 1 ? w.scalars[SCALAR.nextOrdinal] - 1 : null,
  ),
  spans: named(COUNT, 'spans of the heap in use', SPANS, scalar(SCALAR.spans)),
  goroutines: named(
    COUNT,
    'goroutines of the program',
    ['GoroutineStarted', 'GoroutineExited'],
    ({ goroutines }) => {
      let own = 0;
      for (let row = 0; row < goroutines.rows; row += 1) if (goroutines.number[row] > 0) own += 1;
      return own;
    },
  ),
  procs: named(COUNT, 'GOMAXPROCS', ['RunStarted', 'ProcsSet'], scalar(SCALAR.procs)),
  p: named(COUNT, 'the P that runs', ['ProcSwitched', 'ProcsSet'], scalar(SCALAR.p)),
  g: named(COUNT, 'the goroutine that runs; 0 is unknown', ['ProcSwitched'], scalar(SCALAR.g)),
  finalizersQueued: growing(
    named(
      COUNT,
      'finalizers queued',
      ['FinalizerQueued', 'FinalizerStarted'],
      scalar(SCALAR.finalizersQueued),
    ),
  ),
  finalizersExecuted: growing(
    named(COUNT, 'finalizers executed', ['FinalizerReturned'], scalar(SCALAR.finalizersExecuted)),
  ),
  cleanupsQueued: growing(
    named(
      COUNT,
      'cleanups queued',
      ['CleanupQueued', 'CleanupStarted'],
      scalar(SCALAR.cleanupsQueued),
    ),
  ),
  cleanupsExecuted: growing(
    named(COUNT, 'cleanups executed', ['CleanupReturned'], scalar(SCALAR.cleanupsExecuted)),
  ),
  finalizersDue: named(
    COUNT,
    'finalizers that wait for their goroutine',
    ['FinalizerQueued', 'FinalizerStarted'],
    ({ specials }) => specials.finq.length + specials.finRunning.length,
  ),
};

/** Every name of a figure, by group, for people. */
export const NAME_GROUPS: Readonly<Record<string, Readonly<Record<string, StateName>>>> = {
  memstats: MEMSTATS,
  pacer: PACER,
  cycle: CYCLE,
  run: RUN,
};

export const STATE_NAMES: ReadonlyMap<string, StateName> = new Map(
  Object.values(NAME_GROUPS).flatMap((group) => Object.entries(group)),
);
