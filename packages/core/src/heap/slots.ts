/** Slots of a span: sizes, bits, and the way from a word to the slot that holds it. */
import { AssertionError } from '@heaptape/schema';
import { BITMAP_WORDS } from './layout.ts';
import { SCALAR } from './scalars.ts';
import { CLASS_BYTES, PAGE_SIZE } from './sizeclasses.ts';
import type { World } from './world.ts';

/** Bytes of a slot of the span at `page`; a large object's slot is its whole span. */
export function slotBytes(w: World, page: number): number {
  const spanClass = w.spanClass[page];
  return spanClass < 2 ? w.spanPages[page] * PAGE_SIZE : CLASS_BYTES[spanClass >> 1];
}

/** Index of the slot that holds a word of the span at `page`. */
export function slotOfWord(w: World, page: number, word: number): number {
  const spanClass = w.spanClass[page];
  if (spanClass < 2) return 0;
  return ((word - (page << 10)) / (CLASS_BYTES[spanClass >> 1] >> 3)) | 0;
}

/** Objects with pointers in slots above this have a malloc header of a word, bytes. */
export const HEADER_CLASS_BYTES = 512;

/** First word of an object in the slot that holds `word`, behind the header if there is one. */
export function objectStart(w: World, word: number): number {
  const page = w.spanAtWord(word);
  const spanClass = w.spanClass[page];
  if (spanClass < 2) return page << 10;
  const bytes = CLASS_BYTES[spanClass >> 1];
  const header = (spanClass & 1) === 0 && bytes > HEADER_CLASS_BYTES ? 1 : 0;
  return (page << 10) + slotOfWord(w, page, word) * (bytes >> 3) + header;
}

/** First free slot at or after freeIndex. The span must have one. */
export function nextFree(w: World, page: number): number {
  let index = w.freeIndex[page];
  const bits = w.allocBits;
  const base = page * BITMAP_WORDS;
  let at = base + (index >> 5);
  let free = ~bits[at] & (-1 << (index & 31));
  const end = base + BITMAP_WORDS;
  while (free === 0) {
    at += 1;
    if (!(at < end)) throw new AssertionError(`span ${page} has no free slot`);
    free = ~bits[at];
  }
  index = ((at - base) << 5) + (31 - Math.clz32(free & -free));
  return index;
}

/** Number of one bits of a 32-bit word. */
export function popcount(value: number): number {
  let v = value - ((value >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** Number of marked slots of the span at `page`. */
export function countMarked(w: World, page: number): number {
  const base = page * BITMAP_WORDS;
  const words = (w.nelems[page] + 31) >> 5;
  let count = 0;
  for (let i = 0; i < words; i += 1) count += popcount(w.markBits[base + i]);
  return count;
}

/** Whether a slot has been handed out and not been freed by a sweep. */
export function slotAllocated(w: World, page: number, index: number): boolean {
  if (index < w.freeIndex[page]) return true;
  return (w.allocBits[page * BITMAP_WORDS + (index >> 5)] & (1 << (index & 31))) !== 0;
}

/** Whether the sweep of the last cycle has yet to come to a span. */
export function isUnswept(w: World, page: number): boolean {
  const behind = w.sweepgen[page] - w.scalars[SCALAR.sweepgen];
  return behind !== 0 && behind !== 3;
}

/**
 * Whether a slot holds an object that the collector has not found dead: it is allocated and, where
 * its span is still to be swept, marked.
 */
export function slotAlive(w: World, page: number, index: number): boolean {
  if (!slotAllocated(w, page, index)) return false;
  if (!isUnswept(w, page)) return true;
  return (w.markBits[page * BITMAP_WORDS + (index >> 5)] & (1 << (index & 31))) !== 0;
}
