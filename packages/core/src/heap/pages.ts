/**
 * Page bookkeeping that events state: which pages are free, and which of those are returned.
 *
 * `heapInUse`, `heapFree` and `heapReleased` are Go's: pages of spans, free pages backed by memory,
 * and free pages the system has back (or never gave). Follows `runtime/mheap.go` allocSpan and
 * freeSpanLocked, and `runtime/mgcscavenge.go`, Go 1.26.
 */
import { AssertionError } from '@heaptape/schema';
import { BITMAP_WORDS, SPAN_DEAD, SPAN_IN_USE } from './layout.ts';
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

/** Makes a span of free pages. `scavenged` is how many of them had been returned. */
export function makeSpan(
  w: World,
  page: number,
  npages: number,
  spanClass: number,
  scavenged: number,
): void {
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
  w.spanState[page] = SPAN_IN_USE;
  w.spanClass[page] = spanClass;
  w.spanPages[page] = npages;
  const layout = w.control.config?.layout ?? 'go1.26';
  w.nelems[page] = spanClass < 2 ? 1 : nelemsFor(spanClass, layout);
  w.freeIndex[page] = 0;
  w.allocCount[page] = 0;
  w.allocBefore[page] = 0;
  w.needzero[page] = needzero;
  w.sweepgen[page] = scalars[SCALAR.sweepgen];
  scalars[SCALAR.spans] += 1;
  scalars[SCALAR.pagesInUse] += npages;
  scalars[SCALAR.heapInUse] += npages * PAGE_SIZE;
  scalars[SCALAR.heapReleased] -= scavenged * PAGE_SIZE;
  scalars[SCALAR.heapFree] -= (npages - scavenged) * PAGE_SIZE;
  if (spanClass < 2) scalars[SCALAR.largePage] = page + 1;
}

/** Gives a span's pages back to the page allocator. */
export function freeSpan(w: World, page: number): void {
  const { scalars } = w;
  const npages = w.spanPages[page];
  unlink(w, page);
  for (let p = page; p < page + npages; p += 1) {
    w.pageFree[p] = 1;
    w.spanOf[p] = 0;
    w.needzero[p] = 1;
    w.dirtyPages[p] = DIRTY_ALL;
  }
  const bits = page * BITMAP_WORDS;
  w.allocBits.fill(0, bits, bits + BITMAP_WORDS);
  w.markBits.fill(0, bits, bits + BITMAP_WORDS);
  w.heldBits.fill(0, bits, bits + BITMAP_WORDS);
  w.spanState[page] = SPAN_DEAD;
  w.spanClass[page] = 0;
  w.spanPages[page] = 0;
  w.nelems[page] = 0;
  w.freeIndex[page] = 0;
  w.allocCount[page] = 0;
  w.allocBefore[page] = 0;
  w.sweepgen[page] = 0;
  w.heldScan[page] = 0;
  scalars[SCALAR.spans] -= 1;
  scalars[SCALAR.pagesInUse] -= npages;
  scalars[SCALAR.heapInUse] -= npages * PAGE_SIZE;
  scalars[SCALAR.heapFree] += npages * PAGE_SIZE;
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
