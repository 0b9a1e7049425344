/**
 * Where a condition holds: the first event after a place, or the last one before it.
 *
 * A condition over the state keeps its value from one event that can change it to the next, so only
 * after those is it read; in between it holds or does not, event after event. One about events
 * themselves is false after all events but those of its kinds.
 * Both searches are journeys (journey.ts).
 */
import type { Expression } from '../lang/expression.ts';
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
import { scanBack, scanForward } from './scan.ts';

export class HoldSearch {
  readonly #timeline: Timeline;
  readonly #condition: Expression;
  readonly #moment: MovingMoment;
  readonly #due: Due;
  /** How often the condition has been read. */
  read = 0;

  constructor(timeline: Timeline, facts: TapeFacts, condition: Expression, due: Due) {
    this.#timeline = timeline;
    this.#condition = condition;
    this.#due = due;
    this.#moment = new MovingMoment(timeline.world, facts);
  }

  /** Whether the condition holds after event `seq`. */
  at(seq: number): boolean {
    this.#timeline.seek(seq);
    this.#moment.take(this.#timeline);
    return this.#holds();
  }

  /** The first event after `from`, up to `to`, after which the condition holds; 0 is none. */
  *first(from: number, to: number): Journey<number> {
    if (from >= to) return 0;
    const { ofState, ofEvent } = this.#condition;
    const rest = (event: number): Rest => restAt(event, event, to);
    if (!ofState) {
      const kinds = this.#eventKinds();
      for (let begin = from; begin < to; ) {
        const end = Math.min(to, begin + LOOK_SLICE);
        const found = scanForward(this.#timeline, begin + 1, end, kinds, this.#test);
        if (found > 0) return found;
        begin = end;
        yield rest(begin);
      }
      return 0;
    }
    const here = (): Rest => rest(Math.max(from, this.#timeline.seq));
    yield* seekSlowly(this.#timeline, ofEvent ? from : from + 1, here);
    if (!ofEvent && this.at(from + 1)) return from + 1;
    const stopped = yield* this.#fold(to, () => this.#holds(), here);
    return stopped ? this.#timeline.seq : 0;
  }

  /** The last event up to `to` after which the condition holds; 0 is none. */
  *last(to: number): Journey<number> {
    const { ofState } = this.#condition;
    for (let end = to; end > this.#timeline.begin; ) {
      const first = this.#timeline.begin;
      const begin = ofState ? this.#timeline.knownBefore(end) : Math.max(first, end - LOOK_SLICE);
      const found = ofState
        ? yield* this.#lastIn(begin, end, to)
        : scanBack(this.#timeline, end, this.#eventKinds(), this.#test, begin + 1);
      if (found > begin) return found;
      end = begin;
      yield restAt(end, to - end, to);
    }
    return 0;
  }

  /** The last event after `begin`, up to `end`, after which it holds; 0 is none. */
  *#lastIn(begin: number, end: number, to: number): Journey<number> {
    const { ofEvent } = this.#condition;
    const rest = (): Rest => restAt(end, to - end, to);
    yield* seekSlowly(this.#timeline, begin, rest);
    let holds = !ofEvent && this.at(begin);
    let last = 0;
    const look = (): boolean => {
      const { seq } = this.#timeline;
      if (holds) last = seq - 1;
      const now = this.#holds();
      if (now) last = seq;
      holds = now && !ofEvent;
      return false;
    };
    yield* this.#fold(end, look, rest);
    return holds ? end : last;
  }

  /** Folds on from where the timeline stands, up to `to`; true where `stops` has stopped it. */
  *#fold(to: number, stops: () => boolean, rest: () => Rest): Journey<boolean> {
    const timeline = this.#timeline;
    this.#moment.take(timeline);
    let stopped = false;
    const watcher: FoldWatcher = {
      kinds: this.#condition.kinds,
      folded: (_, kind, batch, at) => {
        this.#moment.event(kind, batch, at, timeline.seq);
        stopped = stops();
        return stopped || (this.read % DUE_EVERY === 0 && this.#due());
      },
    };
    while (timeline.seq < to) {
      timeline.advance(Math.min(to, timeline.seq + FOLD_SLICE), watcher);
      if (stopped) return true;
      yield rest();
    }
    return false;
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

const restAt = (event: number, done: number, total: number): Rest => ({
  done,
  total,
  rest: { event, inside: 0 },
  counts: [],
});
