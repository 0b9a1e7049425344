/**
 * Where a condition holds: the first event after a place, or the last one before it.
 *
 * A condition over the state keeps its value from one event that can change it to the next, so only
 * after those is it read; in between it holds or does not, event after event. One about events
 * themselves is false after all events but those of its kinds.
 */

import type { Progress } from '../fold.ts';
import type { Expression } from '../lang/expression.ts';
import type { TapeFacts } from '../tapefacts.ts';
import type { Timeline } from '../timeline.ts';
import { MovingMoment } from './moving.ts';
import { scanBack, scanForward } from './scan.ts';

export class HoldSearch {
  readonly #timeline: Timeline;
  readonly #condition: Expression;
  readonly #moment: MovingMoment;
  /** How often the condition has been read. */
  read = 0;

  constructor(timeline: Timeline, facts: TapeFacts, condition: Expression) {
    this.#timeline = timeline;
    this.#condition = condition;
    this.#moment = new MovingMoment(timeline.world, facts);
  }

  /** Whether the condition holds after event `seq`. */
  at(seq: number): boolean {
    this.#timeline.seek(seq);
    this.#moment.take(this.#timeline);
    return this.#holds();
  }

  /** The first event after `from`, up to `to`, after which the condition holds; 0 is none. */
  first(from: number, to: number, onProgress?: Progress): number {
    if (from >= to) return 0;
    const { ofState, ofEvent, kinds } = this.#condition;
    if (!ofState)
      return scanForward(this.#timeline, from + 1, to, this.#eventKinds(), this.#test, onProgress);
    if (!ofEvent && this.at(from + 1)) return from + 1;
    const begin = ofEvent ? from : from + 1;
    this.#timeline.seek(begin);
    this.#moment.take(this.#timeline);
    const stopped = this.#timeline.advance(
      to,
      {
        kinds,
        folded: (_, kind, batch, at) => {
          this.#moment.event(kind, batch, at, this.#timeline.seq);
          return this.#holds();
        },
      },
      onProgress,
    );
    return stopped ? this.#timeline.seq : 0;
  }

  /** The last event up to `to` after which the condition holds; 0 is none. */
  last(to: number, onProgress?: Progress): number {
    const { ofState } = this.#condition;
    if (!ofState) return scanBack(this.#timeline, to, this.#eventKinds(), this.#test);
    for (let end = to; end > this.#timeline.begin; ) {
      const begin = this.#timeline.knownBefore(end);
      const found = this.#lastIn(begin, end);
      if (found > begin) return found;
      onProgress?.(to - begin, to);
      end = begin;
    }
    return 0;
  }

  /** The last event after `begin`, up to `end`, after which it holds; 0 is none. */
  #lastIn(begin: number, end: number): number {
    const { ofEvent, kinds } = this.#condition;
    let holds = !ofEvent && this.at(begin);
    let last = 0;
    this.#timeline.seek(begin);
    this.#moment.take(this.#timeline);
    this.#timeline.advance(end, {
      kinds,
      folded: (_, kind, batch, at) => {
        const { seq } = this.#timeline;
        if (holds) last = seq - 1;
        this.#moment.event(kind, batch, at, seq);
        const now = this.#holds();
        if (now) last = seq;
        holds = now && !ofEvent;
        return false;
      },
    });
    return holds ? end : last;
  }

  /** A condition that needs no state: a constant one may hold after any event. */
  #eventKinds(): Uint8Array {
    const { ofEvent, kinds } = this.#condition;
    return ofEvent ? kinds : kinds.map(() => 1);
  }

  readonly #test = (
    kind: number,
    batch: MovingMoment['batch'],
    at: number,
    seq: number,
  ): boolean => {
    this.#moment.event(kind, batch, at, seq);
    return this.#holds();
  };

  #holds(): boolean {
    this.read += 1;
    return this.#condition.read(this.#moment) === true;
  }
}
