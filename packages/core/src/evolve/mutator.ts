/**
 * Evolve, for what the program did. These run once per allocation or store, so they touch columns
 * only: no object, no closure, no control tree.
 *
 * Each function states the outcome of one event. Where the event says "as predicted", the rule is
 * frozen with the tape format: an object takes the first free slot at or after `freeIndex` of the
 * span that its P has cached for its class, or the large span just made.
 */
import { AssertionError, assert, HeaptapeError } from '@heaptape/schema';
import { BITMAP_WORDS } from '../heap/layout.ts';
import { FULL, pushSwept } from '../heap/lists.ts';
import { SCALAR } from '../heap/scalars.ts';
import { CLASS_BYTES, NUM_SPAN_CLASSES } from '../heap/sizeclasses.ts';
import { HEADER_CLASS_BYTES, nextFree, slotBytes, slotOfWord } from '../heap/slots.ts';
import { addSite, changeRoot, changeWord } from '../heap/statehash.ts';
import { DIRTY_ALL, ROOT_CHUNK_SHIFT, WORD_CHUNK_SHIFT, type World } from '../heap/world.ts';
import { setMark } from './marks.ts';

export function siteDefined(
  w: World,
  bytes: number,
  scanBytes: number,
  held: number,
  spanClass: number,
  name: string,
): void {
  w.siteCount += 1;
  w.reserveSite(w.siteCount);
  w.siteBytes[w.siteCount] = bytes;
  w.siteScan[w.siteCount] = scanBytes;
  w.siteHeld[w.siteCount] = held;
  w.siteClass[w.siteCount] = spanClass;
  w.siteNames.push(name);
  addSite(w, w.siteCount);
}

/** An object takes its slot. `place` 0 is the predicted one; other values are its word index plus 1. */
export function objectAllocated(w: World, site: number, place: number): void {
  const { scalars } = w;
  const ordinal = scalars[SCALAR.nextOrdinal];
  scalars[SCALAR.nextOrdinal] = ordinal + 1;
  if (ordinal >= w.objectWord.length) w.reserveObjects(ordinal);
  const spanClass = w.siteClass[site];
  const page =
    spanClass < 2
      ? scalars[SCALAR.largePage] - 1
      : w.mcache[scalars[SCALAR.p] * NUM_SPAN_CLASSES + spanClass] - 1;
  assert(page >= 0, 'an allocation needs a span');
  if (place !== 0) throw new HeaptapeError('bad-data', `object #${ordinal}: place ${place}`);
  const index = spanClass < 2 ? 0 : nextFree(w, page);
  w.freeIndex[page] = index + 1;
  w.allocCount[page] += 1;
  w.dirtyPages[page] = DIRTY_ALL;
  let word = page << 10;
  if (spanClass < 2) largeAllocated(w, page, site);
  else {
    const slotWords = CLASS_BYTES[spanClass >> 1] >> 3;
    word += index * slotWords;
    if ((spanClass & 1) === 0) {
      if (w.needzero[page] !== 0 && word < w.words.length) clearWords(w, word, slotWords);
      if (slotWords > HEADER_CLASS_BYTES >> 3) word += 1;
    }
    scalars[SCALAR.scanAlloc] += w.siteScan[site];
  }
  w.objectWord[ordinal] = word;
  w.objectSite[ordinal] = site;
  if (w.siteHeld[site] !== 0) {
    w.heldBits[page * BITMAP_WORDS + (index >> 5)] |= 1 << (index & 31);
    w.heldScan[page] += w.siteScan[site];
  }
  if (scalars[SCALAR.gcphase] !== 0) setMark(w, page, index);
}

function largeAllocated(w: World, page: number, site: number): void {
  const { scalars } = w;
  const bytes = slotBytes(w, page);
  scalars[SCALAR.largePage] = 0;
  scalars[SCALAR.largeAlloc] += bytes;
  scalars[SCALAR.largeAllocCount] += 1;
  scalars[SCALAR.totalAlloc] += bytes;
  scalars[SCALAR.heapLive] += bytes;
  if (scalars[SCALAR.gcphase] === 0) scalars[SCALAR.heapScan] += w.siteScan[site];
  if (w.words.length > page << 10 && w.needzero[page] !== 0) {
    clearWords(w, page << 10, w.spanPages[page] << 10);
  }
  pushSwept(w, page, FULL);
}

/** Zeroes pointer words, as Go does at allocation in a span that was used before. */
function clearWords(w: World, from: number, count: number): void {
  const { words } = w;
  const end = Math.min(from + count, words.length);
  for (let word = from; word < end; word += 1) {
    if (words[word] === 0) continue;
    changeWord(w, word, words[word], 0);
    words[word] = 0;
    w.dirtyWords[word >> WORD_CHUNK_SHIFT] = DIRTY_ALL;
  }
}

export function tinyAllocated(w: World): void {
  w.scalars[SCALAR.tinyAllocs] += 1;
}

/** A P's tiny block is a root while it is the P's current one. */
export function tinyBlockSet(w: World, p: number, object: number): void {
  w.reserveProcs(p + 1);
  w.tinyBlock[p] = object;
}

/** A pointer word changes. What the write barrier made of that are events of their own. */
export function pointerStored(w: World, object: number, offset: number, target: number): void {
  const word = w.objectWord[object] + offset;
  if (word >= w.words.length) w.reserveWords();
  const before = w.words[word];
  const after = target === 0 ? 0 : w.objectWord[target] + 1;
  if (before === after) return;
  changeWord(w, word, before, after);
  w.words[word] = after;
  w.dirtyWords[word >> WORD_CHUNK_SHIFT] = DIRTY_ALL;
}

export function rootStored(w: World, root: number, target: number): void {
  if (root >= w.roots.length) w.reserveRoots(root);
  if (root >= w.rootCount) w.rootCount = root + 1;
  const before = w.roots[root];
  const after = target === 0 ? 0 : w.objectWord[target] + 1;
  if (before === after) return;
  changeRoot(w, root, before, after);
  w.roots[root] = after;
  w.dirtyRoots[root >> ROOT_CHUNK_SHIFT] = DIRTY_ALL;
}

export function objectReleased(w: World, object: number): void {
  const word = w.objectWord[object];
  const page = w.spanAtWord(word);
  const index = slotOfWord(w, page, word);
  const at = page * BITMAP_WORDS + (index >> 5);
  const bit = 1 << (index & 31);
  if (!((w.heldBits[at] & bit) !== 0)) throw new AssertionError(`object #${object} is not held`);
  w.heldBits[at] &= ~bit;
  w.heldScan[page] -= w.siteScan[w.objectSite[object]];
  w.dirtyPages[page] = DIRTY_ALL;
}
