/**
 * The lives of specials on a tape, from its events alone: when each was attached, queued, started and done.
 * Specials are numbered as they are attached, so the number need not be on the tape.
 */
import { SPECIAL_KIND } from '@heaptape/core';
import { EVENTS } from '@heaptape/schema';

/** By special, index 0 unused. Events; 0 is never, or not on this tape. */
export interface SpecialNotes {
  /** Go's numbers of kinds. */
  readonly kind: Uint8Array;
  readonly object: Int32Array;
  readonly attached: Float64Array;
  readonly queued: Float64Array;
  readonly started: Float64Array;
  /** It has returned, was cleared, or was taken off. */
  readonly ended: Float64Array;
}

export class SpecialScan {
  #count = 0;
  #kind = new Uint8Array(64);
  #object = new Int32Array(64);
  #attached = new Float64Array(64);
  #queued = new Float64Array(64);
  #started = new Float64Array(64);
  #ended = new Float64Array(64);
  /** Finalizers by their object and the byte in it. */
  readonly #finalizers = new Map<string, number>();
  #running = 0;

  take(kind: number, a: Float64Array, at: number, seq: number): void {
    switch (kind) {
      case EVENTS.FinalizerSet.tag:
        this.#attach(SPECIAL_KIND.finalizer, a[at], seq);
        this.#finalizers.set(`${a[at]} ${a[at + 1]}`, this.#count);
        return;
      case EVENTS.CleanupAdded.tag:
        this.#attach(SPECIAL_KIND.cleanup, a[at], seq);
        return;
      case EVENTS.WeakHandleMade.tag:
        this.#attach(SPECIAL_KIND.weakHandle, a[at], seq);
        return;
      case EVENTS.FinalizerCleared.tag:
        this.#end(this.#finalizers.get(`${a[at]} ${a[at + 1]}`) ?? 0, seq);
        return;
      case EVENTS.FinalizerQueued.tag:
      case EVENTS.CleanupQueued.tag:
        if (a[at] <= this.#count) this.#queued[a[at]] = seq;
        return;
      case EVENTS.FinalizerStarted.tag:
        this.#running = a[at];
        if (a[at] <= this.#count) this.#started[a[at]] = seq;
        return;
      case EVENTS.CleanupStarted.tag:
        if (a[at + 1] <= this.#count) this.#started[a[at + 1]] = seq;
        return;
      case EVENTS.FinalizerReturned.tag:
        this.#end(this.#running, seq);
        return;
      case EVENTS.CleanupStopped.tag:
        // One that is queued runs all the same.
        if (this.#queued[a[at]] === 0) this.#end(a[at], seq);
        return;
      case EVENTS.CleanupReturned.tag:
      case EVENTS.WeakCleared.tag:
        this.#end(a[at], seq);
        return;
    }
  }

  #end(special: number, seq: number): void {
    if (special > 0 && special <= this.#count) this.#ended[special] = seq;
  }

  #attach(kind: number, object: number, seq: number): void {
    this.#count += 1;
    const special = this.#count;
    if (special === this.#kind.length) this.#grow(special * 2);
    this.#kind[special] = kind;
    this.#object[special] = object;
    this.#attached[special] = seq;
  }

  #grow(size: number): void {
    const floats = (from: Float64Array): Float64Array<ArrayBuffer> => {
      const to = new Float64Array(size);
      to.set(from);
      return to;
    };
    const kind = new Uint8Array(size);
    kind.set(this.#kind);
    this.#kind = kind;
    const object = new Int32Array(size);
    object.set(this.#object);
    this.#object = object;
    this.#attached = floats(this.#attached);
    this.#queued = floats(this.#queued);
    this.#started = floats(this.#started);
    this.#ended = floats(this.#ended);
  }

  notes(): SpecialNotes {
    const end = this.#count + 1;
    return {
      kind: this.#kind.slice(0, end),
      object: this.#object.slice(0, end),
      attached: this.#attached.slice(0, end),
      queued: this.#queued.slice(0, end),
      started: this.#started.slice(0, end),
      ended: this.#ended.slice(0, end),
    };
  }
}
