/**
 * The state of a run: columns for what there are millions of, a small control tree for the rest.
 *
 * Only the functions under `evolve/` write to a World; everything else reads it. Columns are flat
 * typed arrays, because indexing through copy-on-write chunks costs a factor of six in the hot loops;
 * instead every write marks its chunk dirty, and a snapshot copies the dirty chunks only.
 *
 * Columns by page (index = page): a span is named by its first page, so no span table is needed.
 *   spanState, spanClass, spanPages, nelems, freeIndex, allocCount, allocBefore, sweepgen, needzero
 *   spanOf      first page of the span that a page belongs to, plus 1; 0 is none
 *   listOf, listPrev, listNext   the mcentral list the span is in (index + 1; 0 is none) and its links
 *   pageFree / pageScavenged   1 for free pages / pages returned to the system
 *   allocBits, markBits, heldBits   32 words a page; a span's slots use those of its first page
 *   greyBits    likewise; only while marking is recorded object by object
 *   heldScan    scannable bytes of the held objects of a span
 *   spanSpecials  first special of a span, 0 is none (`specials.ts`)
 * By ordinal: objects (word index and site of each object that is there, `objects.ts`).
 * By word: words (ordinals' word index + 1 that a pointer word holds; 0 is nil).
 * By root: roots (word index + 1).
 *
 * A held object is a root of its own until it is released: that is how a workload without a pointer
 * graph (a recorded trace) says what is alive.
 */
import { AssertionError, HeaptapeError } from '@heaptape/schema';
import { type Control, initialControl } from '../control.ts';
import { GoroutineTable } from './goroutines.ts';
import { BITMAP_WORDS, CHUNK_PAGES, MAX_PAGES, MAX_PROCS } from './layout.ts';
import { ObjectTable } from './objects.ts';
import { PAUSE_BUCKETS } from './pause_histogram.ts';
import { SCALAR } from './scalars.ts';
import { NUM_SPAN_CLASSES } from './sizeclasses.ts';
import { SpecialTable } from './specials.ts';
import type { UndoLog } from './undo.ts';

/** Dirty flag bits of a chunk: not yet in the hash; not yet in a snapshot. */
export const DIRTY_HASH = 1;
export const DIRTY_SNAPSHOT = 2;
export const DIRTY_ALL: number = DIRTY_HASH | DIRTY_SNAPSHOT;

/** Words of a dirty-tracked chunk of `words`, as a shift. */
export const WORD_CHUNK_SHIFT = 10;
/** Roots of a dirty-tracked chunk of `roots`, as a shift. */
export const ROOT_CHUNK_SHIFT = 10;
/** Most roots of a run. */
const MAX_ROOTS = 1 << 28;

export class World {
  control: Control;
  readonly scalars: Float64Array = new Float64Array(SCALAR.count);
  /** Objects allocated and freed by size class, as flushed from mcaches and by sweeps. */
  readonly smallAllocCount: Float64Array = new Float64Array(68);
  readonly smallFreeCount: Float64Array = new Float64Array(68);

  /** Pages of address space; columns may have room for more. */
  pages = 0;
  spanState: Uint8Array;
  spanClass: Uint8Array;
  spanPages: Int32Array;
  spanOf: Int32Array;
  nelems: Uint16Array;
  freeIndex: Uint16Array;
  allocCount: Uint16Array;
  allocBefore: Uint16Array;
  sweepgen: Int32Array;
  needzero: Uint8Array;
  listPrev: Int32Array;
  listNext: Int32Array;
  listOf: Uint16Array;
  pageFree: Uint8Array;
  pageScavenged: Uint8Array;
  allocBits: Int32Array;
  markBits: Int32Array;
  heldBits: Int32Array;
  /** Marked slots that wait to be scanned, as far as the tape says; of no length until one does. */
  greyBits: Int32Array = new Int32Array(0);
  greyCount = 0;
  heldScan: Float64Array;
  spanSpecials: Int32Array;
  dirtyPages: Uint8Array;

  readonly objects: ObjectTable = new ObjectTable();
  words: Int32Array = new Int32Array(0);
  dirtyWords: Uint8Array = new Uint8Array(0);
  roots: Int32Array = new Int32Array(1024);
  rootCount = 0;
  dirtyRoots: Uint8Array = new Uint8Array(1);

  /** First page + 1 of the span cached by P p for span class c, at `p * NUM_SPAN_CLASSES + c`. */
  mcache: Int32Array = new Int32Array(NUM_SPAN_CLASSES);
  /** Ordinal of the current tiny block of each P; 0 is none. */
  tinyBlock: Int32Array = new Int32Array(1);
  /** How often each P's mcache has been flushed. */
  flushGen: Int32Array = new Int32Array(1);
  /** Free mspan structs that each P keeps. */
  mspanCache: Int32Array = new Int32Array(1);
  /** Pauses by length, as the buckets of `pause_histogram.ts`. */
  readonly pauses: Float64Array = new Float64Array(PAUSE_BUCKETS);
  readonly goroutines: GoroutineTable = new GoroutineTable();
  /** Heads (page + 1) of mcentral lists, at `class * 4 + kind * 2 + parity`; kind 0 partial, 1 full. */
  readonly lists: Int32Array = new Int32Array(NUM_SPAN_CLASSES * 4);

  siteCount = 0;
  siteBytes: Float64Array = new Float64Array(64);
  siteScan: Float64Array = new Float64Array(64);
  siteClass: Uint8Array = new Uint8Array(64);
  siteHeld: Uint8Array = new Uint8Array(64);
  readonly siteNames: string[] = [''];

  readonly specials: SpecialTable = new SpecialTable();

  /** Where changes of pointer words and roots are noted, while somebody follows this world. */
  undo: UndoLog | null = null;

  /** Running hash of pointer words, roots and sites; the rest is hashed on demand (`statehash.ts`). */
  hashLow = 0;
  hashHigh = 0;
  /** Hash of each page when it was last clean, two lanes; their sum; pages that are in the sum. */
  pageHashLow: Int32Array;
  pageHashHigh: Int32Array;
  pagesHashLow = 0;
  pagesHashHigh = 0;
  pagesHashed = 0;
  /** Hash of where the objects below ordinal `objectsHashed` lie, or lay when they were last there. */
  objectsHashLow = 0;
  objectsHashHigh = 0;
  objectsHashed = 1;

  /** How often objects have changed places; no part of the state: it tells copies that they are stale. */
  placementMoves = 0;

  constructor() {
    this.control = initialControl();
    this.scalars[SCALAR.nextOrdinal] = 1;
    this.spanState = new Uint8Array(0);
    this.spanClass = new Uint8Array(0);
    this.spanPages = new Int32Array(0);
    this.spanOf = new Int32Array(0);
    this.nelems = new Uint16Array(0);
    this.freeIndex = new Uint16Array(0);
    this.allocCount = new Uint16Array(0);
    this.allocBefore = new Uint16Array(0);
    this.sweepgen = new Int32Array(0);
    this.needzero = new Uint8Array(0);
    this.listPrev = new Int32Array(0);
    this.listNext = new Int32Array(0);
    this.listOf = new Uint16Array(0);
    this.pageFree = new Uint8Array(0);
    this.pageScavenged = new Uint8Array(0);
    this.allocBits = new Int32Array(0);
    this.markBits = new Int32Array(0);
    this.heldBits = new Int32Array(0);
    this.heldScan = new Float64Array(0);
    this.spanSpecials = new Int32Array(0);
    this.dirtyPages = new Uint8Array(0);
    this.pageHashLow = new Int32Array(0);
    this.pageHashHigh = new Int32Array(0);
    this.reservePages(1024);
  }

  /** Makes room for `pages` pages in every column by page. */
  reservePages(pages: number): void {
    if (pages > MAX_PAGES) {
      throw new HeaptapeError('limit', `the simulated heap would pass ${MAX_PAGES} pages (16 GiB)`);
    }
    if (pages <= this.spanState.length) return;
    const wanted = Math.ceil(pages / CHUNK_PAGES) * CHUNK_PAGES;
    const size = Math.min(MAX_PAGES, Math.max(wanted, this.spanState.length * 2));
    this.spanState = grow(this.spanState, new Uint8Array(size));
    this.spanClass = grow(this.spanClass, new Uint8Array(size));
    this.spanPages = grow(this.spanPages, new Int32Array(size));
    this.spanOf = grow(this.spanOf, new Int32Array(size));
    this.nelems = grow(this.nelems, new Uint16Array(size));
    this.freeIndex = grow(this.freeIndex, new Uint16Array(size));
    this.allocCount = grow(this.allocCount, new Uint16Array(size));
    this.allocBefore = grow(this.allocBefore, new Uint16Array(size));
    this.sweepgen = grow(this.sweepgen, new Int32Array(size));
    this.needzero = grow(this.needzero, new Uint8Array(size));
    this.listPrev = grow(this.listPrev, new Int32Array(size));
    this.listNext = grow(this.listNext, new Int32Array(size));
    this.listOf = grow(this.listOf, new Uint16Array(size));
    this.pageFree = grow(this.pageFree, new Uint8Array(size));
    this.pageScavenged = grow(this.pageScavenged, new Uint8Array(size));
    this.allocBits = grow(this.allocBits, new Int32Array(size * BITMAP_WORDS));
    this.markBits = grow(this.markBits, new Int32Array(size * BITMAP_WORDS));
    this.heldBits = grow(this.heldBits, new Int32Array(size * BITMAP_WORDS));
    this.heldScan = grow(this.heldScan, new Float64Array(size));
    this.spanSpecials = grow(this.spanSpecials, new Int32Array(size));
    this.dirtyPages = grow(this.dirtyPages, new Uint8Array(size));
    this.pageHashLow = grow(this.pageHashLow, new Int32Array(size));
    this.pageHashHigh = grow(this.pageHashHigh, new Int32Array(size));
  }

  /** Makes room for grey bits of every page the heap has now. */
  reserveGrey(): void {
    if (this.greyBits.length >= this.markBits.length) return;
    this.greyBits = grow(this.greyBits, new Int32Array(this.markBits.length));
  }

  /** Makes room for pointer words of every page the heap has now. */
  reserveWords(): void {
    const words = this.spanState.length * 1024;
    if (words <= this.words.length) return;
    this.words = grow(this.words, new Int32Array(words));
    this.dirtyWords = grow(this.dirtyWords, new Uint8Array(words >> WORD_CHUNK_SHIFT));
  }

  reserveRoots(root: number): void {
    if (root < this.roots.length) return;
    if (root >= MAX_ROOTS) throw new HeaptapeError('limit', `a run has at most ${MAX_ROOTS} roots`);
    const size = Math.max(root + 1, this.roots.length * 2);
    this.roots = grow(this.roots, new Int32Array(size));
    this.dirtyRoots = grow(this.dirtyRoots, new Uint8Array((size >> ROOT_CHUNK_SHIFT) + 1));
  }

  reserveSite(site: number): void {
    this.objects.reserveSite(site);
    if (site < this.siteBytes.length) return;
    const size = Math.max(site + 1, this.siteBytes.length * 2);
    this.siteBytes = grow(this.siteBytes, new Float64Array(size));
    this.siteScan = grow(this.siteScan, new Float64Array(size));
    this.siteClass = grow(this.siteClass, new Uint8Array(size));
    this.siteHeld = grow(this.siteHeld, new Uint8Array(size));
  }

  reserveProcs(procs: number): void {
    if (procs <= this.tinyBlock.length) return;
    if (procs > MAX_PROCS) throw new HeaptapeError('limit', `a run has at most ${MAX_PROCS} Ps`);
    this.mcache = grow(this.mcache, new Int32Array(procs * NUM_SPAN_CLASSES));
    this.tinyBlock = grow(this.tinyBlock, new Int32Array(procs));
    this.flushGen = grow(this.flushGen, new Int32Array(procs));
    this.mspanCache = grow(this.mspanCache, new Int32Array(procs));
  }

  /** Nothing of this world is in a snapshot. */
  markUnsaved(): void {
    const { dirty } = this.specials;
    for (const flags of [this.dirtyPages, this.dirtyWords, this.dirtyRoots, dirty]) {
      for (let i = 0; i < flags.length; i += 1) flags[i] |= DIRTY_SNAPSHOT;
    }
  }

  /** First page of the span that holds a word. Throws when none does. */
  spanAtWord(word: number): number {
    const base = this.spanOf[word >> 10];
    if (!(base > 0)) throw new AssertionError(`no span holds word ${word}`);
    return base - 1;
  }
}

/** Copies a column into a larger one. */
function grow<T extends { set(from: ArrayLike<number>): void }>(from: ArrayLike<number>, to: T): T {
  to.set(from);
  return to;
}
