/**
 * Marking, decided: which objects turn grey and black, in steps of bounded work.
 *
 * 1. Root jobs first: the tiny blocks in use, then the roots, then what specials keep
 *    (`specialroots.ts`), then the held objects span by span.
 * 2. Then grey objects, from a stack, last in first out as in Go's work buffers. Scanning an object reads
 *    its pointer words; each object found white is marked, and pushed if it can hold pointers.
 * 3. A step marks into bits of its own. At its end they leave as one `SpanMarked` event a span, so that
 *    the tape holds bitmaps at span granularity and only `evolve` writes to the state.
 *
 * Work is counted in two ways. Scan work is Go's: bytes up to the last pointer word of what was
 * scanned. Units add 32 bytes for each object marked, because a pointer-free object costs time
 * too; the cost model prices units. Follows `runtime/mgcmark.go` gcDrain, scanObject and greyobject,
 * Go 1.26. Deviation: the classic order is used for both collectors; an object's extent is its slot.
 */
import { AssertionError, assert, EVENTS } from '@heaptape/schema';
import { MARKED_BITS, MARKED_HELD } from '../evolve/spans.ts';
import { BITMAP_WORDS, SPAN_IN_USE } from '../heap/layout.ts';
import { CLASS_BYTES, NUM_SPAN_CLASSES } from '../heap/sizeclasses.ts';
import { popcount, slotOfWord } from '../heap/slots.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';
import { markQueues, markSpanSpecials, markSpecial } from './specialroots.ts';

/** Units that marking an object costs beside the bytes scanned in it. */
const OBJECT_UNITS = 32;
/** Words of a slot by span class, and the inverse; a large span is one slot, whatever the word. */
const SLOT_WORDS: Int32Array = Int32Array.from({ length: NUM_SPAN_CLASSES }, (_, spanClass) =>
  spanClass < 2 ? 0 : CLASS_BYTES[spanClass >> 1] >> 3,
);
const SLOTS_PER_WORD: Float64Array = Float64Array.from(SLOT_WORDS, (words) =>
  words === 0 ? 0 : 1 / words,
);
/** Roots looked at in one go, and pages looked at for specials. */
const ROOT_JOB = 4096;
const SPECIAL_JOB = 512;

function strayPointer(word: number): never {
  throw new AssertionError(`a pointer to word ${word} leads to no span`);
}

export class Marker {
  readonly #world: World;
  readonly #journal: Journal;
  #stack: Int32Array = new Int32Array(4096);
  #depth = 0;
  /** Slots found marked or marked here in this cycle, one bit each, laid out as `World.markBits`. */
  #seen: Int32Array = new Int32Array(0);
  #touched: Int32Array = new Int32Array(1024);
  #touchedCount = 0;
  #isTouched: Uint8Array = new Uint8Array(0);
  readonly #bytes: Uint8Array = new Uint8Array(BITMAP_WORDS * 4);
  #rootCursor = 0;
  #pageCursor = 0;
  /** Where to go on with specials, and to stop; -1 is their queues. */
  #specialCursor = 0;
  #specialEnd = 0;
  /** Of the last step: scan work in bytes, and units. */
  stepScan = 0;
  stepUnits = 0;

  constructor(journal: Journal) {
    this.#world = journal.world;
    this.#journal = journal;
  }

  /** A cycle begins: nothing is grey but what the root jobs will find. */
  begin(): void {
    assert(this.#depth === 0, 'a cycle begins with no grey object');
    this.#rootCursor = 0;
    this.#pageCursor = 0;
    this.#specialCursor = -1;
    this.#specialEnd = this.#world.specials.inUse ? this.#world.pages : -1;
    this.#seen.fill(0);
  }

  /** True when no work is left. */
  get drained(): boolean {
    const w = this.#world;
    const roots = this.#rootCursor >= w.rootCount && this.#specialCursor >= this.#specialEnd;
    return this.#depth === 0 && roots && this.#pageCursor >= w.pages;
  }

  /** Does about `budget` units of work and records what was marked. */
  step(budget: number): void {
    const w = this.#world;
    this.stepScan = 0;
    this.stepUnits = 0;
    this.#reserve();
    while (this.stepUnits < budget && this.#rootCursor < w.rootCount) this.#rootJob();
    while (this.stepUnits < budget && this.#specialCursor < this.#specialEnd) this.#specialJob();
    while (this.stepUnits < budget && this.#pageCursor < w.pages) this.#heldJob();
    if (this.#depth > 0) this.#drain(budget);
    this.#record();
  }

  /** Greys the objects that hold these ordinals' words at the start of a cycle (tiny blocks). */
  greyObjects(ordinals: Int32Array): void {
    this.#reserve();
    for (const ordinal of ordinals) {
      if (ordinal !== 0) this.#grey(this.#world.objectWord[ordinal]);
    }
    this.#record();
  }

  /** The write barrier meets a reference (word + 1): evolve marks the object, this keeps it to scan. */
  barrier(reference: number): void {
    if (reference === 0) return;
    const w = this.#world;
    const word = reference - 1;
    const page = w.spanAtWord(word);
    const index = slotOfWord(w, page, word);
    const at = page * BITMAP_WORDS + (index >> 5);
    if ((w.markBits[at] & (1 << (index & 31))) === 0 && (w.spanClass[page] & 1) === 0) {
      this.#push(this.#slotWord(page, index));
    }
  }

  #reserve(): void {
    const w = this.#world;
    if (this.#seen.length >= w.markBits.length) return;
    const seen = new Int32Array(w.markBits.length);
    seen.set(this.#seen);
    this.#seen = seen;
    this.#isTouched = new Uint8Array(w.spanState.length);
  }

  #rootJob(): void {
    const w = this.#world;
    const end = Math.min(this.#rootCursor + ROOT_JOB, w.rootCount);
    for (let root = this.#rootCursor; root < end; root += 1) {
      if (w.roots[root] !== 0) this.#grey(w.roots[root] - 1);
    }
    this.#rootCursor = end;
  }

  /** Marks the held objects of the next span that has any. */
  #heldJob(): void {
    const w = this.#world;
    const page = this.#pageCursor;
    this.#pageCursor += Math.max(1, w.spanPages[page]);
    if (w.spanState[page] !== SPAN_IN_USE) return;
    const base = page * BITMAP_WORDS;
    const words = (w.nelems[page] + 31) >> 5;
    const traced = w.words.length > 0 && (w.spanClass[page] & 1) === 0;
    let marked = 0;
    for (let i = 0; i < words; i += 1) {
      const bits = w.heldBits[base + i] & ~w.markBits[base + i];
      if (bits === 0) continue;
      marked += popcount(bits);
      if (traced) this.#pushSlots(page, i, bits);
    }
    if (marked === 0) return;
    this.#journal.emit(EVENTS.SpanMarked.tag, page, marked, MARKED_HELD, 0, 0);
    const scan = traced ? 0 : w.heldScan[page];
    this.stepScan += scan;
    this.stepUnits += scan + marked * OBJECT_UNITS;
  }

  /** Marks what the queues of specials keep, or what the specials of the next pages keep. */
  #specialJob(): void {
    const w = this.#world;
    const from = this.#specialCursor;
    this.#specialCursor = from < 0 ? 0 : from + SPECIAL_JOB;
    if (from < 0) markQueues(w, this);
    let bytes = 0;
    for (let page = Math.max(0, from); page < Math.min(this.#specialCursor, w.pages); page += 1) {
      if (w.spanSpecials[page] !== 0) bytes += markSpanSpecials(w, this, page);
    }
    if (bytes > 0) this.#journal.emit(EVENTS.FinalizersScanned.tag, bytes);
  }

  /** A special was made while marking: does for it what its root job would have done. */
  specialMade(special: number): void {
    this.#reserve();
    const bytes = markSpecial(this.#world, this, special);
    this.#record();
    if (bytes > 0) this.#journal.emit(EVENTS.FinalizersScanned.tag, bytes);
  }

  /** Marks the object that holds a word. */
  greyWord(word: number): void {
    this.#grey(word);
  }

  /** Counts scan work outside of objects taken from the stack. */
  scanned(bytes: number): void {
    this.stepScan += bytes;
    this.stepUnits += bytes;
  }

  #pushSlots(page: number, word: number, bits: number): void {
    for (let rest = bits; rest !== 0; rest &= rest - 1) {
      this.#push(this.#slotWord(page, (word << 5) + 31 - Math.clz32(rest & -rest)));
    }
  }

  #slotWord(page: number, index: number): number {
    const spanClass = this.#world.spanClass[page];
    return (page << 10) + (spanClass < 2 ? 0 : index * (CLASS_BYTES[spanClass >> 1] >> 3));
  }

  #push(word: number): void {
    if (this.#depth === this.#stack.length) this.#growStack(this.#depth + 1);
    this.#stack[this.#depth] = word;
    this.#depth += 1;
  }

  #growStack(depth: number): Int32Array {
    const grown = new Int32Array(Math.max(depth, this.#stack.length * 2));
    grown.set(this.#stack);
    this.#stack = grown;
    return grown;
  }

  /** Marks the object that holds a word, if it is white. */
  #grey(word: number): void {
    const w = this.#world;
    const page = w.spanOf[word >> 10] - 1;
    if (page < 0) strayPointer(word);
    const index = slotOfWord(w, page, word);
    const at = page * BITMAP_WORDS + (index >> 5);
    const bit = 1 << (index & 31);
    if (((w.markBits[at] | this.#seen[at]) & bit) !== 0) return;
    this.#seen[at] |= bit;
    if (this.#isTouched[page] === 0) this.#touch(page);
    this.stepUnits += OBJECT_UNITS;
    if ((w.spanClass[page] & 1) === 0) this.#push(this.#slotWord(page, index));
  }

  #touch(page: number): void {
    this.#isTouched[page] = 1;
    if (this.#touchedCount === this.#touched.length) {
      const grown = new Int32Array(this.#touchedCount * 2);
      grown.set(this.#touched);
      this.#touched = grown;
    }
    this.#touched[this.#touchedCount] = page;
    this.#touchedCount += 1;
  }

  /**
   * Scans grey objects until the budget is used up. The body of `#grey` is written out in it, over
   * local arrays: this loop sees every pointer word of the live heap.
   */
  #drain(budget: number): void {
    const { words, spanOf, spanClass, markBits, spanPages } = this.#world;
    const seen = this.#seen;
    const isTouched = this.#isTouched;
    const limit = words.length;
    let stack = this.#stack;
    let depth = this.#depth;
    let units = this.stepUnits;
    let scan = 0;
    while (depth > 0 && units < budget) {
      depth -= 1;
      const start = stack[depth];
      const own = spanOf[start >> 10] - 1;
      const ownClass = spanClass[own];
      const size = ownClass < 2 ? spanPages[own] << 10 : CLASS_BYTES[ownClass >> 1] >> 3;
      const end = Math.min(start + size, limit);
      if (depth + size > stack.length) stack = this.#growStack(depth + size);
      let last = start;
      for (let at = start; at < end; at += 1) {
        const reference = words[at];
        if (reference === 0) continue;
        last = at + 1;
        const word = reference - 1;
        const page = spanOf[word >> 10] - 1;
        if (page < 0) strayPointer(word);
        const kind = spanClass[page];
        const first = page << 10;
        const index = ((word - first + 0.5) * SLOTS_PER_WORD[kind]) | 0;
        const cell = page * BITMAP_WORDS + (index >> 5);
        const bit = 1 << (index & 31);
        if ((seen[cell] & bit) !== 0) continue;
        seen[cell] |= bit;
        if ((markBits[cell] & bit) !== 0) continue;
        if (isTouched[page] === 0) this.#touch(page);
        units += OBJECT_UNITS;
        if ((kind & 1) !== 0) continue;
        stack[depth] = first + index * SLOT_WORDS[kind];
        depth += 1;
      }
      scan += (last - start) << 3;
      units += (last - start) << 3;
    }
    this.#depth = depth;
    this.stepScan += scan;
    this.stepUnits = units;
  }

  /** Turns the step's marks into events, in address order. */
  #record(): void {
    const pages = this.#touched.subarray(0, this.#touchedCount).sort();
    const w = this.#world;
    for (const page of pages) {
      const base = page * BITMAP_WORDS;
      const words = (w.nelems[page] + 31) >> 5;
      let marked = 0;
      let length = 0;
      for (let i = 0; i < words; i += 1) {
        const bits = this.#seen[base + i] & ~w.markBits[base + i];
        if (bits === 0) {
          this.#bytes.fill(0, i * 4, i * 4 + 4);
          continue;
        }
        marked += popcount(bits);
        for (let b = 0; b < 4; b += 1) this.#bytes[i * 4 + b] = bits >>> (b * 8);
        length = i * 4 + 4 - (Math.clz32(bits) >> 3);
      }
      this.#isTouched[page] = 0;
      const bytes = this.#bytes.subarray(0, length);
      this.#journal.emitBytes(EVENTS.SpanMarked.tag, bytes, page, marked, MARKED_BITS);
    }
    this.#touchedCount = 0;
  }
}
