/**
 * What the parts of a runtime that run goroutines share: the heap, the scheduler, and a way to start
 * goroutines of the runtime's own, which `NumGoroutine` does not count.
 */
import { Slot } from './goroutines.ts';
import type { Heap, Obj } from './heap.ts';
import type { Scheduler } from './scheduler.ts';
import type { GoBody, Task } from './task.ts';

export interface Process {
  readonly heap: Heap;
  readonly scheduler: Scheduler;
  /** Starts a goroutine of the runtime. */
  startSystem(body: GoBody): Task;
}

/** Roots for what an operation holds while it waits. */
export function hold(heap: Heap, objects: readonly (Obj | null)[]): Slot[] {
  return objects.map((object) => {
    const slot = new Slot(heap, heap.roots.take('channel operation'));
    if (object !== null) slot.set(object);
    return slot;
  });
}

/** Gives the roots back. */
export function letGo(heap: Heap, slots: readonly Slot[]): void {
  for (const slot of slots) {
    if (slot.get() !== null) slot.set(null);
    heap.roots.give(slot.root);
  }
}

/** Numbers of the program's functions, by which the tape names them; from 1. */
export class FunctionNumbers {
  readonly #numbers = new Map<object, number>();

  of(body: object): number {
    const known = this.#numbers.get(body);
    if (known !== undefined) return known;
    const number = this.#numbers.size + 1;
    this.#numbers.set(body, number);
    return number;
  }
}
