/**
 * Evolve, for spans: into and out of mcaches, marked, swept.
 *
 * heapLive moves as in Go: caching a span counts all of its remaining room as live, giving it back
 * takes the unused part off again, sweeping does not change it. A span's `sweepgen` against the heap's
 * h says where it stands: h-2 to be swept, h-1 being swept, h swept, h+1 cached before this sweep
 * began, h+3 swept and then cached. Follows `runtime/mcache.go`, `mcentral.go` and `mgcsweep.go`,
 * Go 1.26.
 */
import { AssertionError } from '@heaptape/schema';
import { BITMAP_WORDS } from '../heap/layout.ts';
import { FULL, PARTIAL, pushSwept, unlink } from '../heap/lists.ts';
import { freeSpan } from '../heap/pages.ts';
import { SCALAR } from '../heap/scalars.ts';
import { NUM_SPAN_CLASSES, PAGE_SIZE } from '../heap/sizeclasses.ts';
import { countMarked, popcount, slotBytes } from '../heap/slots.ts';
import { DIRTY_ALL, type World } from '../heap/world.ts';

/** `SpanSwept.fate`. */
export const FATE = { partial: 0, full: 1, freed: 2, held: 3 } as const;
/** `SpanMarked.how`. */
export const MARKED_BITS = 0;
export const MARKED_HELD = 1;

export function spanCached(w: World, p: number, page: number): void {
  const { scalars } = w;
  unlink(w, page);
  w.mcache[p * NUM_SPAN_CLASSES + w.spanClass[page]] = page + 1;
  w.sweepgen[page] = scalars[SCALAR.sweepgen] + 3;
  w.allocBefore[page] = w.allocCount[page];
  w.dirtyPages[page] = DIRTY_ALL;
  scalars[SCALAR.heapLive] +=
    w.spanPages[page] * PAGE_SIZE - w.allocCount[page] * slotBytes(w, page);
  moveScanAlloc(w);
}

/** Scannable bytes reach heapScan at a refill or flush, and not at all while marking. */
function moveScanAlloc(w: World): void {
  const { scalars } = w;
  if (scalars[SCALAR.gcphase] === 0) scalars[SCALAR.heapScan] += scalars[SCALAR.scanAlloc];
  scalars[SCALAR.scanAlloc] = 0;
}

export function spanUncached(w: World, p: number, spanClass: number): void {
  const { scalars } = w;
  const slot = p * NUM_SPAN_CLASSES + spanClass;
  const page = w.mcache[slot] - 1;
  if (!(page >= 0)) throw new AssertionError(`P ${p} has no span of class ${spanClass}`);
  w.mcache[slot] = 0;
  w.dirtyPages[page] = DIRTY_ALL;
  const used = w.allocCount[page] - w.allocBefore[page];
  w.allocBefore[page] = w.allocCount[page];
  w.smallAllocCount[spanClass >> 1] += used;
  scalars[SCALAR.totalAlloc] += used * slotBytes(w, page);
  const sweepgen = scalars[SCALAR.sweepgen];
  if (w.sweepgen[page] === sweepgen + 1) {
    w.sweepgen[page] = sweepgen - 1;
    return;
  }
  scalars[SCALAR.heapLive] -= (w.nelems[page] - w.allocCount[page]) * slotBytes(w, page);
  w.sweepgen[page] = sweepgen;
  pushSwept(w, page, w.allocCount[page] === w.nelems[page] ? FULL : PARTIAL);
}

export function mcacheFlushed(w: World, p: number): void {
  w.flushGen[p] += 1;
  moveScanAlloc(w);
}

/** Objects of a span turn from white to marked. `bytes` is read where `how` says so. */
export function spanMarked(
  w: World,
  page: number,
  marked: number,
  how: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
): void {
  const base = page * BITMAP_WORDS;
  let fresh = 0;
  const words = (w.nelems[page] + 31) >> 5;
  for (let i = 0; i < words; i += 1) {
    let bits = how === MARKED_HELD ? w.heldBits[base + i] : 0;
    if (how === MARKED_BITS) {
      for (let b = 0; b < 4; b += 1) {
        if (i * 4 + b < length) bits |= bytes[offset + i * 4 + b] << (b * 8);
      }
    }
    bits &= ~w.markBits[base + i];
    fresh += popcount(bits);
    w.markBits[base + i] |= bits;
  }
  if (!(fresh === marked))
    throw new AssertionError(`span ${page}: ${fresh} objects marked, the event says ${marked}`);
  w.scalars[SCALAR.bytesMarked] += fresh * slotBytes(w, page);
  w.dirtyPages[page] = DIRTY_ALL;
}

/** Mark bits become allocation bits; what was not marked is free. */
export function spanSwept(w: World, page: number, freed: number, fate: number): void {
  const { scalars } = w;
  const bytes = slotBytes(w, page);
  const marked = countMarked(w, page);
  if (!(w.allocCount[page] - marked === freed))
    throw new AssertionError(`span ${page}: the event frees ${freed} objects`);
  unlink(w, page);
  scalars[SCALAR.unswept] -= 1;
  scalars[SCALAR.pagesSwept] += w.spanPages[page];
  const spanClass = w.spanClass[page];
  if (freed > 0) {
    w.needzero[page] = 1;
    scalars[SCALAR.totalFree] += freed * bytes;
    if (spanClass < 2) {
      scalars[SCALAR.largeFree] += bytes;
      scalars[SCALAR.largeFreeCount] += 1;
    } else w.smallFreeCount[spanClass >> 1] += freed;
  }
  w.dirtyPages[page] = DIRTY_ALL;
  if (fate === FATE.freed) {
    freeSpan(w, page);
    return;
  }
  const base = page * BITMAP_WORDS;
  const words = (w.nelems[page] + 31) >> 5;
  for (let i = base; i < base + words; i += 1) {
    if (!((w.heldBits[i] & ~w.markBits[i]) === 0))
      throw new AssertionError(`span ${page}: a held object is not marked`);
    w.allocBits[i] = w.markBits[i];
    w.markBits[i] = 0;
  }
  w.allocCount[page] = marked;
  w.allocBefore[page] = marked;
  w.freeIndex[page] = spanClass < 2 ? marked : 0;
  w.sweepgen[page] = scalars[SCALAR.sweepgen];
  if (fate !== FATE.held) pushSwept(w, page, fate === FATE.full ? FULL : PARTIAL);
}
