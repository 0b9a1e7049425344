/**
 * MemStats: what `runtime.ReadMemStats` would say of a World, with Go's field names.
 *
 * 1. General, heap and by-size figures are exact. Slots taken from spans that are still cached are
 *    counted as if the mcaches had been flushed first, which is what the call does in Go.
 * 2. Tiny objects count as mallocs and, at once, as frees; their block counts as an object.
 * 3. Memory outside the heap is that of stack spans and what `heap/memory.ts` says of the runtime's own.
 *    Sys is the sum of its seven parts, and Sys - HeapReleased is what the memory limit governs.
 * 4. Times are virtual, counted from the start of the run.
 *
 * Follows `runtime/mstats.go` readmemstats_m, Go 1.26. Deviations: NextGC is the goal last
 * committed, and 2^53 - 1 stands for all larger ones; no stacks are mapped outside the heap, so StackSys
 * is StackInuse; the slots of goroutines, maps and other objects of the runtime's own are not in it.
 */
import { runtimeMemory } from '../heap/memory.ts';
import { SCALAR } from '../heap/scalars.ts';
import { CLASS_BYTES, NUM_SPAN_CLASSES } from '../heap/sizeclasses.ts';
import type { World } from '../heap/world.ts';

/** One size class in MemStats. */
export interface MemStatsBySize {
  readonly Size: number;
  readonly Mallocs: number;
  readonly Frees: number;
}

/** Go's runtime.MemStats; bytes, counts and virtual ns. */
export interface MemStats {
  readonly Alloc: number;
  readonly TotalAlloc: number;
  readonly Sys: number;
  readonly Lookups: number;
  readonly Mallocs: number;
  readonly Frees: number;
  readonly HeapAlloc: number;
  readonly HeapSys: number;
  readonly HeapIdle: number;
  readonly HeapInuse: number;
  readonly HeapReleased: number;
  readonly HeapObjects: number;
  readonly StackInuse: number;
  readonly StackSys: number;
  readonly MSpanInuse: number;
  readonly MSpanSys: number;
  readonly MCacheInuse: number;
  readonly MCacheSys: number;
  readonly BuckHashSys: number;
  readonly GCSys: number;
  readonly OtherSys: number;
  readonly NextGC: number;
  readonly LastGC: number;
  readonly PauseTotalNs: number;
  readonly PauseNs: readonly number[];
  readonly PauseEnd: readonly number[];
  readonly NumGC: number;
  readonly NumForcedGC: number;
  readonly GCCPUFraction: number;
  readonly EnableGC: boolean;
  readonly DebugGC: boolean;
  readonly BySize: readonly MemStatsBySize[];
}

/** Entries of PauseNs and PauseEnd. */
const RING = 256;
/** Entries of BySize: size classes up to 18432 bytes. */
const BY_SIZE = 61;
/** Objects by size class, and bytes in all. */
interface Counts {
  readonly mallocs: Float64Array;
  readonly frees: Float64Array;
  readonly bytes: number;
}

/** The counters as a flush of all mcaches would leave them. */
function flushedCounts(w: World): Counts {
  const mallocs = w.smallAllocCount.slice();
  let bytes = w.scalars[SCALAR.totalAlloc];
  for (let slot = 0; slot < w.mcache.length; slot += 1) {
    const page = w.mcache[slot] - 1;
    if (page < 0) continue;
    const sizeClass = (slot % NUM_SPAN_CLASSES) >> 1;
    const used = w.allocCount[page] - w.allocBefore[page];
    mallocs[sizeClass] += used;
    bytes += used * CLASS_BYTES[sizeClass];
  }
  return { mallocs, frees: w.smallFreeCount, bytes };
}

const sum = (column: Float64Array): number => column.reduce((total, value) => total + value, 0);

/** An assist is charged before the time it takes has passed, hence the bound. */
function cpuFraction({ scalars }: World): number {
  const offered = scalars[SCALAR.cpuAtGCNs];
  return offered === 0 ? 0 : Math.min(1, scalars[SCALAR.gcCpuNs] / offered);
}

function ring(values: readonly number[]): number[] {
  return Array.from({ length: RING }, (_, i) => values[i] ?? 0);
}

/** The statistics of a World, at any event. */
export function readMemStats(w: World): MemStats {
  const s = w.scalars;
  const { mallocs, frees, bytes } = flushedCounts(w);
  const tiny = s[SCALAR.tinyAllocs];
  const Mallocs = sum(mallocs) + s[SCALAR.largeAllocCount] + tiny;
  const Frees = sum(frees) + s[SCALAR.largeFreeCount] + tiny;
  const HeapAlloc = bytes - s[SCALAR.totalFree];
  const HeapIdle = s[SCALAR.heapFree] + s[SCALAR.heapReleased];
  const HeapSys = s[SCALAR.heapInUse] + HeapIdle;
  const memory = runtimeMemory(w);
  const { StackInuse, MSpanSys, MCacheSys, BuckHashSys, GCSys, OtherSys } = memory;
  return {
    Alloc: HeapAlloc,
    TotalAlloc: bytes,
    Sys: HeapSys + StackInuse + MSpanSys + MCacheSys + BuckHashSys + GCSys + OtherSys,
    Lookups: 0,
    Mallocs,
    Frees,
    HeapAlloc,
    HeapSys,
    HeapIdle,
    HeapInuse: s[SCALAR.heapInUse],
    HeapReleased: s[SCALAR.heapReleased],
    HeapObjects: Mallocs - Frees,
    StackInuse,
    StackSys: StackInuse,
    MSpanInuse: memory.MSpanInuse,
    MSpanSys,
    MCacheInuse: memory.MCacheInuse,
    MCacheSys,
    BuckHashSys,
    GCSys,
    OtherSys,
    NextGC: w.control.pacer.heapGoal,
    LastGC: s[SCALAR.lastGCNs],
    PauseTotalNs: s[SCALAR.pauseTotalNs],
    PauseNs: ring(w.control.pauseNs),
    PauseEnd: ring(w.control.pauseEnd),
    NumGC: s[SCALAR.numGC],
    NumForcedGC: s[SCALAR.numForcedGC],
    GCCPUFraction: cpuFraction(w),
    EnableGC: true,
    DebugGC: false,
    BySize: Array.from({ length: BY_SIZE }, (_, i) => ({
      Size: CLASS_BYTES[i],
      Mallocs: mallocs[i],
      Frees: frees[i],
    })),
  };
}

/** Go's debug.GCStats; virtual ns, newest first. */
export interface GCStats {
  readonly LastGC: number;
  readonly NumGC: number;
  readonly PauseTotal: number;
  readonly Pause: readonly number[];
  readonly PauseEnd: readonly number[];
  /** As many as were asked for: least, then evenly spread quantiles, last the largest. */
  readonly PauseQuantiles: readonly number[];
}

/** What `debug.ReadGCStats` would say; `quantiles` is the length of PauseQuantiles. */
export function readGCStats(w: World, quantiles: number): GCStats {
  const numGC = w.scalars[SCALAR.numGC];
  const kept = Math.min(numGC, RING);
  const newestFirst = (values: readonly number[]): number[] =>
    Array.from({ length: kept }, (_, i) => values[(numGC - 1 - i) % RING] ?? 0);
  const Pause = newestFirst(w.control.pauseNs);
  const sorted = Pause.toSorted((a, b) => a - b);
  const quantile = (_: unknown, i: number): number => {
    if (kept === 0) return 0;
    if (i === quantiles - 1) return sorted[kept - 1];
    return sorted[Math.floor((kept * i) / (quantiles - 1))];
  };
  return {
    LastGC: w.scalars[SCALAR.lastGCNs],
    NumGC: numGC,
    PauseTotal: w.scalars[SCALAR.pauseTotalNs],
    Pause,
    PauseEnd: newestFirst(w.control.pauseEnd),
    PauseQuantiles: Array.from({ length: quantiles }, quantile),
  };
}
