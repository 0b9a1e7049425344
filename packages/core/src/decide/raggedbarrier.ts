/**
 * The ragged barrier of one P after the other, with the program running in between.
 *
 * Ps that were visited may have something again by the time that the last one is. What that leaves
 * behind is found when the world has stopped. Follows `runtime/mgc.go` gcMarkDone, Go 1.26.
 */
import type { Background } from './background.ts';
import type { Marker } from './marker.ts';

/** Time between two Ps, ns. */
const FLUSH_NS = 20;

export class RaggedBarrier {
  readonly #marker: Marker;
  readonly #background: Background;
  /** The P that comes next, and how many had something so far. */
  #next = 0;
  #flushed = 0;

  constructor(marker: Marker, background: Background) {
    this.#marker = marker;
    this.#background = background;
  }

  /** A cycle has started. */
  begin(): void {
    this.#next = 0;
    this.#flushed = 0;
  }

  /** Visits the next P. Null as long as there are more; then how many had something. */
  visit(): number | null {
    this.#flushed += this.#marker.raggedBarrierOn(this.#next);
    this.#next += 1;
    if (this.#next < this.#marker.flushable) {
      this.#background.pause(FLUSH_NS);
      return null;
    }
    const flushed = this.#flushed;
    this.begin();
    return flushed;
  }
}
