/**
 * Page bookkeeping that events state: which pages are free, and which of those are returned.
 *
 * `heapInUse`, `heapFree` and `heapReleased` are Go's: pages of spans, free pages backed by memory,
 * and free pages the system has back (or never gave). Follows `runtime/mheap.go` allocSpan and
 * freeSpanLocked, and `runtime/mgcscavenge.go`, Go 1.26.
 */
import { AssertionError } from '@heaptape/schema';
import { BITMAP_WORDS, SPAN_DEAD, SPAN_IN_USE, SPAN_MANUAL } from './layout.ts';
import { unlink } from './lists.ts';
import { SCALAR } from './scalars.ts';
import { nelemsFor, PAGE_SIZE } from './sizeclasses.ts';
import { DIRTY_ALL, type World } from './world.ts';

/** Adds free pages at the end of the heap. They count as returned until they are used. */
export function growHeap(w: World, pages: number): void {
  const from = w.pages;
  w.reservePages(from + pages);
  w.pages = from + pages;
  w.pageFree.fill(1, from, w.pages);
  w.pageScavenged.fill(1, from, w.pages);
  w.dirtyPages.fill(DIRTY_ALL, from, w.pages);
  w.scalars[SCALAR.heapReleased] += pages * PAGE_SIZE;
}

/** mspan structs that a P's cache takes at once, and the most it keeps. */
const MSPAN_BATCH = 64;
const MSPAN_CACHE = 128;

/** A P takes an mspan struct, from its cache if there is one. */
function takeMspan(w: World): void {
  const { scalars, mspanCache } = w;
  const p = scalars[SCALAR.p];
  if (mspanCache[p] === 0) {
    mspanCache[p] = MSPAN_BATCH;
    scalars[SCALAR.mspans] += MSPAN_BATCH;
    if (scalars[SCALAR.mspans] > scalars[SCALAR.mspansMost]) {
      scalars[SCALAR.mspansMost] = scalars[SCALAR.mspans];
    }
  }
  mspanCache[p] -= 1;
}

function giveMspan(w: World): void {
  const { scalars, mspanCache } = w;
  const p = scalars[SCALAR.p];
  if (mspanCache[p] < MSPAN_CACHE) mspanCache[p] += 1;
  else scalars[SCALAR.mspans] -= 1;
}

/** Free pages belong to a span from here on. Returns whether they need zeroing. */
function takePages(w: World, page: number, npages: number, scavenged: number): number {
  const { scalars } = w;
  let needzero = 0;
  for (let p = page; p < page + npages; p += 1) {
    if (!(w.pageFree[p] === 1)) throw new AssertionError(`page ${p} is in use`);
    needzero |= w.needzero[p];
    w.pageFree[p] = 0;
    w.pageScavenged[p] = 0;
    w.spanOf[p] = page + 1;
    w.dirtyPages[p] = DIRTY_ALL;
  }
  w.spanPages[page] = npages;
  scalars[SCALAR.heapReleased] -= scavenged * PAGE_SIZE;
  scalars[SCALAR.heapFree] -= (npages - scavenged) * PAGE_SIZE;
  takeMspan(w);
  return needzero;
}

function givePages(w: World, page: number): void {
  const npages = w.spanPages[page];
  for (let p = page; p < page + npages; p += 1) {
    w.pageFree[p] = 1;
    w.spanOf[p] = 0;
    w.needzero[p] = 1;
    w.dirtyPages[p] = DIRTY_ALL;
  }
  w.spanState[page] = SPAN_DEAD;
  w.spanClass[page] = 0;
  w.spanPages[page] = 0;
  w.scalars[SCALAR.heapFree] += npages * PAGE_SIZE;
  giveMspan(w);
}

/** Makes a span of free pages. `scavenged` is how many of them had been returned. */
export function makeSpan(
  w: World,
  page: number,
  npages: number,
  spanClass: number,
  scavenged: number,
): void {
  const { scalars } = w;
  w.needzero[page] = takePages(w, page, npages, scavenged);
  w.spanState[page] = SPAN_IN_USE;
  w.spanClass[page] = spanClass;
  const layout = w.control.config?.layout ?? 'go1.26';
  w.nelems[page] = spanClass < 2 ? 1 : nelemsFor(spanClass, layout);
  w.freeIndex[page] = 0;
  w.allocCount[page] = 0;
  w.allocBefore[page] = 0;
  w.sweepgen[page] = scalars[SCALAR.sweepgen];
  scalars[SCALAR.spans] += 1;
  scalars[SCALAR.pagesInUse] += npages;
  scalars[SCALAR.heapInUse] += npages * PAGE_SIZE;
  if (spanClass < 2) scalars[SCALAR.largePage] = page + 1;
}

/** Gives a span's pages back to the page allocator. */
export function freeSpan(w: World, page: number): void {
  const { scalars } = w;
  const npages = w.spanPages[page];
  unlink(w, page);
  const bits = page * BITMAP_WORDS;
  w.allocBits.fill(0, bits, bits + BITMAP_WORDS);
  w.markBits.fill(0, bits, bits + BITMAP_WORDS);
  w.heldBits.fill(0, bits, bits + BITMAP_WORDS);
  w.nelems[page] = 0;
  w.freeIndex[page] = 0;
  w.allocCount[page] = 0;
  w.allocBefore[page] = 0;
  w.sweepgen[page] = 0;
  w.heldScan[page] = 0;
  givePages(w, page);
  scalars[SCALAR.spans] -= 1;
  scalars[SCALAR.pagesInUse] -= npages;
  scalars[SCALAR.heapInUse] -= npages * PAGE_SIZE;
}

/** Makes a span of stacks: its class is their order. */
export function makeStackSpan(
  w: World,
  page: number,
  npages: number,
  order: number,
  scavenged: number,
): void {
  takePages(w, page, npages, scavenged);
  w.spanState[page] = SPAN_MANUAL;
  w.spanClass[page] = order;
  w.scalars[SCALAR.stackInUse] += npages * PAGE_SIZE;
}

export function freeStackSpan(w: World, page: number): void {
  if (w.spanState[page] !== SPAN_MANUAL) throw new AssertionError(`page ${page} has no stacks`);
  w.scalars[SCALAR.stackInUse] -= w.spanPages[page] * PAGE_SIZE;
  givePages(w, page);
}

/** Returns free, backed pages to the system. */
export function scavengePages(w: World, page: number, npages: number): void {
  for (let p = page; p < page + npages; p += 1) {
    if (!(w.pageFree[p] === 1 && w.pageScavenged[p] === 0))
      throw new AssertionError(`page ${p} cannot be scavenged`);
    w.pageScavenged[p] = 1;
    w.dirtyPages[p] = DIRTY_ALL;
  }
  w.scalars[SCALAR.heapFree] -= npages * PAGE_SIZE;
  w.scalars[SCALAR.heapReleased] += npages * PAGE_SIZE;
}
