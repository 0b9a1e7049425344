/**
 * Goroutine stacks: where they lie, when they move, how large new ones are.
 *
 * 1. A stack lies inside a span of stacks of its size, at a place of that size, which no other
 *    goroutine's has. A span of stacks goes back only when no goroutine's stack is in it, and never while
 *    a cycle marks.
 * 2. A stack grows to twice its size exactly when the frames and 800 bytes do not fit, until they do.
 * 3. It shrinks to half exactly when a cycle that begins finds less than a quarter in use, 800 bytes
 *    included, and it is above 2 KiB.
 * 4. A goroutine starts with the starting size; that is the average that the last cycle has scanned, and
 *    928 bytes, as a power of two.
 *
 * Stacks that ended goroutines leave behind, and those of threads, are in no event, so an overlap with
 * one of them is not seen.
 */
import { EVENTS, specOfTag } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { PAGE_BYTES } from '../model/span.ts';
import { type StreamEvent, Violation } from '../stream.ts';
import type { Checker } from './checker.ts';

const NAME = 'stacks';
const LEAST = 2048;
const RESERVE = 800;
const GUARD = 928;
const LARGE = 4;
const POOL_BYTES = 32_768;
/** Goroutines of the runtime that are there from the start have numbers from -1 to this. */
const LAST_SYSTEM = -4;

interface Stack {
  place: string;
  bytes: number;
  used: number;
}

class Stacks implements Checker {
  readonly name: string = NAME;
  readonly #orders = new Map<number, number>();
  readonly #stacks = new Map<number, Stack>();
  readonly #places = new Map<string, number>();
  #starting = LEAST;
  #scanned = 0;
  #count = 0;
  #first = 0;
  /** The goroutine that has just used its stack; 0 is none. */
  #growing = 0;
  /** Goroutines whose stacks the cycle that begins has to halve. */
  readonly #wide = new Set<number>();

  before(event: StreamEvent, m: Model): void {
    const { tag } = event;
    if (tag === EVENTS.StackPlaced.tag) this.#place(event, m);
    else if (specOfTag(tag)?.role === 'mutator') {
      this.#settled(event);
      this.#command(event);
    } else if (tag === EVENTS.StackSpanAllocated.tag) {
      this.#orders.set(event.arg(0), event.arg(2));
    } else if (tag === EVENTS.StackSpanFreed.tag) this.#free(event, m);
    else if (tag === EVENTS.GCStarted.tag) this.#begin(event);
    else if (tag === EVENTS.StartingStackSet.tag) this.#starting = event.arg(0);
    else if (tag === EVENTS.GCMarkTerminated.tag) this.#end(event);
  }

  #command(event: StreamEvent): void {
    const [g, bytes] = [event.arg(0), event.arg(1)];
    if (event.tag === EVENTS.GoroutineStarted.tag) this.#first ||= g;
    if (event.tag === EVENTS.StackUsed.tag) {
      const stack = this.#stacks.get(g);
      if (stack === undefined) this.#fail(event, `goroutine ${g} has no stack`);
      stack.used = bytes;
      this.#growing = g;
    } else if (event.tag === EVENTS.GoroutineExited.tag) {
      this.#places.delete(this.#stacks.get(g)?.place ?? '');
      this.#stacks.delete(g);
    }
  }

  /** Whatever had to move has moved. */
  #settled(event: StreamEvent): void {
    for (const g of this.#wide) this.#fail(event, `the stack of goroutine ${g} was not halved`);
    if (this.#growing === 0) return;
    const stack = this.#stacks.get(this.#growing);
    if (stack !== undefined && stack.used > stack.bytes - RESERVE) {
      this.#fail(event, `${stack.used} bytes of frames in a stack of ${stack.bytes}`);
    }
    this.#growing = 0;
  }

  #place(event: StreamEvent, m: Model): void {
    const [g, page, offset, bytes, used] = [0, 1, 2, 3, 4].map((i) => event.arg(i));
    const order = this.#orders.get(page);
    const npages = m.pages.stackSpans.get(page);
    if (order === undefined || npages === undefined)
      this.#fail(event, 'no span of stacks is there');
    const fits =
      order === LARGE
        ? offset === 0 && bytes === npages * PAGE_BYTES
        : bytes === LEAST << order && offset % bytes === 0 && offset + bytes <= POOL_BYTES;
    if (!fits) this.#fail(event, `a span of order ${order} has no such place`);
    const place = `${page}/${offset}`;
    const owner = this.#places.get(place);
    if (owner !== undefined) this.#fail(event, `goroutine ${owner} has its stack there`);
    const old = this.#stacks.get(g);
    if (old === undefined) this.#expectNew(event, g, bytes);
    else {
      this.#expectMove(event, g, old, bytes);
      this.#places.delete(old.place);
    }
    this.#places.set(place, g);
    // While it grows step by step, what the frames take is more than each stack on the way holds.
    const frames = g === this.#growing ? (old?.used ?? used) : used;
    this.#stacks.set(g, { place, bytes, used: frames });
  }

  #expectNew(event: StreamEvent, g: number, bytes: number): void {
    if ((g < 0 && g >= LAST_SYSTEM) || g === this.#first) return;
    if (bytes !== this.#starting) this.#fail(event, `stacks start with ${this.#starting} bytes`);
  }

  #expectMove(event: StreamEvent, g: number, { bytes: old, used }: Stack, bytes: number): void {
    if (this.#wide.delete(g)) {
      if (bytes !== old / 2) this.#fail(event, `half of ${old} bytes is due`);
      return;
    }
    const grows = g === this.#growing && used > old - RESERVE;
    if (!grows) this.#fail(event, `${used} bytes of frames in ${old}: no reason to move`);
    if (bytes !== old * 2) this.#fail(event, `twice ${old} bytes is due`);
  }

  #free(event: StreamEvent, m: Model): void {
    if (m.marking) this.#fail(event, 'a span of stacks goes back while a cycle marks');
    const page = event.arg(0);
    for (const [place, g] of this.#places) {
      if (place.startsWith(`${page}/`)) this.#fail(event, `goroutine ${g} has its stack there`);
    }
    this.#orders.delete(page);
  }

  #begin(event: StreamEvent): void {
    this.#settled(event);
    this.#scanned = 0;
    this.#count = this.#stacks.size;
    for (const [g, { bytes, used }] of this.#stacks) {
      this.#scanned += used;
      if (bytes > LEAST && used + RESERVE < bytes / 4) this.#wide.add(g);
    }
  }

  #end(event: StreamEvent): void {
    this.#settled(event);
    if (this.#count === 0) return;
    let bytes = LEAST;
    while (bytes < Math.floor(this.#scanned / this.#count) + GUARD) bytes *= 2;
    if (bytes !== this.#starting) this.#fail(event, `stacks have to start with ${bytes} bytes now`);
  }

  #fail(event: StreamEvent, message: string): never {
    throw new Violation(NAME, event.seq, message);
  }
}

export const stacks = (): Checker => new Stacks();
