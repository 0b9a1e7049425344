/**
 * What the bucket of the GC CPU limiter can hold, from the times that events tell.
 *
 * 1. It holds a second of CPU time a P. Collection fills it: a quarter of the CPU while marking, all of it
 *    while the world is stopped, assists; the program drains it with the rest. Time of idle workers is
 *    nobody's.
 * 2. Events do not say when the limiter looked at the clock, and what it finds depends on that: draining
 *    an empty bucket, or filling a full one, is lost. So there are two figures. `most` lets nothing be
 *    drained from an empty bucket, and loses nothing on top until it is known to have looked; `least`
 *    adds up everything between two moments at which it surely looked.
 * 3. It surely looks when marking begins and ends, before the pause and after, when Ps change, and when
 *    it says that it limits.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import type { StreamEvent } from '../stream.ts';

const SECOND = 1e9;
const BACKGROUND = 0.25;
/** CPU time that rounding may move, ns. */
export const SLACK_NS = 1000;

export class LimiterBounds {
  most = 0;
  least = 0;
  capacity: number = SECOND;
  #since = 0;
  /** Whether collection took any time since the limiter last surely looked, beside the quarter. */
  #quiet = true;
  /** Time that passed since then, ns. */
  #passedNs = 0;
  /** The bucket may be, or have been, full since it was last known to drain. */
  mayLimit = false;

  /** What is in it at least if the limiter has not found it full since it last surely looked. */
  get atLeast(): number {
    return this.least + this.#since;
  }

  fold(event: StreamEvent, m: Model): void {
    switch (event.tag) {
      case EVENTS.ClockAdvanced.tag: {
        const window = event.arg(0) * m.procs;
        const spent = m.marking ? BACKGROUND * window : 0;
        this.#passedNs += event.arg(0);
        this.#change(2 * spent - window);
        return;
      }
      case EVENTS.Assisted.tag:
        this.#add(2 * event.arg(6));
        return;
      case EVENTS.ScavengeWorked.tag:
        // Reported when the program's time passes next, which may be after the next look.
        this.most += 2 * event.arg(1);
        if (event.arg(1) > 0) this.#quiet = false;
        return;
      case EVENTS.MarkAdvanced.tag:
        if (event.arg(4) > 0) this.#add(event.arg(4));
        return;
      default:
        this.#foldLooks(event, m);
    }
  }

  #foldLooks(event: StreamEvent, m: Model): void {
    switch (event.tag) {
      case EVENTS.RunStarted.tag:
        this.capacity = m.procs * SECOND;
        return;
      case EVENTS.GCStarted.tag:
      case EVENTS.GCMarkTerminated.tag:
        this.#look();
        this.#add(event.arg(4) * m.procs);
        this.#look();
        return;
      case EVENTS.MarkRestarted.tag:
        // Stopped in vain: the limiter takes it for time like any other.
        this.#change(-event.arg(0) * m.procs * (1 - 2 * BACKGROUND));
        return;
      case EVENTS.ProcsSet.tag:
        this.capacity = event.arg(0) * SECOND;
        this.#look();
        return;
      case EVENTS.LimiterEnabled.tag:
        this.most = this.capacity;
        this.least = this.capacity;
        this.#since = 0;
        this.#quiet = false;
        this.mayLimit = true;
        return;
      default:
        return;
    }
  }

  #add(ns: number): void {
    if (ns > 0) this.#quiet = false;
    this.#change(ns);
  }

  #change(ns: number): void {
    this.most = Math.max(0, this.most + ns);
    this.#since += ns;
    if (this.most >= this.capacity - SLACK_NS) this.mayLimit = true;
  }

  /** The limiter has surely looked at the clock. */
  #look(): void {
    this.most = Math.min(this.most, this.capacity);
    this.least = Math.min(Math.max(this.least + this.#since, 0), this.capacity);
    // Nothing but draining since the last look: whatever was full is not.
    if (this.#quiet && this.#passedNs > 0) this.mayLimit = false;
    if (this.most >= this.capacity - SLACK_NS) this.mayLimit = true;
    this.#since = 0;
    this.#passedNs = 0;
    this.#quiet = true;
  }
}
