/**
 * Travel: moving about in a tape.
 *
 * One who travels stands at a position and sees the state there. Steps go by event, by object, by span,
 * by phase, by cycle or by command of the program; runs go to the next stop, or to the last one before;
 * both directions meet the same positions. All answers are plain values, so that the command line, a page
 * and a debugger's protocol can show them.
 *
 * Whatever may take long is there twice: as a call that returns when it is over (`run`), and as a journey
 * that gives way and can be broken off (`running`, see journey.ts). Nobody else may move the traveller
 * while a journey is under way; after one was broken off, `rest` puts things in order.
 */
import { SCALAR, type World } from '@heaptape/core';
import { type EventRow, eventRow, HeaptapeError, type TapeReader } from '@heaptape/schema';
import type { Progress } from '../fold.ts';
import { type Expression, Expressions } from '../lang/expression.ts';
import { ALL_KINDS } from '../lang/node.ts';
import type { Moment, Value } from '../lang/values.ts';
import { TapeFacts } from '../tapefacts.ts';
import { Timeline, type TimelineOptions } from '../timeline.ts';
import { type Bisection, bisect } from './bisect.ts';
import { changesInside, colourAhead, isCoarse, type ObjectChange } from './coarse.ts';
import { HoldSearch } from './holds.ts';
import { arrive, type Due, type Journey, NEVER_DUE, type Rest, seekSlowly } from './journey.ts';
import { MovingMoment, offsetOf } from './moving.ts';
import type { Position } from './position.ts';
import { type EventTest, lastOf, nextOf, scanBack, scanForward } from './scan.ts';
import { type Found, Search } from './search.ts';
import { type StopSpec, triggerOf, watchedBy } from './stops.ts';
import { goesInside, kindsOfUnit, type StepUnit } from './units.ts';

/** Where a step or a run has led. */
export interface Arrival {
  readonly position: Position;
  /** `start` and `end`: the tape was over before. */
  readonly why: 'there' | 'start' | 'end';
}

/** A stop at which a run has ended. */
export interface Hit {
  /** Index of the stop among those that were given. */
  readonly stop: number;
  /** What it watches, and the value before and after the event; absent where it watches no value. */
  readonly watched?: { readonly text: string; readonly before: Value; readonly after: Value };
}

export interface RunArrival extends Arrival {
  readonly hits: readonly Hit[];
  /** How many hits each stop had on the way, ignored ones included. */
  readonly counts: readonly number[];
}

export interface TravelOptions extends TimelineOptions {
  /** Whether a journey should give way now. */
  readonly due?: Due;
}

export class Travel {
  readonly reader: TapeReader;
  readonly facts: TapeFacts;
  readonly expressions: Expressions;
  /** Positions by the names that the traveller gave them. */
  readonly bookmarks: Map<string, Position> = new Map();
  readonly #timeline: Timeline;
  readonly #moment: MovingMoment;
  readonly #due: Due;
  #inside = 0;
  /** Changes inside the event after `event`. */
  #changes: { readonly event: number; readonly list: readonly ObjectChange[] } | null = null;

  /** Dead objects can be asked for, so the state keeps them unless `keepDead` is false. */
  constructor(reader: TapeReader, options: TravelOptions = {}) {
    this.reader = reader;
    this.#due = options.due ?? NEVER_DUE;
    this.facts = new TapeFacts(reader);
    this.expressions = new Expressions(this.facts);
    this.#timeline = new Timeline(reader, { keepDead: true, ...options });
    this.#moment = new MovingMoment(this.#timeline.world, this.facts);
  }

  /** Events before the first one of the tape: 0 but for a cut. */
  get begin(): number {
    return this.#timeline.begin;
  }

  get position(): Position {
    return { event: this.#timeline.seq, inside: this.#inside };
  }

  /** The state after the whole events of the position. Read it, do not keep it. */
  get world(): World {
    return this.#timeline.world;
  }

  get timeNs(): number {
    return this.world.scalars[SCALAR.timeNs];
  }

  /** Hash of that state. */
  hash(): string {
    return this.#timeline.hash();
  }

  /** What expressions are evaluated in, here. */
  moment(): Moment {
    const moment = this.#moment.take(this.#timeline);
    moment.ahead = colourAhead(this.#inside > 0 ? this.inside() : [], this.#inside);
    return moment;
  }

  /** The value of an expression here. Throws `ExpressionError`. */
  evaluate(text: string): { readonly expression: Expression; readonly value: Value } {
    const expression = this.expressions.value(text);
    return { expression, value: expression.read(this.moment()) };
  }

  /** Goes to a position. Throws `not-found` where the tape has no such one, and stays. */
  at(position: Position, onProgress?: Progress): Position {
    return arrive(this.going(position), onProgress);
  }

  /** As `at`. One that is broken off rests where it began. */
  *going(position: Position): Journey<Position> {
    const { event, inside } = position;
    const before = this.position;
    const { events } = this.reader;
    if (Number.isInteger(event) && event >= 0 && event <= events) {
      yield* seekSlowly(this.#timeline, event, ({ seq }) => ({
        done: seq,
        total: event,
        rest: before,
        counts: [],
      }));
    } else this.#timeline.seek(event);
    this.#inside = inside;
    if (inside !== 0) {
      const objects = this.inside().length;
      if (!(Number.isInteger(inside) && inside > 0 && inside < objects)) {
        this.#timeline.seek(before.event);
        this.#inside = before.inside;
        const place = `event ${event + 1} has no place after ${inside} objects`;
        throw new HeaptapeError('not-found', place);
      }
    }
    return this.position;
  }

  /** Comes to rest where a journey was broken off. */
  rest({ rest }: Rest): Position {
    return this.at(rest);
  }

  /** What the next event does to one object after the other; empty where it is no coarse event. */
  inside(): readonly ObjectChange[] {
    const event = this.#timeline.seq;
    if (this.#changes?.event !== event) this.#changes = { event, list: this.#changesAfter(event) };
    return this.#changes.list;
  }

  #changesAfter(event: number): readonly ObjectChange[] {
    if (event >= this.reader.events) return [];
    const batch = this.#timeline.segmentAt(event + 1);
    const index = event + 1 - batch.firstSeq;
    const kind = batch.kinds[index];
    if (!isCoarse(kind)) return [];
    return changesInside(this.world, this.facts, kind, batch, offsetOf(batch, index));
  }

  /** Tag of event `seq`; -1 where there is none. */
  kindAt(seq: number): number {
    if (!(Number.isInteger(seq) && seq > this.#timeline.begin && seq <= this.reader.events))
      return -1;
    const batch = this.#timeline.segmentAt(seq);
    return batch.kinds[seq - batch.firstSeq];
  }

  /** Event `seq` with its fields. Throws `not-found`. */
  eventAt(seq: number): EventRow {
    if (this.kindAt(seq) < 0) throw new HeaptapeError('not-found', `no event ${seq}`);
    const batch = this.#timeline.segmentAt(seq);
    const index = seq - batch.firstSeq;
    return eventRow(batch, index, offsetOf(batch, index));
  }

  /** Shows the events from `from` to `to`, in order, until `test` is true. */
  eachEvent(from: number, to: number, test: EventTest): void {
    scanForward(
      this.#timeline,
      Math.max(this.#timeline.begin + 1, from),
      Math.min(to, this.reader.events),
      ALL_KINDS,
      test,
    );
  }

  /** The last event from `to` back to `from` at which a step of `unit` ends and `test` is true; 0 is none. */
  lookBack(to: number, from: number, unit: StepUnit, test: EventTest = () => true): number {
    return scanBack(this.#timeline, to, kindsOfUnit(unit), test, Math.max(1, from));
  }

  /** Goes so many steps on. */
  step(unit: StepUnit = 'event', count = 1): Arrival {
    return arrive(this.stepping(unit, count));
  }

  /** Goes so many steps back. */
  stepBack(unit: StepUnit = 'event', count = 1): Arrival {
    return arrive(this.steppingBack(unit, count));
  }

  /** As `step`. One that is broken off rests after the last whole step. */
  *stepping(unit: StepUnit, count: number): Journey<Arrival> {
    for (let i = 0; i < count; i += 1) {
      if (i > 0 && this.#due()) yield this.#pace(i, count);
      if (!(yield* this.#stepOn(unit))) return this.#arrived('end');
    }
    return this.#arrived('there');
  }

  /** As `stepBack`. One that is broken off rests after the last whole step. */
  *steppingBack(unit: StepUnit, count: number): Journey<Arrival> {
    for (let i = 0; i < count; i += 1) {
      if (i > 0 && this.#due()) yield this.#pace(i, count);
      if (!(yield* this.#stepBack(unit))) return this.#arrived('start');
    }
    return this.#arrived('there');
  }

  #pace(done: number, total: number): Rest {
    return { done, total, rest: this.position, counts: [] };
  }

  #arrived(why: Arrival['why']): Arrival {
    return { position: this.position, why };
  }

  *#stepOn(unit: StepUnit): Journey<boolean> {
    const { event } = this.position;
    const { events } = this.reader;
    if (event === events) return false;
    const inner = goesInside(unit);
    if (inner && this.#inside + 1 < this.inside().length) {
      this.#inside += 1;
      return true;
    }
    // What is left of a coarse event counts as a step of its own.
    const whole = this.#inside > 0 && inner;
    const next = whole ? event + 1 : nextOf(this.#timeline, event + 1, events, kindsOfUnit(unit));
    if (next === 0) {
      yield* this.going({ event: events, inside: 0 });
      return false;
    }
    if (inner && !whole && isCoarse(this.kindAt(next))) {
      yield* this.going({ event: next - 1, inside: 0 });
      if (this.inside().length > 1) {
        this.#inside = 1;
        return true;
      }
    }
    yield* this.going({ event: next, inside: 0 });
    return true;
  }

  *#stepBack(unit: StepUnit): Journey<boolean> {
    const { event, inside } = this.position;
    const { begin } = this.#timeline;
    if (event === begin && inside === 0) return false;
    const inner = goesInside(unit);
    if (inner && inside > 1) {
      this.#inside = inside - 1;
      return true;
    }
    if (inner && inside === 0 && isCoarse(this.kindAt(event))) {
      yield* this.going({ event: event - 1, inside: 0 });
      const objects = this.inside().length;
      if (objects > 1) {
        this.#inside = objects - 1;
        return true;
      }
    }
    const from = inside > 0 ? event : event - 1;
    const last = from === begin ? begin : lastOf(this.#timeline, from, kindsOfUnit(unit)) || begin;
    yield* this.going({ event: last, inside: 0 });
    return last > begin || from === begin;
  }

  /** Goes on to the first event at which one of `stops` stops, or to the end of the tape. */
  run(stops: readonly StopSpec[], onProgress?: Progress): RunArrival {
    return arrive(this.running(stops), onProgress);
  }

  /** Goes back to the last event before here at which one of `stops` stops, or to the start. */
  runBack(stops: readonly StopSpec[], onProgress?: Progress): RunArrival {
    return arrive(this.runningBack(stops), onProgress);
  }

  /** As `run`. One that is broken off rests where it has got to. */
  *running(stops: readonly StopSpec[]): Journey<RunArrival> {
    const { events } = this.reader;
    const found = yield* this.#search(stops).forward(this.position.event, events);
    return yield* this.#stopped(found, stops, 'end');
  }

  /** As `runBack`. One that is broken off rests where it has got to. */
  *runningBack(stops: readonly StopSpec[]): Journey<RunArrival> {
    const found = yield* this.#search(stops).back(this.#lastBefore());
    return yield* this.#stopped(found, stops, 'start');
  }

  /** The last event whose end lies before this position. */
  #lastBefore(): number {
    const { event, inside } = this.position;
    return inside > 0 ? event : Math.max(this.#timeline.begin, event - 1);
  }

  #search(stops: readonly StopSpec[]): Search {
    const armed = stops.map((spec) => ({
      trigger: triggerOf(spec, this.expressions, (seq) => this.kindAt(seq)),
      ignore: spec.ignore ?? 0,
    }));
    return new Search(this.#timeline, this.facts, armed, this.#due);
  }

  *#stopped(found: Found, stops: readonly StopSpec[], edge: Arrival['why']): Journey<RunArrival> {
    if (found.event === 0) {
      const event = edge === 'end' ? this.reader.events : this.#timeline.begin;
      yield* this.going({ event, inside: 0 });
      return { ...this.#arrived(edge), hits: [], counts: found.hits };
    }
    const texts = found.stopped.map((stop) => watchedBy(stops[stop]));
    const watching = texts.some((text) => text !== undefined);
    const before = watching ? yield* this.#values(found.event - 1, texts) : [];
    yield* this.going({ event: found.event, inside: 0 });
    const after = watching ? yield* this.#values(found.event, texts) : [];
    const hits = found.stopped.map((stop, i): Hit => {
      const text = texts[i];
      return text === undefined
        ? { stop }
        : { stop, watched: { text, before: before[i], after: after[i] } };
    });
    return { ...this.#arrived('there'), hits, counts: found.hits };
  }

  /** Goes to an event and reads values there. */
  *#values(event: number, texts: readonly (string | undefined)[]): Journey<Value[]> {
    yield* this.going({ event, inside: 0 });
    return texts.map((text) => (text === undefined ? null : this.evaluate(text).value));
  }

  /** Goes on to the first event after here after which a condition holds, or to the end. */
  runUntil(condition: string, onProgress?: Progress): Arrival {
    return arrive(this.runningUntil(condition), onProgress);
  }

  /** Goes back to the last event before here after which a condition holds, or to the start. */
  runBackUntil(condition: string, onProgress?: Progress): Arrival {
    return arrive(this.runningBackUntil(condition), onProgress);
  }

  /** As `runUntil`. One that is broken off rests where it has got to. */
  *runningUntil(condition: string): Journey<Arrival> {
    const { events } = this.reader;
    const found = yield* this.#holds(condition).first(this.position.event, events);
    yield* this.going({ event: found || events, inside: 0 });
    return this.#arrived(found === 0 ? 'end' : 'there');
  }

  /** As `runBackUntil`. One that is broken off rests where it has got to. */
  *runningBackUntil(condition: string): Journey<Arrival> {
    const found = yield* this.#holds(condition).last(this.#lastBefore());
    yield* this.going({ event: found || this.#timeline.begin, inside: 0 });
    return this.#arrived(found === 0 ? 'start' : 'there');
  }

  #holds(condition: string): HoldSearch {
    const expression = this.expressions.condition(condition);
    return new HoldSearch(this.#timeline, this.facts, expression, this.#due);
  }

  /** The first event of the whole tape after which a condition holds. Stays where it is. */
  bisect(condition: string, onProgress?: Progress): Bisection {
    return arrive(this.bisecting(condition), onProgress);
  }

  /** As `bisect`. One that is broken off rests where it began. */
  *bisecting(condition: string): Journey<Bisection> {
    const here = this.position;
    const expression = this.expressions.condition(condition);
    const search = bisect(this.#timeline, this.facts, expression, this.#due);
    for (;;) {
      const step = search.next();
      if (step.done !== true) yield { ...step.value, rest: here };
      else {
        yield* this.going(here);
        return step.value;
      }
    }
  }
}
