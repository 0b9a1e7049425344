/**
 * Scanning: grey objects are read and turn black, what they point to turns grey.
 *
 * 1. An object is read up to its last pointer; that many bytes are its scan work.
 * 2. An object of more than 128 KiB is scanned in pieces of that size (oblets): scanning its first
 *    piece queues the others, and it is black when all of them are done.
 * 3. A span of small objects (Green Tea) is scanned when it comes to the head of its queue: all of
 *    its objects that are grey then, in address order. If only the object that queued it is grey, that
 *    one alone is looked at, and no bitmap.
 *
 * The same work is written twice. The loops over local columns see every pointer word of the live heap;
 * with fine recording or the cache model on, each object goes through `greyWord` instead. A test holds
 * them against each other.
 *
 * Follows `runtime/mgcmark_greenteagc.go` scanObject, scanSpan, spanSetScans and scanObjectsSmall, Go
 * 1.26. Deviation: an object's pointers end at its last non-nil word, not where its type says.
 */
import { BITMAP_WORDS } from '../heap/layout.ts';
import {
  ENTRY_SHIFT,
  type MarkState,
  OBJECT_UNITS,
  ONE_MARK,
  SLOT_WORDS,
  SLOTS_PER_WORD,
  strayPointer,
  UNOWNED,
} from './markstate.ts';
import { BUFFER_ENTRIES, BUFFER_SHIFT } from './workbufs.ts';

/** Words of a piece of a large object. */
const OBLET_WORDS = 128 * 128;

export class Scanner {
  readonly #state: MarkState;
  /** Grey slots of the span being scanned. */
  readonly #grey: Int32Array = new Int32Array(BITMAP_WORDS);
  /** A queued span is scanned one object at a time, and queued again between them. */
  single = false;

  constructor(state: MarkState) {
    this.#state = state;
  }

  /** Scans objects of the P's first buffer until it is empty or `limit` units are reached. */
  scanObjects(limit: number): void {
    const { watched } = this.#state;
    if (watched) this.#scanWatched(limit);
    else this.#scanFast(limit);
  }

  #scanWatched(limit: number): void {
    const state = this.#state;
    const { work, p } = state;
    while (state.units < limit) {
      if (work.fullCount === 0) work.balance(p);
      const buffer = work.first[p];
      if (work.count[buffer] === 0) return;
      work.count[buffer] -= 1;
      const start = work.entries[(buffer << BUFFER_SHIFT) + work.count[buffer]];
      this.#scanObject(start);
    }
  }

  /** Scans the object, or the piece of one, that starts at a word. */
  #scanObject(start: number): void {
    const state = this.#state;
    const { spanClass, spanPages } = state.world;
    const page = state.world.spanAtWord(start);
    const small = SLOT_WORDS[spanClass[page]];
    if (small > 0) {
      this.scanWords(start, small);
      state.blacken(start);
      return;
    }
    const size = spanPages[page] << 10;
    const first = page << 10;
    if (start === first && size > OBLET_WORDS) this.#queuePieces(page, size);
    this.scanWords(start, Math.min(first + size - start, OBLET_WORDS));
    if (size > OBLET_WORDS) state.pieces[page] -= 1;
    if (size <= OBLET_WORDS || state.pieces[page] === 0) state.blacken(first);
  }

  /** The first piece of a large object comes up: the others are queued. */
  #queuePieces(page: number, size: number): void {
    const { work, p, pieces } = this.#state;
    pieces[page] = 1;
    for (let at = OBLET_WORDS; at < size; at += OBLET_WORDS) {
      work.put(p, (page << 10) + at);
      pieces[page] += 1;
    }
  }

  /** Greys what `count` words from `first` on point to, and counts the scan work. */
  scanWords(first: number, count: number): void {
    const state = this.#state;
    const { words } = state.world;
    const end = Math.min(first + count, words.length);
    let last = first;
    for (let at = first; at < end; at += 1) if (words[at] !== 0) last = at + 1;
    if (state.model !== null) state.model.readWords(first, last - first);
    for (let at = first; at < last; at += 1) if (words[at] !== 0) state.greyWord(words[at] - 1);
    state.scanned += (last - first) << 3;
    state.units += (last - first) << 3;
  }

  #scanFast(limit: number): void {
    const state = this.#state;
    const { words, spanOf, spanClass, markBits } = state.world;
    const { seen, isTouched, inline, work, p } = state;
    let buffer = work.first[p];
    let { entries } = work;
    let base = buffer << BUFFER_SHIFT;
    let n = work.count[buffer];
    let { units } = state;
    let scanned = 0;
    while (units < limit) {
      if (work.fullCount === 0) {
        work.count[buffer] = n;
        work.balance(p);
        buffer = work.first[p];
        entries = work.entries;
        base = buffer << BUFFER_SHIFT;
        n = work.count[buffer];
      }
      if (n === 0) break;
      n -= 1;
      const start = entries[base + n];
      const size = SLOT_WORDS[spanClass[spanOf[start >> 10] - 1]];
      if (size === 0) {
        work.count[buffer] = n;
        state.units = units;
        this.#scanObject(start);
        units = state.units;
        buffer = work.first[p];
        entries = work.entries;
        base = buffer << BUFFER_SHIFT;
        n = work.count[buffer];
        continue;
      }
      const end = Math.min(start + size, words.length);
      let last = start;
      for (let at = start; at < end; at += 1) {
        const reference = words[at];
        if (reference === 0) continue;
        last = at + 1;
        const page = spanOf[(reference - 1) >> 10] - 1;
        if (page < 0) strayPointer(reference - 1);
        const kind = spanClass[page];
        const index = ((reference - 0.5 - (page << 10)) * SLOTS_PER_WORD[kind]) | 0;
        const cell = page * BITMAP_WORDS + (index >> 5);
        const bit = 1 << (index & 31);
        if (((seen[cell] | markBits[cell]) & bit) !== 0) continue;
        seen[cell] |= bit;
        if (isTouched[page] === 0) state.touch(page);
        units += OBJECT_UNITS;
        if ((kind & 1) !== 0) continue;
        if (inline[kind] !== 0) {
          state.queueSpan(page, index);
          continue;
        }
        if (n === BUFFER_ENTRIES) {
          work.count[buffer] = n;
          buffer = work.makeRoom(p);
          entries = work.entries;
          base = buffer << BUFFER_SHIFT;
          n = work.count[buffer];
        }
        entries[base + n] = (page << 10) + index * SLOT_WORDS[kind];
        n += 1;
      }
      scanned += (last - start) << 3;
      units += (last - start) << 3;
    }
    work.count[buffer] = n;
    state.units = units;
    state.scanned += scanned;
  }

  /** Scans the grey objects of a queued span. */
  scanSpan(entry: number): void {
    const state = this.#state;
    const { seen, scans, owned, world } = state;
    const page = entry >>> ENTRY_SHIFT;
    const alone = owned[page] === ONE_MARK;
    owned[page] = UNOWNED;
    const cell = page * BITMAP_WORDS;
    if (alone) {
      const index = entry & ((1 << ENTRY_SHIFT) - 1);
      const bit = 1 << (index & 31);
      if (state.model !== null) state.model.ownSpan(page, false);
      if ((scans[cell + (index >> 5)] & bit) !== 0) return;
      this.#scanSlots(page, index >> 5, bit);
      return;
    }
    if (state.model !== null) state.model.ownSpan(page, true);
    const count = (world.nelems[page] + 31) >> 5;
    const grey = this.#grey;
    for (let i = 0; i < count; i += 1) grey[i] = seen[cell + i] & ~scans[cell + i];
    if (this.single) this.#scanFirst(page, count);
    else for (let i = 0; i < count; i += 1) if (grey[i] !== 0) this.#scanSlots(page, i, grey[i]);
  }

  /** Scans the first grey slot of a span; if there are more the span is queued for them. */
  #scanFirst(page: number, count: number): void {
    let scanned = false;
    for (let i = 0; i < count; i += 1) {
      for (let rest = this.#grey[i]; rest !== 0; rest &= rest - 1) {
        const bit = rest & -rest;
        if (!scanned) this.#scanSlots(page, i, bit);
        else this.#state.queueSpan(page, (i << 5) + 31 - Math.clz32(bit));
        scanned = true;
      }
    }
  }

  /** Scans slots of a span, those set in `bits` of word `i` of its bitmap. */
  #scanSlots(page: number, i: number, bits: number): void {
    const state = this.#state;
    state.scans[page * BITMAP_WORDS + i] |= bits;
    if (!state.watched) {
      this.#scanSlotsFast(page, i, bits);
      return;
    }
    for (let rest = bits; rest !== 0; rest &= rest - 1) {
      const start = state.slotWord(page, (i << 5) + 31 - Math.clz32(rest & -rest));
      this.scanWords(start, SLOT_WORDS[state.world.spanClass[page]]);
      state.blacken(start);
    }
  }

  #scanSlotsFast(own: number, i: number, bits: number): void {
    const state = this.#state;
    const { words, spanOf, spanClass, markBits } = state.world;
    const { seen, isTouched, inline, work, p } = state;
    const size = SLOT_WORDS[spanClass[own]];
    const limit = words.length;
    let units = 0;
    let scanned = 0;
    for (let rest = bits; rest !== 0; rest &= rest - 1) {
      const start = (own << 10) + ((i << 5) + 31 - Math.clz32(rest & -rest)) * size;
      const end = Math.min(start + size, limit);
      let last = start;
      for (let at = start; at < end; at += 1) {
        const reference = words[at];
        if (reference === 0) continue;
        last = at + 1;
        const page = spanOf[(reference - 1) >> 10] - 1;
        if (page < 0) strayPointer(reference - 1);
        const kind = spanClass[page];
        const index = ((reference - 0.5 - (page << 10)) * SLOTS_PER_WORD[kind]) | 0;
        const cell = page * BITMAP_WORDS + (index >> 5);
        const bit = 1 << (index & 31);
        if (((seen[cell] | markBits[cell]) & bit) !== 0) continue;
        seen[cell] |= bit;
        if (isTouched[page] === 0) state.touch(page);
        units += OBJECT_UNITS;
        if ((kind & 1) !== 0) continue;
        if (inline[kind] !== 0) state.queueSpan(page, index);
        else work.put(p, (page << 10) + index * SLOT_WORDS[kind]);
      }
      scanned += last - start;
    }
    state.units += units + (scanned << 3);
    state.scanned += scanned << 3;
  }
}
