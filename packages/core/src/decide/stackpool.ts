/**
 * Stacks as memory: where a goroutine's stack comes from and where it goes.
 *
 * 1. Stacks of 2, 4, 8 and 16 KiB (orders 0 to 3) are cut from spans of 32 KiB. Each P keeps some of
 *    each order; when it has none it takes half a span's worth from the pool, when it has 32 KiB of one
 *    order it gives half of them back.
 * 2. A larger stack has a span of its own.
 * 3. A span of the pool without a stack in use goes back to the heap; a large one at once. While a
 *    cycle marks none goes back, because marking may still meet a pointer into it; what came free
 *    meanwhile goes when marking has ended.
 * 4. Flushing a P's mcache empties its stacks into the pool.
 *
 * Free stacks are taken last in, first out, and from the span that came into the pool last. Nothing of
 * this is state of the run: the events say which spans exist and where each stack lies.
 *
 * Follows `runtime/stack.go`, Go 1.26.
 */
import { AssertionError } from '@heaptape/schema';
import { SCALAR } from '../heap/scalars.ts';
import { PAGE_SIZE } from '../heap/sizeclasses.ts';
import type { World } from '../heap/world.ts';

/** Smallest stack, bytes (Go's fixedStack). */
export const FIXED_STACK = 2048;
/** Orders of stacks that share a span; an order of `LARGE` has the span to itself. */
const ORDERS = 4;
const LARGE = ORDERS;
/** Bytes of a span of the pool, and of the stacks of one order that a P keeps at most. */
const CACHE_BYTES = 32 * 1024;

/** A span of the pool. Spans with a free stack are in a list by order, the newest first. */
interface PoolSpan {
  readonly page: number;
  readonly order: number;
  /** Free stacks, as word indices, the next one last. */
  readonly free: number[];
  /** Stacks that are out: in use, or kept by a P. */
  taken: number;
  previous: PoolSpan | null;
  next: PoolSpan | null;
}

/** What the pool needs of the heap: spans of stacks, made and given back. */
export interface StackSpans {
  readonly allocate: (npages: number, order: number) => number;
  readonly free: (page: number) => void;
}

function orderOf(bytes: number): number {
  for (let order = 0; order < ORDERS; order += 1) if (FIXED_STACK << order === bytes) return order;
  return LARGE;
}

export class StackPool {
  readonly #world: World;
  readonly #spans: StackSpans;
  /** First span with a free stack, by order; all pool spans by page. */
  readonly #first: (PoolSpan | null)[] = [null, null, null, null];
  readonly #byPage = new Map<number, PoolSpan>();
  /** Stacks that each P keeps, by `p * ORDERS + order`, the next one last. */
  readonly #cached: number[][] = [];
  /** Large spans that came free while marking, by size in pages, the next one last. */
  readonly #large = new Map<number, number[]>();

  constructor(world: World, spans: StackSpans) {
    this.#world = world;
    this.#spans = spans;
  }

  get #marking(): boolean {
    return this.#world.scalars[SCALAR.gcphase] !== 0;
  }

  /** Takes a stack of that many bytes, a power of two, for the current P. Returns its first word. */
  take(bytes: number): number {
    const order = orderOf(bytes);
    if (order === LARGE) return this.#takeLarge(bytes / PAGE_SIZE);
    const cache = this.#cache(this.#world.scalars[SCALAR.p], order);
    if (cache.length === 0) {
      for (let size = 0; size < CACHE_BYTES / 2; size += bytes) cache.push(this.#takePooled(order));
    }
    const word = cache.pop();
    if (word === undefined) throw new AssertionError('a refill gives a P a stack');
    return word;
  }

  /** Takes back a stack that `take` gave. */
  give(word: number, bytes: number): void {
    const order = orderOf(bytes);
    if (order === LARGE) {
      this.#giveLarge(word >> 10, bytes / PAGE_SIZE);
      return;
    }
    const cache = this.#cache(this.#world.scalars[SCALAR.p], order);
    if (cache.length * bytes >= CACHE_BYTES) this.#release(cache, order, CACHE_BYTES / 2);
    cache.push(word);
  }

  /** Empties what P `p` keeps into the pool. */
  flush(p: number): void {
    for (let order = 0; order < ORDERS; order += 1) {
      const cache = this.#cached[p * ORDERS + order];
      if (cache !== undefined) this.#release(cache, order, 0);
    }
  }

  /** Marking has ended: spans that came free meanwhile go back to the heap. */
  freeSpans(): void {
    for (const first of this.#first) {
      for (let span = first; span !== null; ) {
        const { next } = span;
        if (span.taken === 0) this.#dissolve(span);
        span = next;
      }
    }
    for (const pages of this.#large.values()) {
      for (let page = pages.pop(); page !== undefined; page = pages.pop()) this.#spans.free(page);
    }
  }

  #cache(p: number, order: number): number[] {
    while (this.#cached.length <= p * ORDERS + order) this.#cached.push([]);
    return this.#cached[p * ORDERS + order];
  }

  /** Gives stacks of a P back until it keeps no more than `keep` bytes. */
  #release(cache: number[], order: number, keep: number): void {
    const bytes = FIXED_STACK << order;
    while (cache.length * bytes > keep) {
      const word = cache.pop();
      if (word !== undefined) this.#givePooled(word, order);
    }
  }

  #takePooled(order: number): number {
    const span = this.#first[order] ?? this.#newSpan(order);
    const word = span.free.pop();
    if (word === undefined) throw new AssertionError(`stack span ${span.page} has no free stack`);
    span.taken += 1;
    if (span.free.length === 0) this.#unlink(span);
    return word;
  }

  #givePooled(word: number, order: number): void {
    const page = this.#world.spanOf[word >> 10] - 1;
    const span = this.#byPage.get(page);
    if (span === undefined) throw new AssertionError(`page ${page} is in no span of the pool`);
    if (span.free.length === 0) this.#link(span, order);
    span.free.push(word);
    span.taken -= 1;
    if (span.taken === 0 && !this.#marking) this.#dissolve(span);
  }

  #newSpan(order: number): PoolSpan {
    const page = this.#spans.allocate(CACHE_BYTES / PAGE_SIZE, order);
    const span: PoolSpan = { page, order, free: [], taken: 0, previous: null, next: null };
    const words = (FIXED_STACK << order) >> 3;
    for (let at = 0; at < CACHE_BYTES >> 3; at += words) span.free.push((page << 10) + at);
    this.#byPage.set(page, span);
    this.#link(span, order);
    return span;
  }

  #link(span: PoolSpan, order: number): void {
    span.next = this.#first[order];
    span.previous = null;
    if (span.next !== null) span.next.previous = span;
    this.#first[order] = span;
  }

  #unlink(span: PoolSpan): void {
    if (span.previous === null) this.#first[span.order] = span.next;
    else span.previous.next = span.next;
    if (span.next !== null) span.next.previous = span.previous;
    span.previous = null;
    span.next = null;
  }

  #dissolve(span: PoolSpan): void {
    this.#unlink(span);
    this.#byPage.delete(span.page);
    this.#spans.free(span.page);
  }

  #takeLarge(npages: number): number {
    const kept = this.#large.get(npages)?.pop();
    return (kept ?? this.#spans.allocate(npages, LARGE)) << 10;
  }

  #giveLarge(page: number, npages: number): void {
    if (!this.#marking) {
      this.#spans.free(page);
      return;
    }
    const pages = this.#large.get(npages) ?? [];
    pages.push(page);
    this.#large.set(npages, pages);
  }
}
