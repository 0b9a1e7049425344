/**
 * Which object is in a slot, and what state one object is in, at any moment of a tape.
 *
 * Objects are numbered as they are allocated, and the newest of those that ever lay in a slot is the one
 * in it. Finding it is a search through all ordinals, the newest first; so what was found is kept, with
 * the ordinal up to which it is known. A state further on then needs a look at the new objects only, and
 * an earlier one none at all while the object had been allocated. Where objects move (the experiment)
 * nothing is kept. Who is going to ask for many slots has them all found in one pass first (`learn`).
 */
import {
  SCALAR,
  SPECIAL_KIND,
  SPECIAL_STATE,
  slotAllocated,
  slotBytes,
  slotOfWord,
  type World,
  wordAlive,
} from '@heaptape/core';
import { type Colour, colourOfWord } from './colour.ts';

const SPAN_IN_USE = 1;
const PAGE_WORDS_SHIFT = 10;
/** Slots that are remembered, and how many are learned at most. */
const MOST_KEPT = 1 << 14;
const MOST_LEARNED = 1 << 21;

/** Allocations after which learning again is cheaper than looking at each of them per slot. */
const NEAR = 1 << 12;

/** The newest object in a slot of so many words, known for all states with at most `upTo` as next ordinal. */
interface Known {
  readonly words: number;
  readonly ordinal: number;
  readonly upTo: number;
}

export class SlotOwners {
  readonly #known = new Map<number, Known>();
  #most = MOST_KEPT;
  /** Next ordinal of the state whose slots were learned last; 0 is none. */
  #learned = 0;

  /** The object whose slot holds a word: the one in it, or the last that was; 0 is none. */
  ownerOf(w: World, word: number): number {
    const page = spanPageOf(w, word);
    if (page < 0) return 0;
    const words = slotBytes(w, page) / 8;
    const start = (page << PAGE_WORDS_SHIFT) + slotOfWord(w, page, word) * words;
    const next = w.scalars[SCALAR.nextOrdinal];
    const known = this.#known.get(start);
    const usable = known !== undefined && known.words === words && next > known.ordinal;
    if (usable && next <= known.upTo) return known.ordinal;
    const floor = usable ? known.upTo : 1;
    const found = newestIn(w, start, words, floor, next) || (usable ? known.ordinal : 0);
    this.#keep(w, start, { words, ordinal: found, upTo: next });
    return found;
  }

  /**
   * Finds the owners of all slots at once: worth it where some dozens are asked for. Does nothing where
   * there are too many, or where the slots of a state a little before this one are known.
   */
  learn(w: World): void {
    const next = w.scalars[SCALAR.nextOrdinal];
    const isNear = this.#learned > 0 && next >= this.#learned && next - this.#learned < NEAR;
    if (isNear || w.control.config?.compact === 1) return;
    const first = new Int32Array(w.pages);
    let slots = 0;
    for (let page = 0; page < w.pages; page += 1) {
      first[page] = slots;
      if (w.spanState[page] === SPAN_IN_USE) slots += w.nelems[page];
    }
    if (slots > MOST_LEARNED) return;
    const newest = new Int32Array(slots);
    for (const ordinal of w.objects.ordinals()) {
      const word = w.objects.wordOf(ordinal);
      const page = spanPageOf(w, word);
      if (page >= 0) newest[first[page] + slotOfWord(w, page, word)] = ordinal;
    }
    this.#known.clear();
    this.#most = Math.max(MOST_KEPT, slots * 2);
    this.#learned = next;
    for (let page = 0; page < w.pages; page += 1) {
      if (w.spanState[page] !== SPAN_IN_USE) continue;
      const words = slotBytes(w, page) / 8;
      for (let index = 0; index < w.nelems[page]; index += 1) {
        const start = (page << PAGE_WORDS_SHIFT) + index * words;
        this.#known.set(start, { words, ordinal: newest[first[page] + index], upTo: next });
      }
    }
  }

  #keep(w: World, start: number, known: Known): void {
    if (w.control.config?.compact === 1) return;
    if (this.#known.size >= this.#most) this.#known.clear();
    this.#known.set(start, known);
  }

  /** Whether an object has its slot: it was allocated, and no sweep has freed it. */
  isThere(w: World, ordinal: number): boolean {
    const word = placeOf(w, ordinal);
    const page = word < 0 ? -1 : spanPageOf(w, word);
    if (page < 0) return false;
    const index = slotOfWord(w, page, word);
    return slotAllocated(w, page, index) && this.ownerOf(w, word) === ordinal;
  }

  /** `free` before its allocation, and from the mark termination on that found it dead. */
  colourOf(w: World, ordinal: number): Colour {
    const word = placeOf(w, ordinal);
    if (word < 0 || !(wordAlive(w, word) || hasFinalizer(w, ordinal, word))) return 'free';
    return this.ownerOf(w, word) === ordinal ? colourOfWord(w, word) : 'free';
  }

  /** The live object that a reference (word index plus 1) leads to; 0 is none. */
  target(w: World, reference: number): number {
    if (reference === 0) return 0;
    const owner = this.ownerOf(w, reference - 1);
    return owner > 0 && this.colourOf(w, owner) !== 'free' ? owner : 0;
  }
}

/** First word of an object, -1 where there is no such object yet or it is long gone. */
function placeOf(w: World, ordinal: number): number {
  return ordinal > 0 && ordinal < w.scalars[SCALAR.nextOrdinal] ? w.objects.wordOf(ordinal) : -1;
}

/** First page of the span in use that holds a word, or -1. */
export function spanPageOf(w: World, word: number): number {
  if (!(word >= 0 && word < w.pages << PAGE_WORDS_SHIFT)) return -1;
  const page = w.spanOf[word >> PAGE_WORDS_SHIFT] - 1;
  if (page < 0 || w.spanState[page] !== SPAN_IN_USE) return -1;
  return slotOfWord(w, page, word) < w.nelems[page] ? page : -1;
}

/** The newest of the ordinals from `floor` to below `next` that lies in a slot; 0 is none. */
function newestIn(w: World, start: number, words: number, floor: number, next: number): number {
  for (let ordinal = next - 1; ordinal >= floor; ordinal -= 1) {
    const at = w.objects.wordOf(ordinal) - start;
    if (at >= 0 && at < words) return ordinal;
  }
  return 0;
}

/** With a finalizer an object that was found dead lives once more, as soon as its span is swept. */
function hasFinalizer(w: World, ordinal: number, word: number): boolean {
  const page = spanPageOf(w, word);
  if (page < 0) return false;
  const { object, kind, state, next } = w.specials;
  for (let at = w.spanSpecials[page]; at !== 0; at = next[at]) {
    if (object[at] !== ordinal || kind[at] !== SPECIAL_KIND.finalizer) continue;
    if (state[at] === SPECIAL_STATE.attached) return true;
  }
  return false;
}

/** The objects in the slots of the span at `page`, by slot; 0 where there never was one. */
export function ownersOfSpan(w: World, page: number): Int32Array {
  const owners = new Int32Array(w.nelems[page]);
  const first = page << PAGE_WORDS_SHIFT;
  const end = first + (w.spanPages[page] << PAGE_WORDS_SHIFT);
  const next = w.scalars[SCALAR.nextOrdinal];
  for (let ordinal = 1; ordinal < next; ordinal += 1) {
    const word = w.objects.wordOf(ordinal);
    if (word < first || word >= end) continue;
    const index = slotOfWord(w, page, word);
    if (index < owners.length) owners[index] = ordinal;
  }
  return owners;
}
