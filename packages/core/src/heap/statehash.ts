/**
 * The hash of a World: see `@heaptape/schema` for its definition.
 *
 * 1. Pointer words and roots are hashed at each store, because stores scatter.
 * 2. Pages are hashed when asked, those touched since the last time only; the sum of all page hashes
 *    is kept, so that a page's old share can be taken out.
 * 3. Placement of objects is append-only: the new ones are added when asked.
 * 4. Scalars, lists, mcaches, sites and control are small and hashed whole when asked.
 */
import { mixHigh, mixLow, StateHash } from '@heaptape/schema';
import type { Control } from '../control.ts';
import { BITMAP_WORDS } from './layout.ts';
import { SCALAR } from './scalars.ts';
import { DIRTY_HASH, type World } from './world.ts';

const ROOT_SALT = 0x80000000 | 0;
const OBJECT_SALT = 0x5bd1e995;
const SMALL_SALT = 0x1b873593;

/** A pointer word changed. */
export function changeWord(w: World, word: number, before: number, after: number): void {
  let low = w.hashLow;
  let high = w.hashHigh;
  if (before !== 0) {
    low = (low - mixLow(word, before)) | 0;
    high = (high - mixHigh(word, before)) | 0;
  }
  if (after !== 0) {
    low = (low + mixLow(word, after)) | 0;
    high = (high + mixHigh(word, after)) | 0;
  }
  w.hashLow = low;
  w.hashHigh = high;
}

/** A root changed. */
export function changeRoot(w: World, root: number, before: number, after: number): void {
  changeWord(w, ROOT_SALT ^ root, before, after);
}

/** Folds what is not hashed at each write; keeps the sums between calls. */
export class WorldHasher {
  #pages = { low: 0, high: 0 };
  #objects = { low: 0, high: 0 };
  #nextObject = 1;
  #control: { of: Control | null; low: number; high: number } = { of: null, low: 0, high: 0 };

  /** Hash of the whole state, 16 hexadecimal digits. */
  hash(w: World): string {
    this.#foldPages(w);
    this.#foldObjects(w);
    const total = new StateHash();
    total.add({ low: w.hashLow, high: w.hashHigh });
    total.add(this.#pages);
    total.add(this.#objects);
    total.add(smallColumns(w));
    if (this.#control.of !== w.control) {
      this.#control = { of: w.control, ...hashText(JSON.stringify(w.control)) };
    }
    total.add(this.#control);
    return total.hex();
  }

  /** Takes up a world whose columns were replaced: its pages are all dirty, its objects are new. */
  reset(w: World): void {
    this.#pages = { low: 0, high: 0 };
    this.#objects = { low: 0, high: 0 };
    this.#nextObject = 1;
    w.pageHashLow.fill(0);
    w.pageHashHigh.fill(0);
    for (let page = 0; page < w.pages; page += 1) w.dirtyPages[page] |= DIRTY_HASH;
  }

  #foldPages(w: World): void {
    let { low, high } = this.#pages;
    for (let page = 0; page < w.pages; page += 1) {
      if ((w.dirtyPages[page] & DIRTY_HASH) === 0) continue;
      w.dirtyPages[page] &= ~DIRTY_HASH;
      low = (low - w.pageHashLow[page]) | 0;
      high = (high - w.pageHashHigh[page]) | 0;
      hashPage(w, page);
      low = (low + w.pageHashLow[page]) | 0;
      high = (high + w.pageHashHigh[page]) | 0;
    }
    this.#pages = { low, high };
  }

  #foldObjects(w: World): void {
    const next = w.scalars[SCALAR.nextOrdinal];
    if (next < this.#nextObject) {
      this.#objects = { low: 0, high: 0 };
      this.#nextObject = 1;
    }
    let { low, high } = this.#objects;
    for (let ordinal = this.#nextObject; ordinal < next; ordinal += 1) {
      const value = (Math.imul(w.objectSite[ordinal], OBJECT_SALT) ^ w.objectWord[ordinal]) | 0;
      low = (low + mixLow(ordinal ^ OBJECT_SALT, value)) | 0;
      high = (high + mixHigh(ordinal ^ OBJECT_SALT, value)) | 0;
    }
    this.#objects = { low, high };
    this.#nextObject = next;
  }
}

/** Hashes one page's columns into `pageHashLow` and `pageHashHigh`. */
function hashPage(w: World, page: number): void {
  let low = 0;
  let high = 0;
  const where = Math.imul(page + 1, 0x9e3779b1);
  const add = (cell: number, value: number): void => {
    if (value === 0) return;
    low = (low + mixLow(where ^ cell, value)) | 0;
    high = (high + mixHigh(where ^ cell, value)) | 0;
  };
  add(1, w.spanState[page] | (w.spanClass[page] << 8) | (w.pageFree[page] << 16));
  add(2, w.spanPages[page] | (w.needzero[page] << 30) | (w.pageScavenged[page] << 29));
  add(3, w.spanOf[page]);
  add(4, w.nelems[page] | (w.freeIndex[page] << 16));
  add(5, w.allocCount[page] | (w.allocBefore[page] << 16));
  add(6, w.sweepgen[page]);
  add(7, w.listOf[page]);
  add(8, w.listPrev[page]);
  add(9, w.listNext[page]);
  add(10, w.heldScan[page] | 0);
  const words = (w.nelems[page] + 31) >> 5;
  const base = page * BITMAP_WORDS;
  for (let i = 0; i < words; i += 1) {
    add(0x100 | i, w.allocBits[base + i]);
    add(0x200 | i, w.markBits[base + i]);
    add(0x300 | i, w.heldBits[base + i]);
  }
  w.pageHashLow[page] = low;
  w.pageHashHigh[page] = high;
}

function smallColumns(w: World): StateHash {
  const hash = new StateHash();
  const add = (salt: number, column: ArrayLike<number>, count: number): void => {
    for (let i = 0; i < count; i += 1) hash.addNumber(SMALL_SALT ^ ((salt << 20) | i), column[i]);
  };
  add(1, w.scalars, SCALAR.count);
  add(2, w.smallAllocCount, 68);
  add(3, w.smallFreeCount, 68);
  add(4, w.lists, w.lists.length);
  add(5, w.mcache, w.mcache.length);
  add(6, w.tinyBlock, w.tinyBlock.length);
  add(7, w.siteBytes, w.siteCount + 1);
  add(8, w.siteClass, w.siteCount + 1);
  hash.addNumber(SMALL_SALT ^ (9 << 20), w.pages);
  return hash;
}

function hashText(text: string): { low: number; high: number } {
  const hash = new StateHash();
  let chain = text.length;
  for (let i = 0; i < text.length; i += 1) {
    chain = (Math.imul(chain, 31) + text.charCodeAt(i)) | 0;
    if ((i & 15) === 15 || i === text.length - 1) hash.change(i ^ 0x33333333, 0, chain);
  }
  return { low: hash.low, high: hash.high };
}
