/**
 * Out of memory: whether the address space has room for an allocation, before anything is changed.
 *
 * The simulated address space is `MAX_PAGES` pages. Where Go would ask the system for more than
 * there is, it throws; so does this. Follows `runtime/mcache.go` allocLarge and refill, Go 1.26.
 * Deviation: what a sweep might still free is not counted.
 */
import { CHUNK_PAGES, MAX_PAGES } from '../heap/layout.ts';
import { FULL, listHead, PARTIAL } from '../heap/lists.ts';
import { SCALAR } from '../heap/scalars.ts';
import { CLASS_PAGES, NUM_SPAN_CLASSES, PAGE_SIZE, spanClassOf } from '../heap/sizeclasses.ts';
import type { World } from '../heap/world.ts';
import { GoFatal } from './errors.ts';

/** Throws Go's fatal error unless `bytes` bytes can be allocated. */
export function expectRoom(w: World, bytes: number, noscan: boolean): void {
  const spanClass = spanClassOf(bytes, noscan);
  const npages = spanClass < 2 ? Math.ceil(bytes / PAGE_SIZE) : CLASS_PAGES[spanClass >> 1];
  const growth = Math.ceil(npages / CHUNK_PAGES) * CHUNK_PAGES;
  if (w.pages + growth <= MAX_PAGES) return;
  if (spanClass >= 2 && hasSlot(w, spanClass)) return;
  if (longestFreeRun(w) >= npages) return;
  const inUse = w.scalars[SCALAR.heapLive];
  const block = `cannot allocate ${bytes}-byte block (${inUse} in use)`;
  throw new GoFatal('out of memory', `runtime: out of memory: ${block}`);
}

function hasSlot(w: World, spanClass: number): boolean {
  const page = w.mcache[w.scalars[SCALAR.p] * NUM_SPAN_CLASSES + spanClass] - 1;
  if (page >= 0 && w.allocCount[page] < w.nelems[page]) return true;
  if (listHead(w, spanClass, PARTIAL, true) >= 0) return true;
  return [PARTIAL, FULL].some((kind) => listHead(w, spanClass, kind, false) >= 0);
}

function longestFreeRun(w: World): number {
  let longest = 0;
  let run = 0;
  for (let page = 0; page < w.pages; page += 1) {
    run = w.pageFree[page] === 0 ? 0 : run + 1;
    longest = Math.max(longest, run);
  }
  return longest;
}
