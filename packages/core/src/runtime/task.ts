/**
 * A goroutine's body as the scheduler sees it: a generator that stops where others may run.
 *
 * A body is a generator function. What it yields says why it stops:
 *   nothing   runtime.Gosched(): to the end of the global queue
 *   'check'   others may run; it stays where it is unless its time slice is over
 *   'park'    it waits, and something that knows it will call `ready`
 * Programs write `yield` for Gosched and `yield*` before every operation that can block; the other
 * two are between those operations and the scheduler. A plain function is a body that never stops.
 */
import type { Goroutine } from './goroutines.ts';

/** What a body yields to the scheduler. */
export type Yield = undefined | 'check' | 'park';

/** A body that runs, or an operation that may block: call it with `yield*`. */
export type Go<T = void> = Generator<Yield, T, void>;

/** What a goroutine executes. */
export type GoBody = (g: Goroutine) => Go<unknown> | unknown;

/** Whether a body's call has returned something that is to be run on. */
export function isRunning(value: unknown): value is Go<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value;
}

/** Go's states of a goroutine. */
export type TaskStatus = 'runnable' | 'running' | 'waiting' | 'dead';

/** A goroutine that the scheduler runs; or, without a body, the code that called the scheduler. */
export class Task {
  readonly goroutine: Goroutine;
  readonly #body: GoBody | null;
  #running: Go<unknown> | null = null;
  status: TaskStatus = 'runnable';

  constructor(goroutine: Goroutine, body: GoBody | null) {
    this.goroutine = goroutine;
    this.#body = body;
  }

  /** Whether this stands for the caller of the scheduler, which no scheduler can run. */
  get isCaller(): boolean {
    return this.#body === null;
  }

  /** Runs to the next stop. */
  resume(): IteratorResult<Yield, unknown> {
    if (this.#running === null) {
      const value = this.#body?.(this.goroutine);
      if (!isRunning(value)) return { done: true, value };
      this.#running = value;
    }
    return this.#running.next();
  }
}
