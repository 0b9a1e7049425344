/**
 * The ragged barrier: when no work is left, every P flushes its write-barrier buffer and its work buffers,
 * one after the other (Go's forEachP in gcMarkDone, `mgc.go`). What they held may be work again.
 *
 * It passes all Ps at once, or P by P, with the program running in between.
 */
import type { Marker } from './marker.ts';

export class RaggedBarrier {
  readonly #marker: Marker;
  /** The P that comes next, and how many before it had something. */
  #next = 0;
  #flushed = 0;

  constructor(marker: Marker) {
    this.#marker = marker;
  }

  /** A cycle has started. */
  begin(): void {
    this.#next = 0;
    this.#flushed = 0;
  }

  /** Passes all Ps, or with `single` the next one. How many had something; null while more are to come. */
  pass(single: boolean): number | null {
    if (!single) return this.#marker.raggedBarrier();
    this.#flushed += this.#marker.raggedBarrierOn(this.#next);
    this.#next += 1;
    if (this.#next < this.#marker.flushable) return null;
    const flushed = this.#flushed;
    this.begin();
    return flushed;
  }
}
