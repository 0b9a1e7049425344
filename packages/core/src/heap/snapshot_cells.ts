/**
 * The parts of a snapshot that change anywhere: pages, pointer words, roots. Each class holds the
 * arrays whose content the world has wherever its dirty flags do not say otherwise.
 */
import { BITMAP_WORDS } from './layout.ts';
import { popcount } from './slots.ts';
import { bad, bytesOf } from './snapshot_tables.ts';
import {
  DIRTY_HASH,
  DIRTY_SNAPSHOT,
  ROOT_CHUNK_SHIFT,
  WORD_CHUNK_SHIFT,
  type World,
} from './world.ts';

const PAGE_CHUNK = 32;
const CELL_CHUNK = 4096;
const PAGE_BYTES = 35 + 3 * BITMAP_WORDS * 4 + 8 + 4;

/** One column by page as bytes, and its bytes a page. */
type PageColumn = readonly [bytes: Uint8Array, width: number];

/** Every column by page, in the order of a chunk. */
function pageColumns(w: World): PageColumn[] {
  return [
    [w.spanState, 1],
    [w.spanClass, 1],
    [bytesOf(w.spanPages), 4],
    [bytesOf(w.spanOf), 4],
    [bytesOf(w.nelems), 2],
    [bytesOf(w.freeIndex), 2],
    [bytesOf(w.allocCount), 2],
    [bytesOf(w.allocBefore), 2],
    [bytesOf(w.sweepgen), 4],
    [w.needzero, 1],
    [bytesOf(w.listPrev), 4],
    [bytesOf(w.listNext), 4],
    [bytesOf(w.listOf), 2],
    [w.pageFree, 1],
    [w.pageScavenged, 1],
    [bytesOf(w.allocBits), BITMAP_WORDS * 4],
    [bytesOf(w.markBits), BITMAP_WORDS * 4],
    [bytesOf(w.heldBits), BITMAP_WORDS * 4],
    [bytesOf(w.heldScan), 8],
    [bytesOf(w.spanSpecials), 4],
  ];
}

export class PageChunks {
  #held: Uint8Array[] = [];

  take(w: World): readonly Uint8Array[] {
    const count = Math.ceil(w.pages / PAGE_CHUNK);
    w.reservePages(count * PAGE_CHUNK);
    const columns = pageColumns(w);
    for (let c = 0; c < count; c += 1) {
      const from = c * PAGE_CHUNK;
      if (!cleaned(w.dirtyPages, from, PAGE_CHUNK) && c < this.#held.length) continue;
      const chunk = new Uint8Array(PAGE_CHUNK * PAGE_BYTES);
      let at = 0;
      for (const [bytes, width] of columns) {
        chunk.set(bytes.subarray(from * width, (from + PAGE_CHUNK) * width), at);
        at += PAGE_CHUNK * width;
      }
      this.#held[c] = chunk;
    }
    return this.#held.slice();
  }

  /** `before` is how many pages the world had. */
  restore(w: World, chunks: readonly Uint8Array[], before: number): void {
    const count = Math.ceil(w.pages / PAGE_CHUNK);
    if (chunks.length !== count) bad('pages');
    w.reservePages(count * PAGE_CHUNK);
    const columns = pageColumns(w);
    for (let c = 0; c < count; c += 1) {
      const chunk = chunks[c];
      if (chunk.length !== PAGE_CHUNK * PAGE_BYTES) bad('pages');
      const from = c * PAGE_CHUNK;
      if (!cleaned(w.dirtyPages, from, PAGE_CHUNK) && this.#held[c] === chunk) continue;
      let at = 0;
      for (const [bytes, width] of columns) {
        bytes.set(chunk.subarray(at, at + PAGE_CHUNK * width), from * width);
        at += PAGE_CHUNK * width;
      }
      rehash(w, from, from + PAGE_CHUNK);
    }
    this.#held = chunks.slice();
    const end = count * PAGE_CHUNK;
    if (end >= before) return;
    for (const [bytes, width] of columns) bytes.fill(0, end * width, before * width);
    cleaned(w.dirtyPages, end, before - end);
    rehash(w, end, before);
  }
}

/** Pages were put back: their hashes are void. */
function rehash(w: World, from: number, to: number): void {
  for (let page = from; page < to; page += 1) w.dirtyPages[page] |= DIRTY_HASH;
}

export class WordChunks {
  #held: Uint8Array[] = [];
  readonly #zero = new Uint8Array(CELL_CHUNK * 4);

  take(w: World): readonly Uint8Array[] {
    const bytes = bytesOf(w.words);
    const count = Math.ceil(Math.min(w.pages << 10, w.words.length) / CELL_CHUNK);
    const flags = CELL_CHUNK >> WORD_CHUNK_SHIFT;
    for (let c = 0; c < count; c += 1) {
      if (c === this.#held.length) this.#held.push(this.#zero);
      if (!cleaned(w.dirtyWords, c * flags, flags)) continue;
      const from = c * CELL_CHUNK;
      const zero = isZero(w.words, from, from + CELL_CHUNK);
      this.#held[c] = zero ? this.#zero : bytes.slice(from * 4, (from + CELL_CHUNK) * 4);
    }
    let used = this.#held.length;
    while (used > 0 && this.#isZero(this.#held[used - 1])) used -= 1;
    return this.#held.slice(0, used);
  }

  /** Chunks taken over from a snapshot may be zero in an array of their own. */
  #isZero(chunk: Uint8Array): boolean {
    return chunk === this.#zero || chunk.every((byte) => byte === 0);
  }

  restore(w: World, chunks: readonly Uint8Array[]): void {
    if (chunks.length > Math.ceil((w.pages << 10) / CELL_CHUNK)) bad('words');
    if (chunks.length > 0) w.reserveWords();
    const bytes = bytesOf(w.words);
    const flags = CELL_CHUNK >> WORD_CHUNK_SHIFT;
    const count = Math.ceil(w.words.length / CELL_CHUNK);
    for (let c = 0; c < count; c += 1) {
      const chunk = c < chunks.length ? chunks[c] : this.#zero;
      if (chunk.length !== CELL_CHUNK * 4) bad('words');
      const held = c < this.#held.length ? this.#held[c] : this.#zero;
      if (!cleaned(w.dirtyWords, c * flags, flags) && held === chunk) continue;
      bytes.set(chunk, c * CELL_CHUNK * 4);
    }
    this.#held = chunks.slice();
  }
}

export class RootChunks {
  #held: Uint8Array[] = [];

  take(w: World): readonly Uint8Array[] {
    const flags = CELL_CHUNK >> ROOT_CHUNK_SHIFT;
    const count = Math.ceil(w.rootCount / CELL_CHUNK);
    for (let c = 0; c < count; c += 1) {
      if (!cleaned(w.dirtyRoots, c * flags, flags) && c < this.#held.length) continue;
      const chunk = new Uint8Array(CELL_CHUNK * 4);
      chunk.set(bytesOf(w.roots.subarray(c * CELL_CHUNK, (c + 1) * CELL_CHUNK)));
      this.#held[c] = chunk;
    }
    return this.#held.slice();
  }

  restore(w: World, chunks: readonly Uint8Array[]): void {
    const flags = CELL_CHUNK >> ROOT_CHUNK_SHIFT;
    const count = Math.ceil(w.rootCount / CELL_CHUNK);
    if (chunks.length !== count) bad('roots');
    if (count > 0) w.reserveRoots(count * CELL_CHUNK - 1);
    const bytes = bytesOf(w.roots);
    for (let c = 0; c < count; c += 1) {
      if (chunks[c].length !== CELL_CHUNK * 4) bad('roots');
      if (!cleaned(w.dirtyRoots, c * flags, flags) && this.#held[c] === chunks[c]) continue;
      bytes.set(chunks[c], c * CELL_CHUNK * 4);
    }
    w.roots.fill(0, count * CELL_CHUNK);
    cleaned(w.dirtyRoots, count * flags, w.dirtyRoots.length);
    this.#held = chunks.slice();
  }
}

/** Grey bits: pairs of cell and bits, 32 bits each, of the cells that are not zero. */
export function takeGrey(w: World): readonly Uint8Array[] {
  if (w.greyCount === 0) return [];
  const pairs: number[] = [];
  w.greyBits.forEach((bits, cell) => {
    if (bits !== 0) pairs.push(cell, bits);
  });
  return [bytesOf(Int32Array.from(pairs))];
}

export function restoreGrey(w: World, chunks: readonly Uint8Array[]): void {
  w.greyBits.forEach((bits, cell) => {
    if (bits !== 0) w.dirtyPages[Math.floor(cell / BITMAP_WORDS)] |= DIRTY_HASH;
  });
  w.greyBits.fill(0);
  w.greyCount = 0;
  if (chunks.length === 0) return;
  if (chunks.length !== 1 || chunks[0].length % 8 !== 0) bad('grey objects');
  w.reserveGrey();
  const pairs = new Int32Array(chunks[0].slice().buffer);
  for (let i = 0; i < pairs.length; i += 2) {
    const [cell, bits] = pairs.subarray(i, i + 2);
    if (!(cell >= 0 && cell < w.greyBits.length)) bad('grey objects');
    w.greyBits[cell] = bits;
    w.greyCount += popcount(bits);
    w.dirtyPages[Math.floor(cell / BITMAP_WORDS)] |= DIRTY_HASH;
  }
}

/** Clears the snapshot flags of a run of cells; true when one was set. */
export function cleaned(flags: Uint8Array, from: number, count: number): boolean {
  let dirty = 0;
  const end = Math.min(from + count, flags.length);
  for (let i = from; i < end; i += 1) {
    dirty |= flags[i];
    flags[i] &= ~DIRTY_SNAPSHOT;
  }
  return (dirty & DIRTY_SNAPSHOT) !== 0;
}

function isZero(words: Int32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (words[i] !== 0) return false;
  return true;
}
