/**
 * Which object is in each slot: the newest one that ever lay there, if the slot is taken at all.
 *
 * The table of objects may hold every object there ever was, so what was found is kept while one moves:
 *
 * 1. Of each span the newest object of every slot, as far as it is known; 0 is not known.
 * 2. Going on, new objects are entered. Going back, those that are not there yet are taken out, and what
 *    lay in their slots before is not known any more.
 * 3. Taken slots whose object is not known are looked for in the table, from the newest object back, until
 *    there are none.
 *
 * What is kept of a span ends with its layout. Where objects move (the experiment) nothing is kept.
 */
import { SCALAR, slotOfWord, type World } from '@heaptape/core';
import { endOfEntries, FIRST_ENTRY, ones, ordinalAt, type SlotBits } from './bits.ts';

const SPAN_IN_USE = 1;

interface SpanOwners {
  readonly spanClass: number;
  /** By slot: ordinal; 0 is not known. */
  readonly objects: Int32Array;
}

export class Owners {
  /** By first page. */
  #spans: (SpanOwners | undefined)[] = [];
  /** Objects below this ordinal are entered. */
  #next = 1;

  /** The object in a taken slot of the span at `page`, which must lie in what was last looked at; 0 is none. */
  of(page: number, index: number): number {
    return this.#spans[page]?.objects[index] ?? 0;
  }

  /** Finds the objects of all taken slots of spans that begin at pages `from` to below `to`. */
  look(w: World, bits: SlotBits, from: number, to: number): void {
    if (w.control.config?.compact === 1) this.#spans = [];
    const next = w.scalars[SCALAR.nextOrdinal];
    if (next < this.#next) this.#takeBack(next);
    this.#follow(w);
    this.#enter(w);
    this.#next = next;
    const missing = this.#missing(w, bits, from, to);
    if (missing > 0) this.#find(w, bits, missing, from, to);
  }

  #takeBack(next: number): void {
    for (const span of this.#spans) {
      const objects = span?.objects;
      if (objects === undefined) continue;
      for (let i = 0; i < objects.length; i += 1) if (objects[i] >= next) objects[i] = 0;
    }
  }

  /** Drops spans that are no more, and makes room for those that are new. */
  #follow({ pages, spanState, spanClass, nelems }: World): void {
    if (this.#spans.length > pages) this.#spans.length = pages;
    for (let page = 0; page < pages; page += 1) {
      const kept = this.#spans[page];
      if (spanState[page] !== SPAN_IN_USE) this.#spans[page] = undefined;
      else if (kept?.spanClass !== spanClass[page] || kept.objects.length !== nelems[page]) {
        const objects = new Int32Array(nelems[page]);
        this.#spans[page] = { spanClass: spanClass[page], objects };
      }
    }
  }

  #enter(w: World): void {
    const { objects } = w;
    for (let at = endOfEntries(objects) - 1; at >= FIRST_ENTRY; at -= 1) {
      const ordinal = ordinalAt(objects, at);
      if (ordinal < this.#next) return;
      const slot = this.#place(w, objects.words[at]);
      if (slot !== undefined && slot.objects[slot.index] < ordinal) {
        slot.objects[slot.index] = ordinal;
      }
    }
  }

  #place(w: World, word: number): { objects: Int32Array; index: number } | undefined {
    const page = word < 0 ? -1 : w.spanOf[word >> 10] - 1;
    const span = page < 0 ? undefined : this.#spans[page];
    if (span === undefined) return undefined;
    const index = slotOfWord(w, page, word);
    return index < span.objects.length ? { objects: span.objects, index } : undefined;
  }

  /** How many taken slots have an object that is not known. */
  #missing(w: World, bits: SlotBits, from: number, to: number): number {
    let missing = 0;
    for (let page = from; page < to; page += 1) {
      const objects = this.#spans[page]?.objects;
      if (objects === undefined || w.spanState[page] !== SPAN_IN_USE) continue;
      const words = bits.open(page);
      for (let i = 0; i < words; i += 1) {
        bits.read(i);
        missing += ones(bits.taken & unknown(objects, i * 32));
      }
    }
    return missing;
  }

  /** Looks for them from the newest object back. */
  #find(w: World, bits: SlotBits, missing: number, from: number, to: number): void {
    const { words } = w.objects;
    const { spanOf } = w;
    let left = missing;
    for (let at = endOfEntries(w.objects) - 1; at >= FIRST_ENTRY; at -= 1) {
      const word = words[at];
      const page = word < 0 ? -1 : spanOf[word >> 10] - 1;
      if (page < from || page >= to) continue;
      const objects = this.#spans[page]?.objects;
      if (objects === undefined) continue;
      const index = slotOfWord(w, page, word);
      if (objects[index] !== 0 || index >= objects.length) continue;
      objects[index] = ordinalAt(w.objects, at);
      bits.open(page);
      bits.read(index >> 5);
      if ((bits.taken & (1 << (index & 31))) === 0) continue;
      left -= 1;
      if (left === 0) return;
    }
  }
}

/** Bits of the slots from `first` on whose object is not known. */
function unknown(objects: Int32Array, first: number): number {
  let bits = 0;
  const end = Math.min(objects.length, first + 32);
  for (let i = first; i < end; i += 1) if (objects[i] === 0) bits |= 1 << (i - first);
  return bits;
}
