/**
 * Which object is in each slot of a stretch of pages: one pass over the table of objects. The newest object
 * of a slot is the one in it, if the slot is taken at all.
 */
import { slotOfWord, type World } from '@heaptape/core';
import { endOfEntries, FIRST_ENTRY, ordinalAt } from './bits.ts';

const SPAN_IN_USE = 1;

export class Owners {
  readonly #w: World;
  readonly #from: number;
  /** By page less `from`: the first slot of the span that begins there, in `#entries`. */
  readonly #firsts: Int32Array;
  /** By slot: the entry in the table of objects; 0 is none. */
  readonly #entries: Int32Array;

  /** Spans that begin at pages `from` to below `to`. */
  constructor(w: World, from: number, to: number) {
    this.#w = w;
    this.#from = from;
    this.#firsts = new Int32Array(Math.max(0, to - from));
    let slots = 0;
    for (let page = from; page < to; page += 1) {
      this.#firsts[page - from] = slots;
      if (w.spanState[page] === SPAN_IN_USE) slots += w.nelems[page];
    }
    this.#entries = new Int32Array(slots);
    this.#fill(to);
  }

  #fill(to: number): void {
    const w = this.#w;
    const { words } = w.objects;
    const { spanOf, spanState, nelems } = w;
    const end = endOfEntries(w.objects);
    for (let at = FIRST_ENTRY; at < end; at += 1) {
      const word = words[at];
      if (word < 0) continue;
      const page = spanOf[word >> 10] - 1;
      if (page < this.#from || page >= to || spanState[page] !== SPAN_IN_USE) continue;
      const index = slotOfWord(w, page, word);
      if (index < nelems[page]) this.#entries[this.#firsts[page - this.#from] + index] = at;
    }
  }

  /** Entry of the object in a slot of the span at `page`; 0 is none. */
  entryOf(page: number, index: number): number {
    return this.#entries[this.#firsts[page - this.#from] + index];
  }

  /** Its ordinal; 0 is none. */
  ordinalOf(page: number, index: number): number {
    const at = this.entryOf(page, index);
    return at === 0 ? 0 : ordinalAt(this.#w.objects, at);
  }
}
