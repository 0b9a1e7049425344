/**
 * Where the scavenger looks for pages to return: chunks of 512 pages, from the highest address down.
 *
 * 1. Each chunk counts its pages in use, now and at the end of the generation before; a generation is a
 *    GC cycle. A chunk that is dense in either (496 pages or more in use) is left alone, unless the
 *    search is forced. A chunk without anything to return is skipped until pages of it are freed.
 * 2. The background search goes down from where the highest page of the last generation came free, once
 *    a generation. A forced search starts at the highest page freed since it last ran out.
 * 3. In a chunk the highest run of free, backed pages is taken from its end, as much as is wanted; if
 *    that would break up a huge page of 2 MiB that is free as a whole, all of it goes.
 *
 * Follows `runtime/mgcscavenge.go` scavengeIndex, scavChunkData and findScavengeCandidate, Go 1.26.
 */
import { CHUNK_PAGES } from '../heap/layout.ts';
import type { World } from '../heap/world.ts';

const DENSE_PAGES = 496;
const HUGE_PAGES = 256;
/** Pages of one word of Go's page bitmap: a search begins at the top of one. */
const WORD_PAGES = 64;

/** Where a search stands: a page, or -1 when it found all. A raised one stays until it is used. */
interface Cursor {
  page: number;
  raised: boolean;
}

export class ScavengeIndex {
  readonly #world: World;
  #inUse: Uint16Array = new Uint16Array(16);
  #lastInUse: Uint16Array = new Uint16Array(16);
  #generationOf: Uint32Array = new Uint32Array(16);
  /** 1 for chunks that may have something to return. */
  #open: Uint8Array = new Uint8Array(16);
  #generation = 0;
  readonly #background: Cursor = { page: -1, raised: false };
  readonly #forced: Cursor = { page: -1, raised: false };
  /** Highest page freed in this generation. */
  #highest = -1;
  /** Pages about to become a span: not to be returned. */
  #from = 0;
  #to = 0;
  /** The run that `next` found. */
  page = 0;
  npages = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Free pages are about to be used. */
  taken(page: number, npages: number): void {
    this.#count(page, npages, 1);
    this.#from = page;
    this.#to = page + npages;
  }

  /** Pages came free. */
  freed(page: number, npages: number): void {
    this.#count(page, npages, -1);
    this.#from = 0;
    this.#to = 0;
    const last = page + npages - 1;
    if (last > this.#highest) this.#highest = last;
    if (last > this.#forced.page) {
      this.#forced.page = last;
      this.#forced.raised = true;
    }
  }

  /** A cycle has ended: what it freed may be looked at. */
  nextGeneration(): void {
    this.#generation += 1;
    if (this.#background.page < this.#highest) {
      this.#background.page = this.#highest;
      this.#background.raised = true;
    }
    this.#highest = -1;
  }

  /** Finds the next run of at most about `most` pages, as `page` and `npages`. False when none is left. */
  next(most: number, force: boolean): boolean {
    const cursor = force ? this.#forced : this.#background;
    for (;;) {
      const from = this.#locate(cursor, force);
      if (from < 0) return false;
      if (this.#candidate(from, most)) return true;
      this.#open[Math.floor(from / CHUNK_PAGES)] = 0;
    }
  }

  /** Page from which to search downwards in the highest chunk that is worth it, or -1. */
  #locate(cursor: Cursor, force: boolean): number {
    if (cursor.page < 0) return -1;
    const start = Math.floor(cursor.page / CHUNK_PAGES);
    for (let chunk = start; chunk >= 0; chunk -= 1) {
      if (!this.#worthIt(chunk, force)) continue;
      if (chunk === start) return cursor.page;
      cursor.page = (chunk + 1) * CHUNK_PAGES - 1;
      cursor.raised = false;
      return cursor.page;
    }
    if (!cursor.raised) cursor.page = -1;
    return -1;
  }

  #worthIt(chunk: number, force: boolean): boolean {
    if (chunk >= this.#open.length || this.#open[chunk] === 0) return false;
    if (force) return true;
    if (this.#inUse[chunk] >= DENSE_PAGES) return false;
    const current = this.#generationOf[chunk] === this.#generation;
    return !current || this.#lastInUse[chunk] < DENSE_PAGES;
  }

  #candidate(from: number, most: number): boolean {
    const bottom = from - (from % CHUNK_PAGES);
    let end = Math.min(from - (from % WORD_PAGES) + WORD_PAGES, this.#world.pages);
    while (end > bottom && !this.#backed(end - 1)) end -= 1;
    if (end === bottom) return false;
    let start = end - 1;
    while (start > bottom && this.#backed(start - 1)) start -= 1;
    const lowest = start;
    start = Math.max(start, end - Math.max(1, most));
    const above = Math.ceil(start / HUGE_PAGES) * HUGE_PAGES;
    const below = Math.floor(start / HUGE_PAGES) * HUGE_PAGES;
    if (above <= end && below >= lowest) start = below;
    this.page = start;
    this.npages = end - start;
    return true;
  }

  #backed(page: number): boolean {
    if (page >= this.#from && page < this.#to) return false;
    return this.#world.pageFree[page] === 1 && this.#world.pageScavenged[page] === 0;
  }

  #count(page: number, npages: number, sign: number): void {
    const end = page + npages;
    this.#reserve(Math.ceil(end / CHUNK_PAGES));
    for (let at = page; at < end; ) {
      const chunk = Math.floor(at / CHUNK_PAGES);
      const next = Math.min(end, (chunk + 1) * CHUNK_PAGES);
      if (this.#generationOf[chunk] !== this.#generation) {
        this.#lastInUse[chunk] = this.#inUse[chunk];
        this.#generationOf[chunk] = this.#generation;
      }
      this.#inUse[chunk] += sign * (next - at);
      if (sign < 0) this.#open[chunk] = 1;
      else if (this.#inUse[chunk] === CHUNK_PAGES) this.#open[chunk] = 0;
      at = next;
    }
  }

  #reserve(chunks: number): void {
    if (chunks <= this.#open.length) return;
    const size = Math.max(chunks, this.#open.length * 2);
    const inUse = new Uint16Array(size);
    inUse.set(this.#inUse);
    this.#inUse = inUse;
    const lastInUse = new Uint16Array(size);
    lastInUse.set(this.#lastInUse);
    this.#lastInUse = lastInUse;
    const generationOf = new Uint32Array(size);
    generationOf.set(this.#generationOf);
    this.#generationOf = generationOf;
    const open = new Uint8Array(size);
    open.set(this.#open);
    this.#open = open;
  }
}
