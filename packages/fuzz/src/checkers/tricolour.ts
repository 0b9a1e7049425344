/**
 * The tricolour invariants, at every event of a mark.
 *
 * White is unmarked, grey waits to be scanned, black is done. Which is which shows only in a recording
 * at the fine setting; marks made at the coarse setting have no known colour and are left out of 1 and 2.
 *
 * 1. Strong, modulo the barrier: a black heap object points to no white one, except to one that
 *    waits in a write-barrier buffer. This is what Go's hybrid barrier promises of the heap when stores to
 *    roots pass it too, as they do here. It can break only where a black object gets a pointer, where
 *    an object turns black, and where a buffer is emptied; so it is checked there, which is as good
 *    as looking at the whole heap after each event.
 * 2. Colours only darken: white, grey, black, each turn once a cycle; pointer-free objects skip grey.
 *    Only slots with objects turn. What a flushed buffer held is marked when the flush is over.
 *    A ragged barrier leaves every buffer empty, unless the program runs while it goes from P to P; none
 *    ever holds more than 512 entries.
 * 3. Weak, as its conclusion: when marking terminates, nothing is grey, no buffer holds anything, and
 *    every reachable object is marked, stacks and globals included, and so is what a weak load has
 *    given meanwhile: it may be in a register. Before that it is not said which
 *    roots have been scanned, so a white object behind an unscanned root is in order.
 */
import { EVENTS } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { keptBy } from '../model/reach.ts';
import type { ModelObject } from '../model/span.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import { BARRIER_ENTRIES, NotedStores } from './barrierbuffers.ts';
import type { Checker } from './checker.ts';

const NAME = 'tricolour';

class Tricolour implements Checker {
  readonly name: string = NAME;
  readonly #noted = new NotedStores();
  readonly #grey = new Set<number>();
  readonly #black = new Set<number>();
  /** What the flush that is being recorded held. */
  #flushing: readonly number[] = [];
  #isFlushing = false;
  /** The program runs between the Ps of a ragged barrier. */
  #steps = false;
  /** Objects that weak loads have given while marking. */
  readonly #loaded = new Set<number>();

  before(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (tag === EVENTS.MarkStepsSet.tag) this.#steps = event.arg(0) !== 0;
    if (!m.marking) return;
    const mark = tag === EVENTS.ObjectGreyed.tag || tag === EVENTS.ObjectBlackened.tag;
    if (this.#isFlushing && !mark) this.#flushed(event, m);
    if (mark) this.#turn(event, m);
    else if (tag === EVENTS.BarrierFlushed.tag) this.#flush(event);
    else if (tag === EVENTS.GCMarkTerminated.tag) this.#terminate(event, m);
    else if (tag === EVENTS.RaggedBarrierPassed.tag) {
      if (!this.#steps) this.#expectFlushed(event);
    } else if (tag === EVENTS.MarkDetailSet.tag && event.arg(0) === 0) this.#forget();
    else this.#noted.note(event, m);
  }

  after(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (tag === EVENTS.GCStarted.tag) {
      this.#forget();
      this.#noted.clear();
      this.#loaded.clear();
    }
    if (!m.marking) return;
    if (tag === EVENTS.WeakLoaded.tag) this.#loaded.add(event.arg(1));
    if (tag === EVENTS.ObjectAllocated.tag) this.#black.add(m.nextOrdinal - 1);
    if (tag === EVENTS.PointerStored.tag && this.#black.has(event.arg(0))) {
      this.#checkTarget(event, m, event.arg(0), event.arg(2));
    }
    if (tag === EVENTS.ObjectBlackened.tag) {
      const object = this.#objectAt(event, m);
      for (const to of object.edges.values()) this.#checkTarget(event, m, object.ordinal, to);
    }
  }

  #forget(): void {
    this.#grey.clear();
    this.#black.clear();
  }

  #objectAt(event: StreamEvent, m: Model): ModelObject {
    const span = m.spanAt(event.arg(0));
    const object = span?.objects.get(m.slotAt(span, event.arg(0)));
    return object ?? this.#fail(event, `word ${event.arg(0)} has no object, yet it is marked`);
  }

  #turn(event: StreamEvent, m: Model): void {
    const object = this.#objectAt(event, m);
    const { ordinal } = object;
    if (this.#black.has(ordinal)) this.#fail(event, `object #${ordinal} is black already`);
    if (event.tag === EVENTS.ObjectGreyed.tag) {
      if (this.#grey.has(ordinal)) this.#fail(event, `object #${ordinal} is grey already`);
      if ((object.span.spanClass & 1) !== 0) {
        this.#fail(event, `object #${ordinal} has no pointers, yet it is grey`);
      }
      this.#grey.add(ordinal);
      return;
    }
    this.#grey.delete(ordinal);
    this.#black.add(ordinal);
  }

  #flush(event: StreamEvent): void {
    const [p, entries] = [event.arg(0), event.arg(1)];
    this.#flushing = this.#noted.take(p);
    this.#isFlushing = true;
    if (entries > BARRIER_ENTRIES) this.#fail(event, `a buffer has ${BARRIER_ENTRIES} entries`);
    if (this.#flushing.length !== entries) {
      const stores = `${this.#flushing.length} entries' worth of stores`;
      this.#fail(event, `P ${p} flushes ${entries} entries after ${stores}`);
    }
  }

  /** The marks of a flush are over. */
  #flushed(event: StreamEvent, m: Model): void {
    this.#isFlushing = false;
    if (!m.fine) return;
    for (const ordinal of this.#flushing) {
      const object = m.objects.get(ordinal);
      if (ordinal === 0 || object === undefined || m.isMarked(object)) continue;
      this.#fail(event, `object #${ordinal} was in a flushed buffer and is white`);
    }
  }

  #checkTarget(event: StreamEvent, m: Model, from: number, to: number): void {
    const object = m.objects.get(to);
    if (object === undefined || m.isMarked(object) || this.#noted.has(to)) return;
    if (this.#isFlushing && this.#flushing.includes(to)) return;
    this.#fail(event, `black object #${from} points to white object #${to}`);
  }

  #terminate(event: StreamEvent, m: Model): void {
    for (const ordinal of this.#grey) this.#fail(event, `object #${ordinal} is still grey`);
    this.#expectFlushed(event);
    for (const ordinal of keptBy(m)) {
      const object = m.objects.get(ordinal);
      if (object !== undefined && m.isMarked(object)) continue;
      this.#fail(event, `object #${ordinal} is reachable and white when marking ends`);
    }
    for (const ordinal of this.#loaded) {
      const object = m.objects.get(ordinal);
      if (object === undefined || m.isMarked(object)) continue;
      this.#fail(event, `object #${ordinal} came from a weak load and is white when marking ends`);
    }
  }

  #expectFlushed(event: StreamEvent): void {
    if (!this.#noted.isEmpty) this.#fail(event, 'a write-barrier buffer is not empty');
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const tricolour = (): Checker => new Tricolour();
