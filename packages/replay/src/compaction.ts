/**
 * What compaction did in a run: the report of the experiment.
 *
 * Fragmentation is the share of `HeapInuse` that no live object fills. It is measured when a cycle's
 * sweep has just finished, and again when its objects have moved.
 */
import { SCALAR, type World } from '@heaptape/core';

/** Sums over the compactions of a run; bytes, virtual ns. Shares are means, 0 to 1. */
export interface CompactionReport {
  readonly runs: number;
  readonly objectsMoved: number;
  readonly bytesMoved: number;
  /** Pointer words and roots; 0 for recorded workloads, whose pointers nobody recorded. */
  readonly pointersUpdated: number;
  readonly pauseNs: number;
  readonly maxPauseNs: number;
  readonly pagesFreed: number;
  readonly fragmentationBefore: number;
  readonly fragmentationAfter: number;
}

const PAGE_SIZE = 8192;

function fragmentation(w: World): number {
  const inUse = w.scalars[SCALAR.heapInUse];
  const alive = w.scalars[SCALAR.totalAlloc] - w.scalars[SCALAR.totalFree];
  return inUse === 0 ? 0 : (inUse - alive) / inUse;
}

export class CompactionGatherer {
  #runs = 0;
  #objects = 0;
  #bytes = 0;
  #pointers = 0;
  #pauseNs = 0;
  #maxPauseNs = 0;
  #pagesFreed = 0;
  #before = 0;
  #after = 0;
  #sweptInUse = 0;
  #sweptShare = 0;

  /** A sweep has finished. */
  swept(w: World): void {
    this.#sweptInUse = w.scalars[SCALAR.heapInUse];
    this.#sweptShare = fragmentation(w);
  }

  /** Objects have moved: the arguments of `HeapCompacted`. */
  compacted(w: World, args: Float64Array, at: number): void {
    this.#runs += 1;
    this.#objects += args[at];
    this.#bytes += args[at + 1];
    this.#pointers += args[at + 2];
    this.#pauseNs += args[at + 3];
    this.#maxPauseNs = Math.max(this.#maxPauseNs, args[at + 3]);
    this.#pagesFreed += (this.#sweptInUse - w.scalars[SCALAR.heapInUse]) / PAGE_SIZE;
    this.#before += this.#sweptShare;
    this.#after += fragmentation(w);
  }

  /** Null when nothing ever moved. */
  report(): CompactionReport | null {
    if (this.#runs === 0) return null;
    return {
      runs: this.#runs,
      objectsMoved: this.#objects,
      bytesMoved: this.#bytes,
      pointersUpdated: this.#pointers,
      pauseNs: this.#pauseNs,
      maxPauseNs: this.#maxPauseNs,
      pagesFreed: this.#pagesFreed,
      fragmentationBefore: this.#before / this.#runs,
      fragmentationAfter: this.#after / this.#runs,
    };
  }
}
