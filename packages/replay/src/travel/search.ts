/**
 * Searching a tape for the next or the last hit of any of several triggers.
 *
 * Forward: fold on from here, asking each trigger after the events of its kinds. Backward: take up the
 * last known state before, fold forward from there to where the search stands and remember the hits; if
 * there are none, go on before that state. So every interval between snapshots is folded once. Where no
 * trigger needs the state, nothing is folded: the events are looked through, from the end if need be.
 *
 * Both are journeys (journey.ts): they give way after every slice.
 */

import { eitherKinds, NO_KINDS } from '../lang/node.ts';
import type { TapeFacts } from '../tapefacts.ts';
import type { FoldWatcher, Timeline } from '../timeline.ts';
import {
  DUE_EVERY,
  type Due,
  FOLD_SLICE,
  type Journey,
  LOOK_SLICE,
  type Rest,
  seekSlowly,
} from './journey.ts';
import { MovingMoment } from './moving.ts';
import { type EventTest, scanBack, scanForward } from './scan.ts';
import type { Trigger } from './stops.ts';

/** A trigger, and how many of its hits to pass over first. */
export interface Armed {
  readonly trigger: Trigger;
  readonly ignore: number;
}

export interface Found {
  /** The event at which to stop; 0 is none. */
  readonly event: number;
  /** The triggers, by index, that stop there. */
  readonly stopped: readonly number[];
  /** How many hits each trigger had on the way, the last one included. */
  readonly hits: readonly number[];
}

/** Counts hits, and knows which of them stop. */
class Counter {
  readonly hits: number[];
  readonly #armed: readonly Armed[];
  #stopped: number[] = [];

  constructor(armed: readonly Armed[]) {
    this.#armed = armed;
    this.hits = armed.map(() => 0);
  }

  /** The triggers `indices` hit at one event; true when one of them stops there. */
  take(indices: readonly number[]): boolean {
    this.#stopped = indices.filter((index) => {
      this.hits[index] += 1;
      return this.hits[index] > this.#armed[index].ignore;
    });
    return this.#stopped.length > 0;
  }

  found(event: number): Found {
    return { event, stopped: event === 0 ? [] : this.#stopped, hits: this.hits };
  }
}

export class Search {
  readonly #timeline: Timeline;
  readonly #armed: readonly Armed[];
  readonly #kinds: Uint8Array;
  readonly #ofState: boolean;
  readonly #moment: MovingMoment;
  readonly #due: Due;

  constructor(timeline: Timeline, facts: TapeFacts, armed: readonly Armed[], due: Due) {
    this.#timeline = timeline;
    this.#armed = armed;
    this.#due = due;
    this.#moment = new MovingMoment(timeline.world, facts);
    this.#kinds = armed.map(({ trigger }) => trigger.kinds).reduce(eitherKinds, NO_KINDS);
    this.#ofState = armed.some(({ trigger }) => trigger.ofState);
  }

  /** The first stop at an event after `from`, up to `to`. */
  *forward(from: number, to: number): Journey<Found> {
    const counter = new Counter(this.#armed);
    const stops = (): boolean => {
      const hits = this.#hits();
      return hits.length > 0 && counter.take(hits);
    };
    const rest = (event: number): Rest => restAt(event, event, to, counter);
    if (this.#ofState) {
      const stopped = yield* this.#fold(from, to, stops, () =>
        rest(Math.max(from, this.#timeline.seq)),
      );
      return counter.found(stopped ? this.#timeline.seq : 0);
    }
    const test = this.#shown(stops);
    for (let begin = from; begin < to; ) {
      const end = Math.min(to, begin + LOOK_SLICE);
      const event = scanForward(this.#timeline, begin + 1, end, this.#kinds, test);
      if (event > 0) return counter.found(event);
      begin = end;
      yield rest(begin);
    }
    return counter.found(0);
  }

  /** The last stop at an event up to `to`. */
  *back(to: number): Journey<Found> {
    const counter = new Counter(this.#armed);
    return yield* this.#ofState ? this.#foldBack(to, counter) : this.#lookBack(to, counter);
  }

  *#lookBack(to: number, counter: Counter): Journey<Found> {
    const test = this.#shown(() => {
      const hits = this.#hits();
      return hits.length > 0 && counter.take(hits);
    });
    const first = this.#timeline.begin;
    for (let end = to; end > first; ) {
      const begin = Math.max(first, end - LOOK_SLICE);
      const event = scanBack(this.#timeline, end, this.#kinds, test, begin + 1);
      if (event > 0) return counter.found(event);
      end = begin;
      yield restAt(end, to - end, to, counter);
    }
    return counter.found(0);
  }

  *#foldBack(to: number, counter: Counter): Journey<Found> {
    for (let end = to; end > this.#timeline.begin; ) {
      const begin = this.#timeline.knownBefore(end);
      const events: number[] = [];
      const hits: (readonly number[])[] = [];
      const most = this.#mostRemembered();
      const remember = (): boolean => {
        const now = this.#hits();
        if (now.length === 0) return false;
        if (events.length >= most * 2) {
          events.splice(0, most);
          hits.splice(0, most);
        }
        events.push(this.#moment.seq);
        hits.push(now);
        return false;
      };
      const looked = end;
      yield* this.#fold(begin, end, remember, () => restAt(looked, to - looked, to, counter));
      for (let i = events.length - 1; i >= 0; i -= 1) {
        if (counter.take(hits[i])) return counter.found(events[i]);
      }
      end = begin;
      yield restAt(end, to - end, to, counter);
    }
    return counter.found(0);
  }

  /** So many hits, the latest of them, are enough to know where to stop: one of them is not ignored. */
  #mostRemembered(): number {
    return this.#armed.reduce((total, { ignore }) => total + ignore, 0) + 1;
  }

  /** Triggers that the event at hand hits. */
  #hits(): number[] {
    const hits: number[] = [];
    for (let i = 0; i < this.#armed.length; i += 1) {
      const { trigger } = this.#armed[i];
      if (trigger.kinds[this.#moment.kind] === 1 && trigger.isHit(this.#moment)) hits.push(i);
    }
    return hits;
  }

  #shown(stops: () => boolean): EventTest {
    return (kind, batch, at, seq) => {
      this.#moment.event(kind, batch, at, seq);
      return stops();
    };
  }

  /** Folds from `from` to `to`; true where `stops` has stopped it. */
  *#fold(from: number, to: number, stops: () => boolean, rest: () => Rest): Journey<boolean> {
    const timeline = this.#timeline;
    const moment = this.#moment;
    yield* seekSlowly(timeline, from, rest);
    moment.take(timeline);
    for (const { trigger } of this.#armed) trigger.begin(moment);
    let stopped = false;
    let read = 0;
    const watcher: FoldWatcher = {
      kinds: this.#kinds,
      folded: (_, kind, batch, at) => {
        moment.event(kind, batch, at, timeline.seq);
        stopped = stops();
        read += 1;
        return stopped || (read % DUE_EVERY === 0 && this.#due());
      },
    };
    while (timeline.seq < to) {
      timeline.advance(Math.min(to, timeline.seq + FOLD_SLICE), watcher);
      if (stopped) return true;
      yield rest();
    }
    return false;
  }
}

const restAt = (event: number, done: number, total: number, { hits }: Counter): Rest => ({
  done,
  total,
  rest: { event, inside: 0 },
  counts: hits,
});
