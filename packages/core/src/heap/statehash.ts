/**
 * The hash of a World: see `@heaptape/schema` for its definition.
 *
 * 1. Pointer words and roots are hashed at each store, because stores scatter; sites when they are
 *    defined.
 * 2. Pages are hashed when asked, those touched since the last time only; the sum of all page hashes
 *    is kept, so that a page's old share can be taken out.
 * 3. Placement of objects is a sum over all there ever were, each where it lies or lay last: the new
 *    ones are added when asked, and before any is forgotten.
 * 4. Scalars (but the number of events), lists, mcaches and control are small and hashed whole when
 *    asked.
 */
import { mixHigh, mixLow, StateHash } from '@heaptape/schema';
import type { Control } from '../control.ts';
import { BITMAP_WORDS } from './layout.ts';
import { BLOCK_SHIFT } from './objects.ts';
import { SCALAR } from './scalars.ts';
import { DIRTY_HASH, type World } from './world.ts';

const BLOCK_MASK = (1 << BLOCK_SHIFT) - 1;

/** Set in the number of a root, where pointer words and roots go together. */
export const ROOT_SALT: number = 0x80000000 | 0;
const OBJECT_SALT = 0x5bd1e995;
const SMALL_SALT = 0x1b873593;
const SITE_SALT = 0x2545f491;

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
  if (w.undo !== null) w.undo.push(word, before);
}

/** A root changed. */
export function changeRoot(w: World, root: number, before: number, after: number): void {
  changeWord(w, ROOT_SALT ^ root, before, after);
}

/** A site was defined: it never changes again. */
export function addSite(w: World, site: number): void {
  const hash = new StateHash();
  const where = Math.imul(site, SITE_SALT);
  hash.addNumber(where, w.siteBytes[site]);
  hash.addNumber(where ^ 1, w.siteScan[site]);
  hash.addNumber(where ^ 2, w.siteClass[site] | (w.siteHeld[site] << 8));
  w.hashLow = (w.hashLow + hash.low) | 0;
  w.hashHigh = (w.hashHigh + hash.high) | 0;
}

/** Hash of a World. Remembers the control tree's hash between calls; all else is in the World. */
export class WorldHasher {
  /** Scratch for the numbered cells of one page. */
  readonly #cells = new Int32Array(12);
  #control: { of: Control | null; low: number; high: number } = { of: null, low: 0, high: 0 };

  /** Hash of the whole state, 16 hexadecimal digits. */
  hash(w: World): string {
    foldPages(w, this.#cells);
    foldObjects(w);
    const total = new StateHash();
    total.add({ low: w.hashLow, high: w.hashHigh });
    total.add({ low: w.pagesHashLow, high: w.pagesHashHigh });
    total.add({ low: w.objectsHashLow, high: w.objectsHashHigh });
    total.add(smallColumns(w));
    total.add({ low: w.specials.hashLow, high: w.specials.hashHigh });
    if (this.#control.of !== w.control) {
      this.#control = { of: w.control, ...hashText(JSON.stringify(w.control)) };
    }
    total.add(this.#control);
    return total.hex();
  }
}

/** Brings the sum of page hashes up to date. Pages that are gone are zero, and so is their hash. */
function foldPages(w: World, cells: Int32Array): void {
  let low = w.pagesHashLow;
  let high = w.pagesHashHigh;
  const end = Math.max(w.pages, w.pagesHashed);
  for (let page = 0; page < end; page += 1) {
    if ((w.dirtyPages[page] & DIRTY_HASH) === 0) continue;
    w.dirtyPages[page] &= ~DIRTY_HASH;
    low = (low - w.pageHashLow[page]) | 0;
    high = (high - w.pageHashHigh[page]) | 0;
    hashPage(w, page, cells);
    low = (low + w.pageHashLow[page]) | 0;
    high = (high + w.pageHashHigh[page]) | 0;
  }
  w.pagesHashLow = low;
  w.pagesHashHigh = high;
  w.pagesHashed = w.pages | 0;
}

/** Adds the placement of the objects that are new. */
export function foldObjects(w: World): void {
  const next = w.scalars[SCALAR.nextOrdinal] | 0;
  let low = w.objectsHashLow;
  let high = w.objectsHashHigh;
  const { objects } = w;
  const { words, sites } = objects;
  for (let ordinal = w.objectsHashed; ordinal < next; ) {
    const base = objects.placeOf(ordinal >> BLOCK_SHIFT) << BLOCK_SHIFT;
    const end = Math.min(next, ((ordinal >> BLOCK_SHIFT) + 1) << BLOCK_SHIFT);
    for (; ordinal < end; ordinal += 1) {
      const at = base | (ordinal & BLOCK_MASK);
      const value = (Math.imul(sites[at], OBJECT_SALT) ^ words[at]) | 0;
      low = (low + mixLow(ordinal ^ OBJECT_SALT, value)) | 0;
      high = (high + mixHigh(ordinal ^ OBJECT_SALT, value)) | 0;
    }
  }
  w.objectsHashLow = low;
  w.objectsHashHigh = high;
  w.objectsHashed = next;
}

/** An object went from one word to another; it is in the sum. */
export function changePlacement(
  w: World,
  ordinal: number,
  site: number,
  before: number,
  after: number,
): void {
  const where = ordinal ^ OBJECT_SALT;
  const salt = Math.imul(site, OBJECT_SALT);
  w.objectsHashLow =
    (w.objectsHashLow - mixLow(where, salt ^ before) + mixLow(where, salt ^ after)) | 0;
  w.objectsHashHigh =
    (w.objectsHashHigh - mixHigh(where, salt ^ before) + mixHigh(where, salt ^ after)) | 0;
}

/** Hashes one page's columns into `pageHashLow` and `pageHashHigh`; `cells` is scratch. No closure: it costs a factor. */
function hashPage(w: World, page: number, cells: Int32Array): void {
  const where = Math.imul(page + 1, 0x9e3779b1);
  cells[1] = w.spanState[page] | (w.spanClass[page] << 8) | (w.pageFree[page] << 16);
  cells[2] = w.spanPages[page] | (w.needzero[page] << 30) | (w.pageScavenged[page] << 29);
  cells[3] = w.spanOf[page];
  cells[4] = w.nelems[page] | (w.freeIndex[page] << 16);
  cells[5] = w.allocCount[page] | (w.allocBefore[page] << 16);
  cells[6] = w.sweepgen[page];
  cells[7] = w.listOf[page];
  cells[8] = w.listPrev[page];
  cells[9] = w.listNext[page];
  cells[10] = w.heldScan[page] | 0;
  cells[11] = w.spanSpecials[page];
  let low = 0;
  let high = 0;
  for (let cell = 1; cell <= 11; cell += 1) {
    const value = cells[cell];
    if (value === 0) continue;
    low = (low + mixLow(where ^ cell, value)) | 0;
    high = (high + mixHigh(where ^ cell, value)) | 0;
  }
  const words = (w.nelems[page] + 31) >> 5;
  const base = page * BITMAP_WORDS;
  const { allocBits, markBits, heldBits } = w;
  for (let i = 0; i < words; i += 1) {
    const alloc = allocBits[base + i];
    if (alloc !== 0) {
      low = (low + mixLow(where ^ (0x100 | i), alloc)) | 0;
      high = (high + mixHigh(where ^ (0x100 | i), alloc)) | 0;
    }
    const mark = markBits[base + i];
    if (mark !== 0) {
      low = (low + mixLow(where ^ (0x200 | i), mark)) | 0;
      high = (high + mixHigh(where ^ (0x200 | i), mark)) | 0;
    }
    const held = heldBits[base + i];
    if (held !== 0) {
      low = (low + mixLow(where ^ (0x300 | i), held)) | 0;
      high = (high + mixHigh(where ^ (0x300 | i), held)) | 0;
    }
  }
  if (w.greyCount > 0) {
    for (let i = 0; i < words && base + i < w.greyBits.length; i += 1) {
      const grey = w.greyBits[base + i];
      if (grey === 0) continue;
      low = (low + mixLow(where ^ (0x400 | i), grey)) | 0;
      high = (high + mixHigh(where ^ (0x400 | i), grey)) | 0;
    }
  }
  w.pageHashLow[page] = low;
  w.pageHashHigh[page] = high;
}

function smallColumns(w: World): StateHash {
  const hash = new StateHash();
  const add = (salt: number, column: ArrayLike<number>, count: number): void => {
    for (let i = 0; i < count; i += 1) hash.addNumber(SMALL_SALT ^ ((salt << 20) | i), column[i]);
  };
  // The first scalar counts events: how finely a run was recorded is no part of its state.
  add(1, w.scalars.subarray(SCALAR.seq + 1), SCALAR.count - 1);
  add(2, w.smallAllocCount, 68);
  add(3, w.smallFreeCount, 68);
  add(4, w.lists, w.lists.length);
  add(5, w.mcache, w.mcache.length);
  add(6, w.tinyBlock, w.tinyBlock.length);
  add(7, w.flushGen, w.flushGen.length);
  add(8, w.mspanCache, w.mspanCache.length);
  hash.addNumber(SMALL_SALT ^ (9 << 20), w.pages);
  if (w.specials.inUse) {
    const queues = w.specials.queues();
    add(10, queues, queues.length);
  }
  add(12, w.pauses, w.pauses.length);
  const table = w.goroutines.toIntegers();
  add(11, table, table.length);
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
