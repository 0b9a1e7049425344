/**
 * Allocation, decided: mcache, then mcentral, then mheap, then the system.
 *
 * 1. A small object takes the next free slot of the span that its P has cached for its span class.
 * 2. When that span is full the mcache is refilled: swept partial spans first, then up to a hundred
 *    unswept ones are swept and tried, then a new span is made.
 * 3. A new span takes the lowest run of free pages that is long enough; where there is none the heap
 *    grows by multiples of 4 MiB.
 * 4. A large object gets a span of its own. Spans of stacks come from the same pages.
 *
 * Follows `runtime/mcache.go` refill and allocLarge, `mcentral.go` cacheSpan, `mheap.go` alloc and
 * grow, Go 1.26.
 */
import { assert, EVENTS } from '@heaptape/schema';
import { CHUNK_PAGES } from '../heap/layout.ts';
import { FULL, listHead, PARTIAL } from '../heap/lists.ts';
import { SCALAR } from '../heap/scalars.ts';
import { CLASS_PAGES, NUM_SPAN_CLASSES, PAGE_SIZE } from '../heap/sizeclasses.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';
import type { PageIndex } from './pageindex.ts';
import type { Scavenger } from './scavenger.ts';
import { StackPool } from './stackpool.ts';
import type { Sweeper } from './sweeper.ts';

/** Spans that a refill looks at before it makes a new one (Go's spanBudget). */
const SPAN_BUDGET = 100;

export class Allocator {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #pages: PageIndex;
  readonly #sweeper: Sweeper;
  readonly #scavenger: Scavenger;
  readonly stacks: StackPool;

  constructor(journal: Journal, pages: PageIndex, sweeper: Sweeper, scavenger: Scavenger) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#pages = pages;
    this.#sweeper = sweeper;
    this.#scavenger = scavenger;
    this.stacks = new StackPool(journal.world, {
      allocate: (npages, order) => this.#allocStacks(npages, order),
      free: (page) => this.#freeStacks(page),
    });
  }

  /** True when the P's span of this class has no free slot left. */
  needsRefill(spanClass: number): boolean {
    const w = this.#world;
    const page = w.mcache[w.scalars[SCALAR.p] * NUM_SPAN_CLASSES + spanClass] - 1;
    return page < 0 || w.allocCount[page] === w.nelems[page];
  }

  /** Gives the P a span of this class with a free slot. */
  refill(spanClass: number): void {
    const w = this.#world;
    const p = w.scalars[SCALAR.p];
    if (w.mcache[p * NUM_SPAN_CLASSES + spanClass] !== 0) {
      this.#journal.emit(EVENTS.SpanUncached.tag, p, spanClass);
    }
    const page = this.#cacheSpan(spanClass);
    this.#journal.emit(EVENTS.SpanCached.tag, p, page);
  }

  #cacheSpan(spanClass: number): number {
    const w = this.#world;
    const npages = CLASS_PAGES[spanClass >> 1];
    this.#sweeper.deductSweepCredit(npages * PAGE_SIZE, 0);
    const swept = listHead(w, spanClass, PARTIAL, true);
    if (swept >= 0) return swept;
    let budget = SPAN_BUDGET;
    for (const kind of [PARTIAL, FULL]) {
      while (budget >= 0 && w.scalars[SCALAR.sweeping] !== 0) {
        const page = listHead(w, spanClass, kind, false);
        if (page < 0) break;
        budget -= 1;
        if (this.#sweeper.sweep(page, true) > 0) return page;
      }
    }
    return this.#allocSpan(npages, spanClass);
  }

  /** Makes the span of a large object, which the next allocation fills. */
  allocLarge(bytes: number, noscan: number): void {
    const npages = Math.ceil(bytes / PAGE_SIZE);
    this.#sweeper.deductSweepCredit(npages * PAGE_SIZE, npages);
    this.#allocSpan(npages, noscan);
  }

  #allocSpan(npages: number, spanClass: number): number {
    this.#sweeper.reclaim(npages);
    const { page, scavenged } = this.#takePages(npages);
    this.#journal.emit(EVENTS.SpanAllocated.tag, page, npages, spanClass, scavenged);
    return page;
  }

  #allocStacks(npages: number, order: number): number {
    const { page, scavenged } = this.#takePages(npages);
    this.#journal.emit(EVENTS.StackSpanAllocated.tag, page, npages, order, scavenged);
    return page;
  }

  #freeStacks(page: number): void {
    const npages = this.#world.spanPages[page];
    this.#journal.emit(EVENTS.StackSpanFreed.tag, page);
    this.#pages.changed(page, npages, true);
  }

  /** Finds a run of free pages, and makes room for it, where the heap must grow or memory is limited. */
  #takePages(npages: number): { readonly page: number; readonly scavenged: number } {
    const w = this.#world;
    let page = this.#pages.find(npages);
    let grown = 0;
    if (page < 0) {
      grown = Math.ceil(npages / CHUNK_PAGES) * CHUNK_PAGES;
      const from = w.pages;
      this.#journal.emit(EVENTS.HeapGrown.tag, grown);
      this.#pages.grown(from, grown);
      page = this.#pages.find(npages);
      assert(page >= 0, `a heap grown by ${grown} pages has no run of ${npages}`);
    }
    let scavenged = 0;
    for (let p = page; p < page + npages; p += 1) scavenged += w.pageScavenged[p];
    this.#pages.changed(page, npages, false);
    this.#scavenger.beforeSpan(scavenged, grown);
    return { page, scavenged };
  }

  /** Gives every span of a P's mcache back, sweeping those that the last cycle left stale, and its stacks. */
  flush(p: number): void {
    const w = this.#world;
    for (let c = 2; c < NUM_SPAN_CLASSES; c += 1) {
      const page = w.mcache[p * NUM_SPAN_CLASSES + c] - 1;
      if (page < 0) continue;
      this.#journal.emit(EVENTS.SpanUncached.tag, p, c);
      if (w.sweepgen[page] === w.scalars[SCALAR.sweepgen] - 1) this.#sweeper.sweep(page, false);
    }
    this.#journal.emit(EVENTS.McacheFlushed.tag, p);
    this.stacks.flush(p);
  }
}
