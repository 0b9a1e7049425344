/**
 * Every object of a tape: where it was born, where it lay, when it was found dead and freed.
 *
 * One fold. Before a span is swept, the slots that are taken and not marked are the ones to be freed;
 * which object is in a slot is remembered per span.
 */
import { evolve, HEAP_BASE, SCALAR, slotOfWord, type World } from '@heaptape/core';
import { EVENTS, type EventBatch, type TapeReader } from '@heaptape/schema';
import { worldAtBeginning } from './beginning.ts';
import { reading } from './stored.ts';
import { eachEvent } from './walk.ts';

export interface ObjectColumns {
  /** Number of objects; ordinal i is at index i, index 0 is unused. */
  readonly count: number;
  /** Events that allocated and freed each object; 0 where it was never freed. */
  readonly born: Float64Array;
  readonly died: Float64Array;
  readonly world: World;
}

class Tracker {
  readonly world: World;
  born: Float64Array<ArrayBuffer>;
  died: Float64Array<ArrayBuffer>;
  /** Ordinals by slot, of each span in use. */
  readonly #spans = new Map<number, Int32Array>();

  constructor(reader: TapeReader) {
    this.world = worldAtBeginning(reader);
    this.world.objects.keepDead = true;
    const room = Math.max(1024, this.world.scalars[SCALAR.nextOrdinal]);
    this.born = new Float64Array(room);
    this.died = new Float64Array(room);
    this.#moved();
  }

  take(batch: EventBatch, kind: number, at: number): void {
    const w = this.world;
    if (kind === EVENTS.SpanSwept.tag) this.#sweep(batch.args[at], batch.args[at + 2]);
    evolve(w, kind, batch, at);
    if (kind === EVENTS.ObjectAllocated.tag) this.#born();
    else if (kind === EVENTS.HeapCompacted.tag) this.#moved();
  }

  #born(): void {
    const w = this.world;
    const ordinal = w.scalars[SCALAR.nextOrdinal] - 1;
    if (ordinal >= this.born.length) {
      this.born = doubled(this.born);
      this.died = doubled(this.died);
    }
    this.born[ordinal] = w.scalars[SCALAR.seq];
    this.#place(ordinal);
  }

  /** Objects have changed places. */
  #moved(): void {
    const { objects } = this.world;
    const count = this.world.scalars[SCALAR.nextOrdinal];
    this.#spans.clear();
    for (let ordinal = 1; ordinal < count; ordinal += 1) {
      if (this.died[ordinal] === 0 && objects.wordOf(ordinal) >= 0) this.#place(ordinal);
    }
  }

  #place(ordinal: number): void {
    const w = this.world;
    const page = w.spanAtWord(w.objects.wordOf(ordinal));
    let slots = this.#spans.get(page);
    if (slots === undefined || slots.length !== w.nelems[page]) {
      slots = new Int32Array(w.nelems[page]);
      this.#spans.set(page, slots);
    }
    slots[slotOfWord(w, page, w.objects.wordOf(ordinal))] = ordinal;
  }

  #sweep(page: number, fate: number): void {
    const w = this.world;
    const slots = this.#spans.get(page);
    if (slots === undefined) return;
    const seq = w.scalars[SCALAR.seq] + 1;
    for (let slot = 0; slot < slots.length; slot += 1) {
      const marked = (w.markBits[page * 32 + (slot >> 5)] >>> (slot & 31)) & 1;
      if (slots[slot] === 0 || marked === 1) continue;
      this.died[slots[slot]] = seq;
      slots[slot] = 0;
    }
    if (fate === 2) this.#spans.delete(page);
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(column.length * 2);
  grown.set(column);
  return grown;
}

/** Follows every object of a tape. */
export function objectsOf(reader: TapeReader): ObjectColumns {
  const tracker = new Tracker(reader);
  const place = () => `event ${tracker.world.scalars[SCALAR.seq]}`;
  reading(place, () => eachEvent(reader, (kind, batch, at) => tracker.take(batch, kind, at)));
  const { world, born, died } = tracker;
  return { count: world.scalars[SCALAR.nextOrdinal] - 1, born, died, world };
}

/** First word of an object; of a dead one, where it lay last. */
export function lastWordOf(world: World, ordinal: number): number {
  const word = world.objects.wordOf(ordinal);
  return word < 0 ? -1 - word : word;
}

/** Address of an object, as Go would print it; of a dead one, where it lay last. */
export function addressOf(world: World, ordinal: number): number {
  return HEAP_BASE + lastWordOf(world, ordinal) * 8;
}
