/**
 * The heap's spans while a trace is read: which span covers a page, and how it is cut into slots.
 *
 * Events name objects by address and give no size, so the reader follows the span events as the runtime did:
 *
 * 1. Pages map to span numbers in tables of 8192 pages (64 MiB of address space, as Go's arenas on 64-bit systems).
 *    Addresses count from the lowest heap address at the start of the trace; what lies below it is negative and
 *    goes, like everything beyond the first 512 GiB, through a Map of such tables.
 * 2. A span's number indexes columns (first page, slot size, slots, run in the slot pool). Numbers of freed spans are
 *    used again. Number 0 is "no span". Manually managed spans (goroutine stacks, work buffers) have no slots.
 * 3. A span laid over pages that still belong to another one replaces it. Go 1.23 drops some span events.
 *
 * Every size that the trace states is bounded before anything of that size is allocated or walked.
 */
import { assert, HeaptapeError } from '@heaptape/schema';
import { CLASS_TO_SIZE, PAGE_BYTES } from './sites.ts';
import { MAX_SLOTS, SlotPool } from './slot-pool.ts';

/** Units of object numbers (8 bytes) in a page. */
export const UNITS_PER_PAGE = 1024;
/** Bytes of a unit. */
export const UNIT_BYTES: number = PAGE_BYTES / UNITS_PER_PAGE;

const ARENA_SHIFT = 13;
const ARENA_PAGES = 1 << ARENA_SHIFT;
const ARENA_MASK = ARENA_PAGES - 1;
/** Arenas that are found without a Map: 512 GiB. */
const NEAR_ARENAS = 8192;
const NEAR_PAGES = NEAR_ARENAS * ARENA_PAGES;
/** Bounds: 128 GiB in one span, 512 GiB of arenas touched, 4 TiB of spans laid out in one recording. */
const MAX_SPAN_PAGES = 0x100_0000;
const MAX_ARENAS = 8192;
const MAX_PAGES_LAID = 0x2000_0000;
/** Page numbers are byte distances / 8192 modulo 2^64 / 8192; the upper half of them is meant to be negative. */
const PAGE_NUMBERS = 0x8_0000_0000_0000;
/** `spanClass` of manually managed spans. */
const MANUAL = 255;
/** Go's bound on the pages of a span of small objects. */
const MAX_SMALL_SPAN_PAGES = 10;

/** Told about a span that goes, before its slots are reused. */
export interface SpanObserver {
  /** The span is freed (`implicit`: because another was laid over it); its slots still hold what they held. */
  spanGone(span: number, implicit: boolean): void;
}

export class SpanMap {
  readonly pool: SlotPool = new SlotPool();
  /** Columns by span number: first page, pages, slot size in units of 8 bytes, slots, pool run, span class. */
  firstPage: Float64Array = new Float64Array(1024);
  pages: Uint32Array = new Uint32Array(1024);
  slotUnits: Float64Array = new Float64Array(1024);
  slots: Uint32Array = new Uint32Array(1024);
  run: Uint32Array = new Uint32Array(1024);
  spanClass: Uint8Array = new Uint8Array(1024);
  private count = 1;
  private readonly freeNumbers: number[] = [];
  private readonly noArena: Uint32Array = new Uint32Array(ARENA_PAGES);
  private readonly near: Uint32Array[] = new Array<Uint32Array>(NEAR_ARENAS).fill(this.noArena);
  private readonly far: Map<number, Uint32Array> = new Map();
  private arenas = 0;
  private pagesLaid = 0;
  private readonly observer: SpanObserver;

  constructor(observer: SpanObserver) {
    this.observer = observer;
  }

  /** Number of the span that covers a page, or 0. */
  at(page: number): number {
    if (page >= 0 && page < NEAR_PAGES) return this.near[page >>> ARENA_SHIFT][page & ARENA_MASK];
    const arena = this.far.get(Math.floor(page / ARENA_PAGES));
    return arena === undefined ? 0 : arena[page - Math.floor(page / ARENA_PAGES) * ARENA_PAGES];
  }

  /**
   * A Span or SpanAlloc event that `spanProblem` finds nothing wrong with. `kindClass` is 1 for manually managed
   * memory, else span class × 2. Where the pages still belong to other spans these are dropped if `overdue`, else
   * nothing changes and the answer is false.
   */
  add(id: number, pages: number, kindClass: number, overdue: boolean): boolean {
    const problem = spanProblem(id, pages, kindClass);
    assert(problem === '', problem);
    const page = signedPage(id);
    const manual = (kindClass & 1) === 1;
    const sizeClass = kindClass >> 2;
    const slotBytes = sizeClass === 0 ? pages * PAGE_BYTES : CLASS_TO_SIZE[sizeClass];
    this.pagesLaid += pages;
    if (this.pagesLaid > MAX_PAGES_LAID) {
      throw new HeaptapeError('too-large', 'the recording lays out more than 4 TiB of spans');
    }
    const end = page + pages;
    for (let p = this.nextCovered(page, end); p < end; p = this.nextCovered(p, end)) {
      if (!overdue) return false;
      this.drop(this.at(p), true);
    }
    const span = this.takeNumber();
    const slots = manual ? 0 : Math.min(Math.floor((pages * PAGE_BYTES) / slotBytes), MAX_SLOTS);
    this.firstPage[span] = page;
    this.pages[span] = pages;
    this.slotUnits[span] = slotBytes / UNIT_BYTES;
    this.slots[span] = slots;
    this.run[span] = this.pool.take(slots);
    this.spanClass[span] = manual ? MANUAL : kindClass >> 1;
    this.fill(page, pages, span);
    return true;
  }

  /** A SpanFree event; nothing happens where there is no span. */
  free(id: number): void {
    const span = this.at(signedPage(id));
    if (span !== 0) this.drop(span, false);
  }

  /** The first page from `page` on that belongs to a span; `end` if there is none before it. */
  private nextCovered(page: number, end: number): number {
    for (let p = page; p < end; ) {
      const index = Math.floor(p / ARENA_PAGES);
      const from = p - index * ARENA_PAGES;
      const to = Math.min(from + end - p, ARENA_PAGES);
      const arena = this.known(index);
      for (let at = from; arena !== undefined && at < to; at++) {
        if (arena[at] !== 0) return p + at - from;
      }
      p += to - from;
    }
    return end;
  }

  private drop(span: number, implicit: boolean): void {
    this.observer.spanGone(span, implicit);
    this.fill(this.firstPage[span], this.pages[span], 0);
    this.pool.release(this.run[span], this.slots[span]);
    this.freeNumbers.push(span);
  }

  private fill(page: number, pages: number, value: number): void {
    for (let p = page; p < page + pages; ) {
      const arena = Math.floor(p / ARENA_PAGES);
      const from = p - arena * ARENA_PAGES;
      const to = Math.min(from + page + pages - p, ARENA_PAGES);
      this.arena(arena).fill(value, from, to);
      p += to - from;
    }
  }

  /** An arena that has been made; undefined for any other. */
  private known(index: number): Uint32Array | undefined {
    if (index < 0 || index >= NEAR_ARENAS) return this.far.get(index);
    return this.near[index] === this.noArena ? undefined : this.near[index];
  }

  private arena(index: number): Uint32Array {
    const known = this.known(index);
    if (known !== undefined) return known;
    if (++this.arenas > MAX_ARENAS) {
      throw new HeaptapeError('too-large', 'the recording uses more than 512 GiB of address space');
    }
    const made = new Uint32Array(ARENA_PAGES);
    if (index >= 0 && index < NEAR_ARENAS) this.near[index] = made;
    else this.far.set(index, made);
    return made;
  }

  private takeNumber(): number {
    const free = this.freeNumbers.pop();
    if (free !== undefined) return free;
    if (this.count === this.pages.length) this.grow();
    return this.count++;
  }

  private grow(): void {
    const length = this.count * 2;
    const wider = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.firstPage = wider(new Float64Array(length), this.firstPage);
    this.pages = wider(new Uint32Array(length), this.pages);
    this.slotUnits = wider(new Float64Array(length), this.slotUnits);
    this.slots = wider(new Uint32Array(length), this.slots);
    this.run = wider(new Uint32Array(length), this.run);
    this.spanClass = wider(new Uint8Array(length), this.spanClass);
  }
}

/** What is impossible about a Span or SpanAlloc event; '' if nothing. */
export function spanProblem(id: number, pages: number, kindClass: number): string {
  const manual = kindClass === 1;
  const small = !manual && kindClass > 3;
  const known = manual || (kindClass % 2 === 0 && kindClass < CLASS_TO_SIZE.length * 4);
  const most = small ? MAX_SMALL_SPAN_PAGES : MAX_SPAN_PAGES;
  if (known && pages >= 1 && pages <= most && id < PAGE_NUMBERS) return '';
  return `span ${id} of ${pages} pages and kind ${kindClass}`;
}

/** The page that an id below PAGE_NUMBERS means. */
function signedPage(id: number): number {
  return id < PAGE_NUMBERS / 2 ? id : id - PAGE_NUMBERS;
}
