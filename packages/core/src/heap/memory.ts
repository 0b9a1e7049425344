/**
 * Memory of the runtime beside the heap and the stacks: what MemStats calls MSpan, MCache, BuckHash,
 * GC and Other, and what of the process counts against the memory limit.
 *
 * 1. mspan structs are taken in batches of 64 for a cache of each P, and their memory from the system
 *    102 at a time; mcaches 7 at a time. Neither goes back, so the most there ever were counts.
 * 2. The rest follows what a process of Go 1.26.8 on linux/amd64 shows, with these sizes, bytes:
 *    `GC_BASE` at its start; 69,648 for each arena of 64 MiB after the first; 285,184 and one page a P
 *    more once it has collected, and 90,112 more after two collections. BuckHash is the profiler's
 *    table. Other is what is left of blocks of 256 KiB from which mspans, mcaches and the small
 *    structures of the collector are cut.
 * 3. A configuration can instead say how much all this is (`nonHeapBytes`, for recordings); it is then
 *    shared out, and more only where mspans, mcaches and configured stacks alone take more.
 *
 * Invariant: Sys - HeapReleased of MemStats is `mappedReady`, to the byte.
 * Follows `runtime/mheap.go` allocMSpanLocked, `mfixalloc.go`, `mcache.go` and `malloc.go`
 * persistentalloc, Go 1.26. Deviation: the sizes of 2 are measured, not derived: work buffers and span
 * sets that a larger heap needs are not in them.
 */
import { SCALAR } from './scalars.ts';
import type { World } from './world.ts';

/** Bytes of Go's mspan and mcache structs, and what their allocators take from the system at a time. */
const MSPAN_BYTES = 160;
const MSPAN_CHUNK = 16320;
const MCACHE_BYTES = 2296;
const MCACHE_CHUNK = 16072;
/** Bytes of the profiler's bucket table. */
const BUCK_HASH_BYTES = 1442686;
/** The collector's share of what a configured total leaves. */
const GC_SHARE = 0.7;

const GC_BASE = 1539344;
const GC_ARENA = 69648;
const ARENA_PAGES = 8192;
const GC_FIRST = 285184;
const GC_FIRST_PER_PROC = 8192;
const GC_SECOND = 90112;
/** Of those, what is mapped by itself and not cut from blocks. */
const GC_MAPPED_FIRST = 65536;
const GC_MAPPED_SECOND = 65536;
const OTHER_BASE = 88562;
/** What a fresh process has cut from its first block, and the size of a block. */
const CUT_AT_START = 32392;
const BLOCK = 262144;

/** Bytes by MemStats's fields. */
export interface RuntimeMemory {
  readonly StackInuse: number;
  readonly MSpanInuse: number;
  readonly MSpanSys: number;
  readonly MCacheInuse: number;
  readonly MCacheSys: number;
  readonly BuckHashSys: number;
  readonly GCSys: number;
  readonly OtherSys: number;
}

function mspanSys(w: World): number {
  return Math.ceil((w.scalars[SCALAR.mspansMost] * MSPAN_BYTES) / MSPAN_CHUNK) * MSPAN_CHUNK;
}

function mcacheSys(w: World): number {
  return Math.ceil((w.tinyBlock.length * MCACHE_BYTES) / MCACHE_CHUNK) * MCACHE_CHUNK;
}

/** Stacks that a run without goroutines is configured to have. */
function configuredStacks(w: World): number {
  return w.goroutines.rows > 0 ? 0 : (w.control.config?.stackBytes ?? 0);
}

/** What the configuration says all of it takes; negative when it is to be modelled. */
function configured(w: World): number {
  return w.control.config?.nonHeapBytes ?? 0;
}

function gcSys(w: World): number {
  const cycles = w.scalars[SCALAR.numGC];
  let bytes = GC_BASE + GC_ARENA * Math.max(0, Math.ceil(w.pages / ARENA_PAGES) - 1);
  if (cycles >= 1) bytes += GC_FIRST + GC_FIRST_PER_PROC * w.tinyBlock.length;
  if (cycles >= 2) bytes += GC_SECOND;
  return bytes;
}

function otherSys(w: World): number {
  const cycles = w.scalars[SCALAR.numGC];
  let cut = mspanSys(w) + mcacheSys(w) - CUT_AT_START;
  if (cycles >= 1) cut += GC_FIRST + GC_FIRST_PER_PROC * w.tinyBlock.length - GC_MAPPED_FIRST;
  if (cycles >= 2) cut += GC_SECOND - GC_MAPPED_SECOND;
  const blocks = Math.max(1, Math.ceil(cut / BLOCK));
  return OTHER_BASE + blocks * BLOCK - cut;
}

/** Bytes from the system beside heap and stack spans. */
function besideHeap(w: World): number {
  const total = configured(w);
  const known = configuredStacks(w) + mspanSys(w) + mcacheSys(w);
  if (total >= 0) return Math.max(total, known);
  return known + BUCK_HASH_BYTES + gcSys(w) + otherSys(w);
}

/** Memory that counts against the limit: all that is mapped and not returned, bytes. */
export function mappedReady(w: World): number {
  const { scalars } = w;
  const spans = scalars[SCALAR.heapInUse] + scalars[SCALAR.heapFree] + scalars[SCALAR.stackInUse];
  return spans + besideHeap(w);
}

export function runtimeMemory(w: World): RuntimeMemory {
  const { scalars } = w;
  const known = {
    StackInuse: scalars[SCALAR.stackInUse] + configuredStacks(w),
    MSpanInuse: scalars[SCALAR.mspans] * MSPAN_BYTES,
    MSpanSys: mspanSys(w),
    MCacheInuse: scalars[SCALAR.procs] * MCACHE_BYTES,
    MCacheSys: mcacheSys(w),
  };
  if (configured(w) < 0) {
    return { ...known, BuckHashSys: BUCK_HASH_BYTES, GCSys: gcSys(w), OtherSys: otherSys(w) };
  }
  const left = besideHeap(w) - configuredStacks(w) - known.MSpanSys - known.MCacheSys;
  const BuckHashSys = Math.min(BUCK_HASH_BYTES, left);
  const GCSys = Math.floor((left - BuckHashSys) * GC_SHARE);
  return { ...known, BuckHashSys, GCSys, OtherSys: left - BuckHashSys - GCSys };
}
