/**
 * Pages in savepoints: a record each, with every column by page, of all pages or of those that changed.
 *
 * Bits of slots beyond the end of a span are zero, so a record has those of its slots only.
 */
import { BITMAP_WORDS } from './layout.ts';
import { DIRTY_HASH, DIRTY_SNAPSHOT, type World } from './world.ts';

/** Integers of a record before its bits. */
const HEAD = 18;

/** Records by page, ascending. Record `i` begins at `starts[i]`. */
export interface PageRecords {
  /** How many records there are; the arrays may be longer. */
  count: number;
  /** Their pages; of no length when they are those from 0 on. */
  pages: Int32Array;
  starts: Int32Array;
  cells: Int32Array;
}

export const noPages = (): PageRecords => ({
  count: 0,
  pages: new Int32Array(0),
  starts: new Int32Array(1),
  cells: new Int32Array(0),
});

/** Writes the record of a page at `at`; returns its end. */
function read(w: World, scans: Int32Array, page: number, to: Int32Array, at: number): number {
  const nelems = w.nelems[page];
  to[at] = nelems;
  to[at + 1] = w.spanState[page];
  to[at + 2] = w.spanClass[page];
  to[at + 3] = w.spanPages[page];
  to[at + 4] = w.spanOf[page];
  to[at + 5] = w.freeIndex[page];
  to[at + 6] = w.allocCount[page];
  to[at + 7] = w.allocBefore[page];
  to[at + 8] = w.sweepgen[page];
  to[at + 9] = w.needzero[page];
  to[at + 10] = w.listPrev[page];
  to[at + 11] = w.listNext[page];
  to[at + 12] = w.listOf[page];
  to[at + 13] = w.pageFree[page];
  to[at + 14] = w.pageScavenged[page];
  to[at + 15] = w.spanSpecials[page];
  to[at + 16] = scans[2 * page];
  to[at + 17] = scans[2 * page + 1];
  const { allocBits, markBits, heldBits } = w;
  const base = page * BITMAP_WORDS;
  let end = at + HEAD;
  for (let i = base; i < base + ((nelems + 31) >> 5); i += 1) {
    to[end] = allocBits[i];
    to[end + 1] = markBits[i];
    to[end + 2] = heldBits[i];
    end += 3;
  }
  return end;
}

/** Puts a page to the record at `at`. */
function write(w: World, scans: Int32Array, page: number, from: Int32Array, at: number): void {
  const words = (from[at] + 31) >> 5;
  const used = Math.max(words, (w.nelems[page] + 31) >> 5);
  w.nelems[page] = from[at];
  w.spanState[page] = from[at + 1];
  w.spanClass[page] = from[at + 2];
  w.spanPages[page] = from[at + 3];
  w.spanOf[page] = from[at + 4];
  w.freeIndex[page] = from[at + 5];
  w.allocCount[page] = from[at + 6];
  w.allocBefore[page] = from[at + 7];
  w.sweepgen[page] = from[at + 8];
  w.needzero[page] = from[at + 9];
  w.listPrev[page] = from[at + 10];
  w.listNext[page] = from[at + 11];
  w.listOf[page] = from[at + 12];
  w.pageFree[page] = from[at + 13];
  w.pageScavenged[page] = from[at + 14];
  w.spanSpecials[page] = from[at + 15];
  scans[2 * page] = from[at + 16];
  scans[2 * page + 1] = from[at + 17];
  const { allocBits, markBits, heldBits } = w;
  const base = page * BITMAP_WORDS;
  for (let i = 0; i < used; i += 1) {
    const bits = at + HEAD + 3 * i;
    const is = i < words;
    allocBits[base + i] = is ? from[bits] : 0;
    markBits[base + i] = is ? from[bits + 1] : 0;
    heldBits[base + i] = is ? from[bits + 2] : 0;
  }
}

const EMPTY = new Int32Array(HEAD);

const scansOf = ({ heldScan }: World): Int32Array =>
  new Int32Array(heldScan.buffer, heldScan.byteOffset, heldScan.length * 2);

/** All pages, into arrays that are there already where they are long enough. */
export function dumpPages(w: World, into: PageRecords): void {
  const scans = scansOf(w);
  if (into.starts.length <= w.pages) into.starts = new Int32Array(w.pages + 1);
  let at = 0;
  for (let page = 0; page < w.pages; page += 1) {
    into.starts[page] = at;
    into.cells = roomFor(into.cells, at);
    at = read(w, scans, page, into.cells, at);
  }
  into.starts[w.pages] = at;
  into.count = w.pages;
}

function roomFor(cells: Int32Array, at: number): Int32Array {
  const most = at + HEAD + 3 * BITMAP_WORDS;
  if (most <= cells.length) return cells;
  const grown = new Int32Array(most * 2);
  grown.set(cells);
  return grown;
}

/** Puts pages to the records of a dump; those that are beyond its end are empty. */
export function undumpPages(w: World, dump: PageRecords, pages: Iterable<number>): void {
  const scans = scansOf(w);
  for (const page of pages) {
    if (page < dump.count) write(w, scans, page, dump.cells, dump.starts[page]);
    else write(w, scans, page, EMPTY, 0);
    w.dirtyPages[page] |= DIRTY_HASH;
  }
}

/** Follows what becomes of pages between savepoints. */
export class PageColumn {
  /** 1 for pages that were written to since the last savepoint. */
  #since = new Uint8Array(0);
  /** Number of the savepoint whose record a page equals, unless it was written to since. */
  #stamps = new Int32Array(0);
  #rows = new Int32Array(0);
  #parts = new Int32Array(0);
  #cells: Int32Array = new Int32Array(1 << 12);

  /** Takes note of what the flags say, clears them, and appends the pages to `touched`. */
  collect(w: World, touched: number[] | undefined): void {
    this.#reserve(w);
    const { dirtyPages } = w;
    for (let page = 0; page < w.pages; page += 1) {
      if ((dirtyPages[page] & DIRTY_SNAPSHOT) === 0) continue;
      dirtyPages[page] &= ~DIRTY_SNAPSHOT;
      this.#since[page] = 1;
      touched?.push(page);
    }
  }

  /** Pages written to since the last savepoint: a copy. */
  since(): Uint8Array {
    return this.#since.slice();
  }

  /** Back to what `since` said, but for `touched`, which have been written to. */
  goBack(since: Uint8Array, touched: Iterable<number>): void {
    this.#since.fill(0);
    this.#since.set(since);
    for (const page of touched) this.#since[page] = 1;
  }

  addAll({ pages, count }: PageRecords): void {
    for (let i = 0; i < count; i += 1) this.#since[pages[i]] = 1;
  }

  /** Records of the pages that were written to or added, or of all. They are what savepoint `stamp` holds. */
  take(w: World, stamp: number, whole: boolean): PageRecords {
    const scans = scansOf(w);
    const pages: number[] = [];
    const starts: number[] = [];
    let at = 0;
    for (let page = 0; page < w.pages; page += 1) {
      if (!whole && this.#since[page] === 0) continue;
      pages.push(page);
      starts.push(at);
      this.#cells = roomFor(this.#cells, at);
      at = read(w, scans, page, this.#cells, at);
      this.#stamps[page] = stamp;
    }
    this.#since.fill(0);
    return {
      count: pages.length,
      pages: Int32Array.from(pages),
      starts: Int32Array.from(starts),
      cells: this.#cells.slice(0, at),
    };
  }

  /** Puts the pages to the last record of each. `before` is how many pages the world had. */
  restore(
    w: World,
    parts: readonly PageRecords[],
    stamps: readonly number[],
    before: number,
  ): void {
    this.#reserve(w);
    const rows = this.#rows;
    const part = this.#parts;
    part.fill(-1, 0, w.pages);
    for (let p = 0; p < parts.length; p += 1) {
      const { pages, count } = parts[p];
      for (let i = 0; i < count; i += 1) {
        rows[pages[i]] = i;
        part[pages[i]] = p;
      }
    }
    const { dirtyPages } = w;
    const scans = scansOf(w);
    const end = Math.max(w.pages, before);
    for (let page = 0; page < end; page += 1) {
      const p = page < w.pages ? part[page] : -1;
      const stamp = p < 0 ? -1 : stamps[p];
      const dirty = (dirtyPages[page] & DIRTY_SNAPSHOT) !== 0 || this.#since[page] !== 0;
      if (!dirty && this.#stamps[page] === stamp) continue;
      if (p < 0) write(w, scans, page, EMPTY, 0);
      else write(w, scans, page, parts[p].cells, parts[p].starts[rows[page]]);
      this.#stamps[page] = stamp;
      dirtyPages[page] = DIRTY_HASH;
    }
    this.#since.fill(0);
  }

  #reserve(w: World): void {
    const size = w.dirtyPages.length;
    if (size === this.#since.length) return;
    const since = new Uint8Array(size);
    since.set(this.#since);
    this.#since = since;
    const stamps = new Int32Array(size).fill(-1);
    stamps.set(this.#stamps);
    this.#stamps = stamps;
    this.#rows = new Int32Array(size);
    this.#parts = new Int32Array(size);
  }
}
