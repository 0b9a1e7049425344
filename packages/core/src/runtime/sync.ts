/**
 * Mutex and WaitGroup. They are values inside other objects and allocate nothing.
 *
 * Follows packages `sync` and `internal/sync`, Go 1.26. Deviation: a mutex that is unlocked wakes the
 * goroutine that has waited longest, which has to find it unlocked; there is no starvation mode.
 */
import { GoFatal, GoPanic } from './errors.ts';
import type { Scheduler } from './scheduler.ts';
import type { Go, Task } from './task.ts';

export class Mutex {
  readonly #scheduler: Scheduler;
  readonly #waiting: Task[] = [];
  #locked = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  *lock(): Go {
    yield 'check';
    while (this.#locked) {
      this.#waiting.push(this.#scheduler.task);
      yield 'park';
    }
    this.#locked = true;
  }

  tryLock(): boolean {
    if (this.#locked) return false;
    this.#locked = true;
    return true;
  }

  unlock(): void {
    if (!this.#locked) throw new GoFatal('sync: unlock of unlocked mutex');
    this.#locked = false;
    const first = this.#waiting.shift();
    if (first !== undefined) this.#scheduler.ready(first);
  }
}

export class WaitGroup {
  readonly #scheduler: Scheduler;
  #waiting: Task[] = [];
  #count = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  add(delta: number): void {
    if (this.#count + delta < 0) throw new GoPanic('sync: negative WaitGroup counter');
    this.#count += delta;
    if (this.#count > 0) return;
    const woken = this.#waiting;
    this.#waiting = [];
    for (const task of woken) this.#scheduler.ready(task);
  }

  done(): void {
    this.add(-1);
  }

  *wait(): Go {
    yield 'check';
    if (this.#count === 0) return;
    this.#waiting.push(this.#scheduler.task);
    yield 'park';
  }
}
