/**
 * The runtime's own stack frame: what an operation of several allocations holds meanwhile.
 *
 * An object nobody points to can be collected by the next allocation, and so can the arguments of
 * an operation. In Go they are on the stack of the goroutine that allocates; here a frame holds
 * them in roots.
 *
 * 1. `keep` notes an argument. Nothing is stored as long as nothing is allocated.
 * 2. `allocate` stores what was noted or allocated before, then allocates.
 * 3. `leave` empties the roots. It must come last, in a finally clause. From there on the result is
 *    the caller's to hold, who has until the next allocation.
 *
 * Operations do not nest.
 */
import type { Roots } from './goroutines.ts';
import { Slot } from './goroutines.ts';
import type { Heap, Obj } from './heap.ts';
import type { Layout } from './types.ts';

export class Frame {
  readonly heap: Heap;
  readonly #roots: Roots;
  readonly #slots: Slot[] = [];
  readonly #noted: Obj[] = [];
  #used = 0;

  constructor(heap: Heap, roots: Roots) {
    this.heap = heap;
    this.#roots = roots;
  }

  /** Holds the object until `leave`. Throws `refused` when it has been collected. */
  keep(object: Obj | null): void {
    if (object === null || object.id === 0) return;
    this.heap.expectAlive(object);
    this.#noted.push(object);
  }

  /** Allocates an object and holds it until `leave`. */
  allocate(layout: Layout): Obj {
    for (const object of this.#noted) this.#slot().set(object);
    this.#noted.length = 0;
    const object = this.heap.allocate(layout);
    if (object.id !== 0) this.#noted.push(object);
    return object;
  }

  /** Holds nothing any more. */
  leave(): void {
    this.#noted.length = 0;
    while (this.#used > 0) {
      this.#used -= 1;
      this.#slots[this.#used].set(null);
    }
  }

  #slot(): Slot {
    const index = this.#used;
    this.#used += 1;
    if (index === this.#slots.length) {
      this.#slots.push(new Slot(this.heap, this.#roots.take('runtime (argument)')));
    }
    return this.#slots[index];
  }
}
