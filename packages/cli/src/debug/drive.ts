/**
 * Driving journeys: slices of work, and in between whatever else the process has to do.
 *
 * A journey (a search, a long move) gives way where nothing is half done. Here it goes on until its slice
 * of time is over; then timers, signals and messages have their turn, and one of them may ask to break it
 * off.
 */
import { setImmediate as others } from 'node:timers/promises';
import type { Journey, Rest } from '@heaptape/replay';

/** Milliseconds of work before others have their turn: a key or a message waits no longer than that. */
const SLICE_MS = 30;

/** How a journey ended: with its value, or broken off, with the place to come to rest at. */
export type Ended<T> = { readonly value: T } | { readonly broken: Rest };

export class Driver {
  #begun = 0;

  /** Whether the slice of time is over; for `TravelOptions.due`. */
  readonly due = (): boolean => performance.now() - this.#begun > SLICE_MS;

  /** Drives a journey to its end, or until `isBroken` says so. */
  async drive<T>(
    journey: Journey<T>,
    isBroken: () => boolean,
    onProgress: (done: number, total: number) => void,
  ): Promise<Ended<T>> {
    this.#begun = performance.now();
    for (;;) {
      const step = journey.next();
      if (step.done === true) return { value: step.value };
      const { value: rest } = step;
      onProgress(rest.done, rest.total);
      if (this.due()) {
        await others();
        this.#begun = performance.now();
      }
      if (isBroken()) {
        // Its own clean-up runs now; what it would give back is nobody's.
        journey.return(undefined as never);
        return { broken: rest };
      }
    }
  }
}
