/**
 * Where the next run of free pages is: address-ordered first fit, as in Go's page allocator.
 *
 * Go keeps a radix tree of summaries over a page bitmap; the answer, the lowest run that is long
 * enough, does not depend on how it is found. Here each chunk of 512 pages has a summary (free pages
 * at its start, at its end, and its longest run), made anew when somebody asks and the chunk has
 * changed. Follows `runtime/mpagealloc.go`, Go 1.26. Deviation: no P-local page cache, so addresses
 * can differ from Go's where several Ps take single pages in turn.
 */
import { CHUNK_PAGES } from '../heap/layout.ts';
import type { World } from '../heap/world.ts';
import type { ScavengeIndex } from './scavenge_index.ts';

const STALE = -1;

export class PageIndex {
  readonly #world: World;
  #lead: Int32Array = new Int32Array(16);
  #trail: Int32Array = new Int32Array(16);
  #longest: Int32Array = new Int32Array(16).fill(STALE);
  /** No page below this one is free. */
  #lowest = 0;

  readonly #scavenge: ScavengeIndex;

  constructor(world: World, scavenge: ScavengeIndex) {
    this.#world = world;
    this.#scavenge = scavenge;
  }

  /** The heap grew by free pages, which the system has yet to back. */
  grown(page: number, npages: number): void {
    this.#void(page, npages, true);
  }

  /** A span gave its pages back, or is about to take them: summaries of their chunks are void. */
  changed(page: number, npages: number, freed: boolean): void {
    if (freed) this.#scavenge.freed(page, npages);
    else this.#scavenge.taken(page, npages);
    this.#void(page, npages, freed);
  }

  #void(page: number, npages: number, freed: boolean): void {
    const last = Math.floor((page + npages - 1) / CHUNK_PAGES);
    this.#reserve(last + 1);
    for (let chunk = Math.floor(page / CHUNK_PAGES); chunk <= last; chunk += 1) {
      this.#longest[chunk] = STALE;
    }
    if (freed && page < this.#lowest) this.#lowest = page;
    else if (!freed && page === this.#lowest) this.#lowest = page + npages;
  }

  /** First page of the lowest run of `npages` free pages, or -1. */
  find(npages: number): number {
    const w = this.#world;
    const chunks = Math.ceil(w.pages / CHUNK_PAGES);
    this.#reserve(chunks);
    let run = 0;
    for (let c = Math.floor(this.#lowest / CHUNK_PAGES); c < chunks; c += 1) {
      if (this.#longest[c] === STALE) this.#summarise(c);
      const start = c * CHUNK_PAGES;
      if (run + this.#lead[c] >= npages) return start - run;
      if (this.#longest[c] >= npages) return this.#within(start, npages);
      run = this.#lead[c] === CHUNK_PAGES ? run + CHUNK_PAGES : this.#trail[c];
    }
    return -1;
  }

  #within(start: number, npages: number): number {
    const { pageFree } = this.#world;
    let run = 0;
    for (let page = start; page < start + CHUNK_PAGES; page += 1) {
      run = pageFree[page] === 1 ? run + 1 : 0;
      if (run === npages) return page - npages + 1;
    }
    return -1;
  }

  #summarise(chunk: number): void {
    const { pageFree, pages } = this.#world;
    const start = chunk * CHUNK_PAGES;
    const end = Math.min(start + CHUNK_PAGES, pages);
    let longest = 0;
    let lead = -1;
    let run = 0;
    for (let page = start; page < end; page += 1) {
      if (pageFree[page] === 1) {
        run += 1;
        if (run > longest) longest = run;
      } else {
        if (lead < 0) lead = run;
        run = 0;
      }
    }
    this.#lead[chunk] = lead < 0 ? run : lead;
    this.#trail[chunk] = run;
    this.#longest[chunk] = longest;
  }

  #reserve(chunks: number): void {
    if (chunks <= this.#longest.length) return;
    const size = Math.max(chunks, this.#longest.length * 2);
    const longest = new Int32Array(size).fill(STALE);
    longest.set(this.#longest);
    this.#longest = longest;
    const lead = new Int32Array(size);
    lead.set(this.#lead);
    this.#lead = lead;
    const trail = new Int32Array(size);
    trail.set(this.#trail);
    this.#trail = trail;
  }
}
