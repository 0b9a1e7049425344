/**
 * The heap goal and the trigger, as pure functions of the pacer's figures.
 *
 * Models `commit`, `memoryLimitHeapGoal` and `trigger` of `runtime/mgcpacer.go`, Go 1.21 to 1.26.
 *
 * 1. GOGC's goal is the marked heap plus GOGC percent of all that had to be scanned for it: marked
 *    heap, the stacks that were scanned, globals. Never less than the heap minimum.
 * 2. The memory limit's goal is what the limit leaves for heap objects: take off memory that is
 *    neither free nor objects, and what the limit is already exceeded by; then 3 % headroom (at
 *    least 1 MiB). Never less than the marked heap. Go computes it whenever it asks for the goal;
 *    here the part that depends only on the limit and on memory figures is computed once a change.
 * 3. The smaller one is the goal (see `Pacer.heapGoal` for the adjustments).
 * 4. A cycle is triggered one runway before the goal, the runway being what the program is expected
 *    to allocate while marking lasts, within 45/64 and 61/64 of the way to the goal. In large heaps
 *    the upper bound is the goal less 4 MiB.
 *
 * Bytes throughout. Integer division is Go's; see `int64.ts` for values above 2^53.
 */
import { TWO_64 } from './int64.ts';
import {
  DEFAULT_HEAP_MINIMUM,
  MAX_TRIGGER_RATIO_NUM,
  MEMORY_LIMIT_HEADROOM_PERCENT,
  MEMORY_LIMIT_MIN_HEADROOM,
  MIN_TRIGGER_RATIO_NUM,
  TRIGGER_RATIO_DEN,
} from './pacer_constants.ts';

/** Smallest GOGC goal: 4 MiB at GOGC=100 and in proportion. With GOGC off it is below the goal, 2^64. */
export function heapMinimumFor(gcPercent: number): number {
  return Math.floor((DEFAULT_HEAP_MINIMUM * gcPercent) / 100);
}

/**
 * GOGC's goal before the heap minimum. `rootsScan` is the bytes of stacks scanned last time and of
 * globals. With `gcPercent` -1 there is none: 2^64.
 */
export function gcPercentGoal(heapMarked: number, rootsScan: number, gcPercent: number): number {
  if (gcPercent < 0) return TWO_64;
  const product = (heapMarked + rootsScan) * gcPercent;
  if (product <= Number.MAX_SAFE_INTEGER) return heapMarked + Math.floor(product / 100);
  // Terabytes times an enormous GOGC: exact, and wrapping as Go's uint64 does.
  const wide = BigInt.asUintN(64, BigInt(heapMarked + rootsScan) * BigInt(gcPercent)) / 100n;
  return Number(BigInt.asUintN(64, BigInt(heapMarked) + wide));
}

/**
 * What the memory limit leaves for the heap, before it is raised to the marked heap; 0 where memory
 * other than heap objects exceeds the limit on its own. `nonHeap` is memory that is mapped and
 * neither free nor heap objects.
 */
export function memoryLimitGoal(limit: number, mappedReady: number, nonHeap: number): number {
  const taken = nonHeap + (mappedReady > limit ? mappedReady - limit : 0);
  if (taken >= limit) return 0;
  const room = limit - taken;
  const share = Math.floor(room / 100) * MEMORY_LIMIT_HEADROOM_PERCENT;
  const headroom = Math.max(share, MEMORY_LIMIT_MIN_HEADROOM);
  return Math.max(room - headroom, headroom);
}

/** Where a cycle starts, given the goal and the least trigger that the goal allows. */
export function triggerFor(
  goal: number,
  minTrigger: number,
  heapMarked: number,
  runway: number,
): number {
  if (heapMarked >= goal) return goal;
  const step = Math.floor((goal - heapMarked) / TRIGGER_RATIO_DEN);
  // The first of these two bounds is never below the marked heap.
  const lowest = Math.max(minTrigger, heapMarked + step * MIN_TRIGGER_RATIO_NUM);
  const byRatio = heapMarked + step * MAX_TRIGGER_RATIO_NUM;
  const highest = Math.max(byRatio, goal - DEFAULT_HEAP_MINIMUM, lowest);
  return Math.min(Math.max(goal - runway, lowest), highest);
}
