/**
 * Allocations by site, as Go's heap profile counts them: allocated since the start, and in use.
 *
 * 1. One fold from the beginning, because what was allocated and freed is in no snapshot. Each span in
 *    use remembers the site of what is in its slots.
 * 2. Before a span is swept, the slots that are taken and not marked are the ones to be freed.
 * 3. Bytes are those of slots, as MemStats has them. A tiny object counts as an allocation of no bytes
 *    that is freed at once: its block is an allocation of its own.
 * 4. In use is what is not yet swept, garbage included, as in HeapAlloc. A profile of Go itself is of the
 *    last finished cycle; ours is of the event that was asked for.
 *
 * Invariant, asserted: the sums over all sites are Mallocs, TotalAlloc, HeapObjects and HeapAlloc of
 * `readMemStats` at the same event.
 */
import { evolve, readMemStats, SCALAR, slotBytes, slotOfWord, World } from '@heaptape/core';
import { assert, CELLS, EVENTS, EventBatch, type TapeReader } from '@heaptape/schema';
import type { Progress } from '../fold.ts';
import { reading } from '../stored.ts';

/** What one allocation site did. Bytes are of slots. */
export interface SiteAllocations {
  /** Number of the site on the tape, from 1. */
  readonly site: number;
  /** Type or caller, as the tape names it; empty where unknown. */
  readonly name: string;
  /** Bytes of one slot; 0 for parts of tiny blocks. */
  readonly slotBytes: number;
  readonly allocObjects: number;
  readonly allocBytes: number;
  readonly inuseObjects: number;
  readonly inuseBytes: number;
}

export interface Allocations {
  /** Sites with an allocation, in the order of the tape. */
  readonly sites: readonly SiteAllocations[];
  readonly timeNs: number;
}

const FREED_SPAN = 2;

/** The allocations of a tape up to and with event `to`. */
export function allocationsBySite(
  reader: TapeReader,
  to: number,
  onProgress?: Progress,
): Allocations {
  const ledger = new Ledger();
  const batch = new EventBatch();
  const place = () => `event ${ledger.world.scalars[SCALAR.seq]}`;
  for (let i = 0; i < reader.segments.length && reader.segments[i].firstSeq <= to; i += 1) {
    reader.readSegment(i, batch);
    const count = Math.min(batch.count, to - batch.firstSeq + 1);
    reading(place, () => ledger.take(batch, count));
    onProgress?.(batch.firstSeq + count - 1, to);
  }
  return reading(place, () => ledger.result());
}

class Ledger {
  readonly world = new World();
  #allocated = new Float64Array(64);
  #freed = new Float64Array(64);
  /** Tiny objects by site. */
  #tiny = new Float64Array(64);
  /** Bytes of a slot by site. */
  #bytes = new Float64Array(64);
  /** Sites by slot, of each span in use, by its first page. */
  readonly #spans = new Map<number, Uint32Array>();

  take(batch: EventBatch, count: number): void {
    const { kinds, args } = batch;
    const w = this.world;
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      const kind = kinds[i];
      if (kind === EVENTS.SpanSwept.tag) this.#sweep(args[at], args[at + 2]);
      evolve(w, kind, batch, at);
      if (kind === EVENTS.ObjectAllocated.tag) this.#allocate(args[at]);
      else if (kind === EVENTS.TinyAllocated.tag) this.#tiny[args[at]] += 1;
      else if (kind === EVENTS.SiteDefined.tag) this.#reserve(w.siteCount);
      else if (kind === EVENTS.HeapCompacted.tag) this.#moved();
      at += CELLS[kind];
    }
  }

  #reserve(site: number): void {
    if (site < this.#allocated.length) return;
    this.#allocated = doubled(this.#allocated);
    this.#freed = doubled(this.#freed);
    this.#tiny = doubled(this.#tiny);
    this.#bytes = doubled(this.#bytes);
  }

  #allocate(site: number): void {
    const w = this.world;
    const word = w.objects.wordOf(w.scalars[SCALAR.nextOrdinal] - 1);
    this.#bytes[site] = slotBytes(w, this.#place(word, site));
    this.#allocated[site] += 1;
  }

  /** Notes what is at a word; returns the first page of its span. */
  #place(word: number, site: number): number {
    const w = this.world;
    const page = w.spanAtWord(word);
    let slots = this.#spans.get(page);
    if (slots === undefined || slots.length !== w.nelems[page]) {
      slots = new Uint32Array(w.nelems[page]);
      this.#spans.set(page, slots);
    }
    slots[slotOfWord(w, page, word)] = site;
    return page;
  }

  /** Objects have changed places. Everything was swept before, so all that is taken is a known object. */
  #moved(): void {
    const { objects } = this.world;
    this.#spans.clear();
    for (const ordinal of objects.ordinals()) {
      this.#place(objects.wordOf(ordinal), objects.siteOf(ordinal));
    }
  }

  #sweep(page: number, fate: number): void {
    const slots = this.#spans.get(page);
    if (slots === undefined) return;
    const { markBits } = this.world;
    for (let slot = 0; slot < slots.length; slot += 1) {
      const site = slots[slot];
      if (site === 0 || ((markBits[page * 32 + (slot >> 5)] >>> (slot & 31)) & 1) === 1) continue;
      this.#freed[site] += 1;
      slots[slot] = 0;
    }
    if (fate === FREED_SPAN) this.#spans.delete(page);
  }

  result(): Allocations {
    const w = this.world;
    const sites: SiteAllocations[] = [];
    for (let site = 1; site <= w.siteCount; site += 1) {
      const allocated = this.#allocated[site];
      const inuseObjects = allocated - this.#freed[site];
      const bytes = this.#bytes[site];
      if (allocated + this.#tiny[site] === 0) continue;
      sites.push({
        site,
        name: w.siteNames[site],
        slotBytes: bytes,
        allocObjects: allocated + this.#tiny[site],
        allocBytes: allocated * bytes,
        inuseObjects,
        inuseBytes: inuseObjects * bytes,
      });
    }
    this.#compare(sites);
    return { sites, timeNs: w.scalars[SCALAR.timeNs] };
  }

  #compare(sites: readonly SiteAllocations[]): void {
    const m = readMemStats(this.world);
    const expected = {
      allocObjects: m.Mallocs,
      allocBytes: m.TotalAlloc,
      inuseObjects: m.HeapObjects,
      inuseBytes: m.HeapAlloc,
    } as const;
    for (const name of ['allocObjects', 'allocBytes', 'inuseObjects', 'inuseBytes'] as const) {
      const sum = sites.reduce((total, row) => total + row[name], 0);
      assert(sum === expected[name], `${name} by site is ${sum}, of the heap ${expected[name]}`);
    }
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(column.length * 2);
  grown.set(column);
  return grown;
}
