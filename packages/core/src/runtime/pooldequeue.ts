/**
 * The queues inside a sync.Pool: rings of interface values, chained as they fill.
 *
 * 1. A ring has a head, where its owner pushes and pops, and a tail, where anyone pops.
 * 2. A chain starts with a ring of 8 and pushes into its newest ring; when that is full, a ring of
 *    twice the size becomes the newest one.
 * 3. Popping at the head goes back through the rings and leaves them in place. Popping at the tail
 *    drops a ring that is empty and has a newer one behind it.
 *
 * Rings, their values and the links between them are objects of the simulated heap. Follows
 * `sync/poolqueue.go`, Go 1.13 to 1.26; one thread runs, so that nothing happens in between.
 */
import type { Frame } from './frame.ts';
import type { Obj } from './heap.ts';
import { arrayLayout, type GoType, layoutOf } from './types.ts';
import type { GoValue } from './values.ts';

const FIRST_RING = 8;
const LARGEST_RING = 2 ** 30;

const ELT = layoutOf({ name: 'sync.poolChainElt', size: 48, pointers: [1, 4, 5] });
const VALS_WORD = 1;
const NEXT_WORD = 4;
const PREV_WORD = 5;
const EFACE: GoType = { name: 'sync.eface', size: 16, pointers: [0, 1] };

/** A value in a pool: what the program put, and the object it points to. */
export interface Pooled {
  readonly value: GoValue;
  readonly object: Obj | null;
}

class Ring {
  readonly object: Obj;
  readonly size: number;
  readonly #vals: Obj;
  readonly #values: (Pooled | null)[] = [];
  #head = 0;
  #tail = 0;
  next: Ring | null = null;
  prev: Ring | null = null;

  constructor(frame: Frame, size: number) {
    this.size = size;
    this.object = frame.allocate(ELT);
    this.#vals = frame.allocate(arrayLayout(EFACE, size, size * EFACE.size));
    this.object.set(VALS_WORD, this.#vals);
  }

  pushHead(item: Pooled): boolean {
    if (this.#head - this.#tail === this.size) return false;
    const at = this.#head & (this.size - 1);
    if (item.object !== null) this.#vals.set(2 * at + 1, item.object);
    this.#values[at] = item;
    this.#head += 1;
    return true;
  }

  popHead(): Pooled | null {
    if (this.#head === this.#tail) return null;
    this.#head -= 1;
    return this.#take(this.#head);
  }

  popTail(): Pooled | null {
    if (this.#head === this.#tail) return null;
    this.#tail += 1;
    return this.#take(this.#tail - 1);
  }

  link(next: Ring): void {
    next.prev = this;
    next.object.set(PREV_WORD, this.object);
    this.next = next;
    this.object.set(NEXT_WORD, next.object);
  }

  /** Forgets the rings before it. */
  unlinkPrev(): void {
    this.prev = null;
    this.object.set(PREV_WORD, null);
  }

  #take(index: number): Pooled | null {
    const at = index & (this.size - 1);
    const item = this.#values[at];
    this.#values[at] = null;
    if (item !== null && item.object !== null) this.#vals.set(2 * at + 1, null);
    return item;
  }
}

/** A chain; its two ends are words `headWord` and the next one of `owner`. */
export class PoolChain {
  readonly #owner: Obj;
  readonly #headWord: number;
  #head: Ring | null = null;
  #tail: Ring | null = null;

  constructor(owner: Obj, headWord: number) {
    this.#owner = owner;
    this.#headWord = headWord;
  }

  pushHead(frame: Frame, item: Pooled): void {
    let ring = this.#head;
    if (ring === null) {
      ring = new Ring(frame, FIRST_RING);
      this.#setHead(ring);
      this.#setTail(ring);
    }
    if (ring.pushHead(item)) return;
    const larger = new Ring(frame, Math.min(ring.size * 2, LARGEST_RING));
    this.#setHead(larger);
    ring.link(larger);
    larger.pushHead(item);
  }

  popHead(): Pooled | null {
    for (let ring = this.#head; ring !== null; ring = ring.prev) {
      const item = ring.popHead();
      if (item !== null) return item;
    }
    return null;
  }

  popTail(): Pooled | null {
    for (let ring = this.#tail; ring !== null; ) {
      const next: Ring | null = ring.next;
      const item = ring.popTail();
      if (item !== null) return item;
      if (next === null) return null;
      this.#setTail(next);
      next.unlinkPrev();
      ring = next;
    }
    return null;
  }

  #setHead(ring: Ring): void {
    this.#head = ring;
    this.#owner.set(this.#headWord, ring.object);
  }

  #setTail(ring: Ring): void {
    this.#tail = ring;
    this.#owner.set(this.#headWord + 1, ring.object);
  }
}
