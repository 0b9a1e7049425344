/**
 * The memory limit and the memory figures that its heap goal depends on.
 *
 * Models `setMemoryLimit` and the inputs of `memoryLimitHeapGoal` in `runtime/mgcpacer.go`, Go 1.21
 * to 1.26; the formula is `memoryLimitGoal` in `heapgoal.ts`.
 *
 * 1. `mappedReady` is memory that the runtime has and has not given back (Sys - HeapReleased).
 * 2. `heapFree` of it is free heap, `totalAlloc - totalFree` of it heap objects; the rest is what
 *    the heap must share the limit with.
 * 3. The goal is kept, and computed anew only when the limit or a figure changes.
 *
 * Invariant: free heap and objects never exceed what is mapped. (Go reads its counters again until
 * that holds.)
 */
import { HeaptapeError } from '@heaptape/schema';
import { memoryLimitGoal } from './heapgoal.ts';
import { TWO_63 } from './int64.ts';
import type { MemoryFigures } from './pacer_types.ts';

export class MemoryLimit {
  /** Bytes; 2^63 is none. Change it with `setLimit`. */
  limit: number = TWO_63;
  mappedReady = 0;
  heapFree = 0;
  totalAlloc = 0;
  totalFree = 0;
  /** Heap goal under the limit, bytes, before it is raised to the marked heap. */
  goal: number = memoryLimitGoal(TWO_63, 0, 0);

  /** Sets the limit: an integer >= 0, or Infinity for none; else throws `bad-usage`. */
  setLimit(bytes: number): void {
    if (!(bytes >= 0 && (Number.isInteger(bytes) || bytes === Infinity))) {
      throw new HeaptapeError('bad-usage', `not a memory limit in bytes: ${bytes}`);
    }
    this.limit = Math.min(bytes, TWO_63);
    this.#update();
  }

  /** Sets the figures that are given; throws `bad-usage` if they contradict each other. */
  setFigures(figures: MemoryFigures): void {
    this.set(
      figures.mappedReady ?? this.mappedReady,
      figures.heapFree ?? this.heapFree,
      figures.totalAlloc ?? this.totalAlloc,
      figures.totalFree ?? this.totalFree,
    );
  }

  /** `setFigures` without an object. */
  set(mappedReady: number, heapFree: number, totalAlloc: number, totalFree: number): void {
    const objects = totalAlloc - totalFree;
    if (!(mappedReady >= heapFree + objects && heapFree >= 0 && objects >= 0)) {
      const what = `${mappedReady} bytes mapped, ${heapFree} free, ${objects} in objects`;
      throw new HeaptapeError('bad-usage', `memory figures contradict each other: ${what}`);
    }
    this.mappedReady = mappedReady;
    this.heapFree = heapFree;
    this.totalAlloc = totalAlloc;
    this.totalFree = totalFree;
    this.#update();
  }

  #update(): void {
    const nonHeap = this.mappedReady - this.heapFree - (this.totalAlloc - this.totalFree);
    this.goal = memoryLimitGoal(this.limit, this.mappedReady, nonHeap);
  }
}
