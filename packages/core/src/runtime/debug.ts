/** Package runtime/debug: the collector's settings, and its statistics. */
import { HeaptapeError } from '@heaptape/schema';
import type { Heap } from './heap.ts';
import { type GCStats, readGCStats } from './memstats.ts';

/** Package runtime/debug. */
export class Debug {
  readonly #heap: Heap;
  #memoryLimit: number;

  constructor(heap: Heap, memoryLimit: number) {
    this.#heap = heap;
    this.#memoryLimit = memoryLimit;
  }

  /** Sets GOGC, negative for off; returns the setting before, -1 for off. */
  SetGCPercent(percent: number): number {
    if (!Number.isInteger(percent)) {
      throw new HeaptapeError('bad-usage', `GOGC is a whole number, not ${percent}`);
    }
    return this.#heap.command((decider) => decider.setGCPercent(percent));
  }

  /** Sets the memory limit, bytes; Infinity is none, a negative number only asks. */
  SetMemoryLimit(bytes: number): number {
    const before = this.#memoryLimit;
    if (bytes < 0) return before;
    if (bytes !== Infinity && !Number.isSafeInteger(bytes)) {
      throw new HeaptapeError('bad-usage', `a memory limit is a number of bytes, not ${bytes}`);
    }
    this.#memoryLimit = bytes;
    // A limit of no bytes at all acts like one of a single byte; the command's 0 means none.
    const limit = bytes === Infinity ? 0 : Math.max(1, bytes);
    this.#heap.command((decider) => decider.setMemoryLimit(limit));
    return before;
  }

  /** Collects, then returns every free page to the system. */
  FreeOSMemory(): void {
    this.#heap.fade();
    this.#heap.command((decider) => decider.freeOSMemory());
  }

  /** Pauses, newest first; PauseQuantiles has `quantiles` entries. */
  ReadGCStats(quantiles = 5): GCStats {
    return readGCStats(this.#heap.decider.world, quantiles);
  }
}
