/**
 * Sweeping, decided span by span: who sweeps, in which order, and what becomes of each span.
 *
 * 1. After marking ends every span in use needs sweeping. The background sweeper goes through the
 *    lists by span class, full spans before partial ones.
 * 2. A program that allocates pays its share first: so many pages per allocated byte that sweeping is
 *    done before the heap reaches the next trigger (`deductSweepCredit`).
 * 3. An allocation that needs fresh pages first sweeps until as many pages came free (`reclaim`).
 * 4. A span with no object left gives its pages back, unless it was swept to be allocated from.
 *
 * Follows `runtime/mgcsweep.go` and `mheap.go` reclaim, Go 1.26. Deviation: `reclaim` goes page by
 * page through the heap where Go's goes through 512-page chunks of each arena's mark summary.
 */
import { EVENTS } from '@heaptape/schema';
import { FATE } from '../evolve/spans.ts';
import { SPAN_IN_USE } from '../heap/layout.ts';
import { FULL, listHead, PARTIAL } from '../heap/lists.ts';
import { SCALAR } from '../heap/scalars.ts';
import { NUM_SPAN_CLASSES, PAGE_SIZE } from '../heap/sizeclasses.ts';
import { countMarked } from '../heap/slots.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';
import type { PageIndex } from './pageindex.ts';
import type { Scavenger } from './scavenger.ts';
import { flushCleanups, sweepSpecials } from './specialsweep.ts';

const SWEEP_MIN_HEAP_DISTANCE = 1024 * 1024;

export class Sweeper {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #pages: PageIndex;
  readonly #scavenger: Scavenger;
  /** Proportional sweep: pages owed per byte, and where heapLive and pagesSwept stood. */
  #pagesPerByte = 0;
  #basisLive = 0;
  #basisSwept = 0;
  /** The background sweeper's place in the span classes. */
  #classCursor = 0;
  #reclaimPage = 0;
  #reclaimCredit = 0;

  constructor(journal: Journal, pages: PageIndex, scavenger: Scavenger) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#pages = pages;
    this.#scavenger = scavenger;
  }

  /** Marking has ended: all cursors go back to the start. */
  begin(): void {
    this.#classCursor = 0;
    this.#reclaimPage = 0;
    this.#reclaimCredit = 0;
  }

  /** Sets the proportional sweep ratio for a trigger, as Go's gcPaceSweeper. */
  pace(trigger: number): void {
    const { scalars } = this.#world;
    if (scalars[SCALAR.sweeping] === 0) {
      this.#pagesPerByte = 0;
      return;
    }
    const live = scalars[SCALAR.heapLive];
    const distance = Math.max(trigger - live - SWEEP_MIN_HEAP_DISTANCE, PAGE_SIZE);
    const owed = scalars[SCALAR.pagesInUse] - scalars[SCALAR.pagesSwept];
    this.#pagesPerByte = Math.max(0, owed / distance);
    if (owed <= 0) return;
    this.#basisLive = live;
    this.#basisSwept = scalars[SCALAR.pagesSwept];
  }

  /** Sweeps what an allocation of a span owes, before it is made. */
  deductSweepCredit(spanBytes: number, callerPages: number): void {
    if (this.#pagesPerByte === 0) return;
    const { scalars } = this.#world;
    // Giving an mcache back can take live heap off again; the share is owed all the same.
    const grown = Math.max(0, scalars[SCALAR.heapLive] - this.#basisLive);
    const bytes = spanBytes + grown;
    const target = Math.floor(this.#pagesPerByte * bytes) - callerPages;
    while (target > scalars[SCALAR.pagesSwept] - this.#basisSwept) {
      if (!this.sweepOne()) {
        this.#pagesPerByte = 0;
        return;
      }
    }
  }

  /** Sweeps the next span of the background order. False when none is left. */
  sweepOne(): boolean {
    const w = this.#world;
    if (w.scalars[SCALAR.sweeping] === 0) return false;
    while (this.#classCursor < NUM_SPAN_CLASSES) {
      let page = listHead(w, this.#classCursor, FULL, false);
      if (page < 0) page = listHead(w, this.#classCursor, PARTIAL, false);
      if (page >= 0) {
        this.sweep(page, false);
        return true;
      }
      this.#classCursor += 1;
    }
    return false;
  }

  /** Sweeps the span at `page` now, if that is still to be done (Go's ensureSwept). */
  ensure(page: number): void {
    if (this.#world.sweepgen[page] === this.#world.scalars[SCALAR.sweepgen] - 2) {
      this.sweep(page, false);
    }
  }

  /** Sweeps everything that is left. */
  finish(): void {
    while (this.sweepOne());
  }

  /**
   * Sweeps one span. With `preserve` it is kept out of the lists for the caller, unless it is full.
   * Returns the number of free slots of a span that was kept.
   */
  sweep(page: number, preserve: boolean): number {
    const w = this.#world;
    if (w.spanSpecials[page] !== 0) sweepSpecials(this.#journal, page);
    const marked = countMarked(w, page);
    const freed = w.allocCount[page] - marked;
    const free = w.nelems[page] - marked;
    let fate: number = FATE.partial;
    if (preserve && free > 0) fate = FATE.held;
    else if (marked === 0) fate = FATE.freed;
    else if (free === 0) fate = FATE.full;
    const npages = w.spanPages[page];
    this.#journal.emit(EVENTS.SpanSwept.tag, page, freed, fate);
    if (fate === FATE.freed) this.#pages.changed(page, npages, true);
    if (w.scalars[SCALAR.unswept] === 0) this.done();
    return free;
  }

  /** No span is left to sweep. */
  done(): void {
    const { scalars } = this.#world;
    const live = scalars[SCALAR.heapLive];
    const swept = scalars[SCALAR.pagesSwept];
    const ratio = this.#pagesPerByte;
    this.#pagesPerByte = 0;
    flushCleanups(this.#journal);
    this.#journal.emit(EVENTS.SweepFinished.tag);
    this.#journal.emit(EVENTS.SweepMeasured.tag, live, live - this.#basisLive, swept, ratio);
    this.#scavenger.sweepDone();
  }

  /** Sweeps until `npages` pages came free, or nothing is left. */
  reclaim(npages: number): void {
    const w = this.#world;
    if (w.scalars[SCALAR.sweeping] === 0) return;
    if (this.#reclaimCredit >= npages) {
      this.#reclaimCredit -= npages;
      return;
    }
    let found = this.#reclaimCredit;
    this.#reclaimCredit = 0;
    while (found < npages && this.#reclaimPage < w.pages) {
      const page = this.#reclaimPage;
      const size = Math.max(1, w.spanPages[page]);
      this.#reclaimPage += size;
      if (w.spanState[page] !== SPAN_IN_USE || w.listOf[page] === 0) continue;
      if (w.sweepgen[page] !== w.scalars[SCALAR.sweepgen] - 2 || countMarked(w, page) > 0) continue;
      this.sweep(page, false);
      if (w.spanState[page] !== SPAN_IN_USE) found += size;
      if (w.scalars[SCALAR.sweeping] === 0) break;
    }
    if (found > npages) this.#reclaimCredit = found - npages;
  }
}
