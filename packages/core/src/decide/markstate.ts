/**
 * What marking knows beyond the state: the colours it has given and not yet recorded, and its queues.
 *
 * 1. `seen` has a bit for every slot that marking itself has marked in this cycle. A slot is marked if
 *    it is in `seen` or in the state's mark bits, where new objects are put at once (allocate black).
 * 2. An object without pointers turns black when it is found. Any other turns grey: it waits in a work
 *    buffer or, under Green Tea and if it is small, in its span, which waits in a span queue.
 * 3. Green Tea keeps a second bit by slot, `scans`: grey objects of a span are those seen and not yet
 *    scanned. `owned` says whether the span is queued, and for how many objects.
 * 4. Recording. At the coarse setting marks leave now and then as one `SpanMarked` event a span; at the
 *    fine one each object that turns grey or black is an event at once. What is decided is the same.
 *
 * Follows `runtime/mgcmark.go` greyobject and `mgcmark_greenteagc.go` tryDeferToSpanScan, Go 1.26.
 */
import { AssertionError, EVENTS } from '@heaptape/schema';
import type { CacheModel } from '../collector/cachemodel.ts';
import { MARKED_BITS } from '../evolve/spans.ts';
import { BITMAP_WORDS } from '../heap/layout.ts';
import { CLASS_BYTES, NUM_SPAN_CLASSES } from '../heap/sizeclasses.ts';
import { popcount, slotOfWord } from '../heap/slots.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';
import { SpanQueue } from './spanqueue.ts';
import { WorkBuffers } from './workbufs.ts';

/** Units that marking an object costs beside the bytes scanned in it. */
export const OBJECT_UNITS = 32;
/** Words of a slot by span class, and the inverse; a large span is one slot, whatever the word. */
export const SLOT_WORDS: Int32Array = Int32Array.from({ length: NUM_SPAN_CLASSES }, (_, c) =>
  c < 2 ? 0 : CLASS_BYTES[c >> 1] >> 3,
);
export const SLOTS_PER_WORD: Float64Array = Float64Array.from(SLOT_WORDS, (words) =>
  words === 0 ? 0 : 1 / words,
);
/** 1 for span classes whose spans keep their mark and scan bits inside (16 to 512 bytes a slot). */
const INLINE_MARKS: Uint8Array = Uint8Array.from(SLOT_WORDS, (words) =>
  words >= 2 && words <= 64 ? 1 : 0,
);
/** Slot numbers of a span take this many bits of a span queue entry. */
export const ENTRY_SHIFT = 10;
/** `owned`: not queued; queued for one object; for more than one. */
export const UNOWNED = 0;
export const ONE_MARK = 1;
const MANY_MARKS = 2;

export function strayPointer(word: number): never {
  throw new AssertionError(`a pointer to word ${word} leads to no span`);
}

export class MarkState {
  readonly world: World;
  readonly #journal: Journal;
  readonly work: WorkBuffers = new WorkBuffers();
  readonly queues: SpanQueue[] = [];
  /** By span class: 1 where grey objects wait in their span. */
  readonly inline: Uint8Array;
  /** One bit a slot, laid out as `World.markBits`. */
  seen: Int32Array = new Int32Array(0);
  scans: Int32Array = new Int32Array(0);
  owned: Uint8Array = new Uint8Array(0);
  /** Pieces of a large object that are still to be scanned, by page. */
  pieces: Int32Array = new Int32Array(0);
  /** Spans with marks that are not recorded. */
  isTouched: Uint8Array = new Uint8Array(0);
  #touched: Int32Array = new Int32Array(1024);
  #touchedCount = 0;
  readonly #bytes: Uint8Array = new Uint8Array(BITMAP_WORDS * 4);
  /** Of the cycle so far: scan work in bytes, and units. */
  scanned = 0;
  units = 0;
  /** The P whose buffers take what turns grey. */
  p = 0;
  /** Where set, objects that turn grey are noted here instead of being queued one by one. */
  batch: Int32Array | null = null;
  batched = 0;
  fine = false;
  model: CacheModel | null = null;

  constructor(journal: Journal, greenTea: boolean) {
    this.world = journal.world;
    this.#journal = journal;
    this.inline = greenTea ? INLINE_MARKS : new Uint8Array(NUM_SPAN_CLASSES);
  }

  /** Whether each object has to go through `shade`: the fast loops leave events and touches out. */
  get watched(): boolean {
    return this.fine || this.model !== null;
  }

  begin(): void {
    this.reserve();
    this.seen.fill(0);
    this.scans.fill(0);
    this.owned.fill(UNOWNED);
    for (const queue of this.queues) queue.reset();
    this.scanned = 0;
    this.units = 0;
  }

  /** The heap may have grown. */
  reserve(): void {
    const { markBits, spanState } = this.world;
    if (this.seen.length >= markBits.length) return;
    const bits = (column: Int32Array): Int32Array => {
      const larger = new Int32Array(markBits.length);
      larger.set(column);
      return larger;
    };
    this.seen = bits(this.seen);
    this.scans = bits(this.scans);
    const flags = (column: Uint8Array): Uint8Array => {
      const larger = new Uint8Array(spanState.length);
      larger.set(column);
      return larger;
    };
    this.owned = flags(this.owned);
    this.isTouched = flags(this.isTouched);
    const pieces = new Int32Array(spanState.length);
    pieces.set(this.pieces);
    this.pieces = pieces;
  }

  /** What follows happens on this P. */
  runOn(p: number): void {
    this.p = p;
    this.work.own(p);
    while (this.queues.length <= p) this.queues.push(new SpanQueue());
  }

  /** Slots of a cell of the bitmaps that are not marked. */
  white(cell: number): number {
    return ~(this.seen[cell] | this.world.markBits[cell]);
  }

  slotWord(page: number, index: number): number {
    return (page << 10) + index * SLOT_WORDS[this.world.spanClass[page]];
  }

  /** Marks the object that holds a word, if it is white. */
  greyWord(word: number): void {
    const w = this.world;
    const page = w.spanOf[word >> 10] - 1;
    if (page < 0) strayPointer(word);
    const index = slotOfWord(w, page, word);
    const at = page * BITMAP_WORDS + (index >> 5);
    const bit = 1 << (index & 31);
    if (this.model !== null) this.model.testMark(page, index, this.inline[w.spanClass[page]] !== 0);
    if (((this.seen[at] | w.markBits[at]) & bit) !== 0) return;
    this.seen[at] |= bit;
    this.units += OBJECT_UNITS;
    const spanClass = w.spanClass[page];
    const noscan = (spanClass & 1) !== 0;
    if (this.fine) {
      const tag = noscan ? EVENTS.ObjectBlackened.tag : EVENTS.ObjectGreyed.tag;
      this.#journal.emit(tag, this.slotWord(page, index));
    } else if (this.isTouched[page] === 0) this.touch(page);
    if (noscan) return;
    if (this.inline[spanClass] !== 0) this.queueSpan(page, index);
    else if (this.batch === null) this.work.put(this.p, this.slotWord(page, index));
    else {
      this.batch[this.batched] = this.slotWord(page, index);
      this.batched += 1;
    }
  }

  /**
   * Marks slots of one word of a span's bitmap that the state does not have as marked; their contents
   * count as scanned. Returns how many marks the caller has to record.
   */
  markBlack(page: number, i: number, bits: number): number {
    const at = page * BITMAP_WORDS + i;
    const fresh = bits & ~this.seen[at];
    this.seen[at] |= bits;
    this.scans[at] |= bits;
    this.units += popcount(fresh) * OBJECT_UNITS;
    if (!this.watched) return popcount(bits);
    for (let rest = fresh; rest !== 0; rest &= rest - 1) {
      const index = (i << 5) + 31 - Math.clz32(rest & -rest);
      if (this.model !== null) this.model.testMark(page, index, false);
      this.blacken(this.slotWord(page, index));
    }
    return this.fine ? 0 : popcount(bits);
  }

  /** A slot of a span with inline bits has turned grey. */
  queueSpan(page: number, index: number): void {
    if (this.owned[page] !== UNOWNED) {
      this.owned[page] = MANY_MARKS;
      return;
    }
    this.owned[page] = ONE_MARK;
    if (this.queues[this.p].put((page << ENTRY_SHIFT) | index)) this.work.flushed[this.p] = 1;
  }

  /** The object at this word has been scanned, or needs no scan. */
  blacken(word: number): void {
    if (this.fine) this.#journal.emit(EVENTS.ObjectBlackened.tag, word);
  }

  touch(page: number): void {
    this.isTouched[page] = 1;
    if (this.#touchedCount === this.#touched.length) {
      const grown = new Int32Array(this.#touchedCount * 2);
      grown.set(this.#touched);
      this.#touched = grown;
    }
    this.#touched[this.#touchedCount] = page;
    this.#touchedCount += 1;
  }

  /** Turns what is not yet recorded into events, in address order. */
  record(): void {
    const pages = this.#touched.subarray(0, this.#touchedCount).sort();
    const w = this.world;
    for (const page of pages) {
      const base = page * BITMAP_WORDS;
      const words = (w.nelems[page] + 31) >> 5;
      let marked = 0;
      let length = 0;
      for (let i = 0; i < words; i += 1) {
        const bits = this.seen[base + i] & ~w.markBits[base + i];
        if (bits === 0) {
          this.#bytes.fill(0, i * 4, i * 4 + 4);
          continue;
        }
        marked += popcount(bits);
        for (let b = 0; b < 4; b += 1) this.#bytes[i * 4 + b] = bits >>> (b * 8);
        length = i * 4 + 4 - (Math.clz32(bits) >> 3);
      }
      this.isTouched[page] = 0;
      if (marked === 0) continue;
      const bytes = this.#bytes.subarray(0, length);
      this.#journal.emitBytes(EVENTS.SpanMarked.tag, bytes, page, marked, MARKED_BITS);
    }
    this.#touchedCount = 0;
  }

  /** Records every object that is grey at this moment. */
  recordGrey(): void {
    const w = this.world;
    const greyed = new Set<number>();
    this.work.forEach((word) => {
      const page = w.spanAtWord(word);
      greyed.add(this.slotWord(page, slotOfWord(w, page, word)));
    });
    for (let page = 0; page < w.pages; page += 1) {
      if (this.owned[page] === UNOWNED) continue;
      for (let index = 0; index < w.nelems[page]; index += 1) {
        const at = page * BITMAP_WORDS + (index >> 5);
        const waits = this.seen[at] & ~this.scans[at] & (1 << (index & 31));
        if (waits !== 0) greyed.add(this.slotWord(page, index));
      }
    }
    for (const word of Int32Array.from(greyed).sort()) {
      this.#journal.emit(EVENTS.ObjectGreyed.tag, word);
    }
  }
}
