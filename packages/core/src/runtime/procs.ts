/**
 * All Ps, those of them that are idle, and the queue that they share.
 *
 * 1. What a P's own queue has no room for is in the global queue. A P takes its share of it, no more
 *    than 128 at once.
 * 2. A P that finds nothing to do goes idle. Making a goroutine ready wakes one, the last to have gone
 *    idle, unless another one is looking for work already.
 *
 * Follows `runtime/proc.go` globrunqgetbatch, wakep, pidleput and procresize, Go 1.26.
 */
import { AssertionError } from '@heaptape/schema';
import { Proc } from './proc.ts';
import type { Task } from './task.ts';

/** Most goroutines that a P takes from the global queue at once. */
const GLOBAL_BATCH = 128;

export class Procs {
  #list: Proc[] = [];
  /** The one that went idle last is at the end. */
  readonly #idle: Proc[] = [];
  readonly global: Task[] = [];

  get list(): readonly Proc[] {
    return this.#list;
  }

  /** Ps that are not idle. */
  get awakeCount(): number {
    return this.#list.length - this.#idle.length;
  }

  /** P number `index` of those that are not idle. */
  awake(index: number): Proc {
    let before = 0;
    for (const proc of this.#list) {
      if (proc.idle) continue;
      if (before === index) return proc;
      before += 1;
    }
    throw new AssertionError(`no P ${index} is awake`);
  }

  /** When the first timer of any P is due, ns; Infinity when there is none. */
  get due(): number {
    let first = Infinity;
    for (const proc of this.#list) first = Math.min(first, proc.due);
    return first;
  }

  /** Queues a goroutine on a P: as the one that runs next. */
  put(proc: Proc, task: Task): void {
    task.status = 'runnable';
    this.global.push(...proc.put(task, true));
  }

  /** Queues a goroutine behind all others. */
  putGlobal(task: Task): void {
    task.status = 'runnable';
    this.global.push(task);
  }

  /** A P's share of the global queue: the first to be run, the rest queued. */
  takeShare(proc: Proc): Task | null {
    const size = this.global.length;
    const count = Math.min(GLOBAL_BATCH, size, Math.floor(size / this.#list.length) + 1);
    const task = this.global.shift();
    if (task === undefined) return null;
    proc.queue.push(...this.global.splice(0, count - 1));
    return task;
  }

  /** Wakes an idle P to look for work, unless one is looking. */
  wake(): void {
    if (this.#idle.length === 0) return;
    for (const proc of this.#list) if (proc.spinning) return;
    const proc = this.#idle[this.#idle.length - 1];
    this.rouse(proc);
    proc.spinning = true;
  }

  /** Whether a P that is not looking for work yet may begin: at most half of the busy ones do. */
  get mayLook(): boolean {
    let looking = 0;
    for (const proc of this.#list) if (proc.spinning) looking += 1;
    return 2 * looking < this.awakeCount;
  }

  /** A P has found nothing. */
  rest(proc: Proc): void {
    proc.spinning = false;
    proc.idle = true;
    this.#idle.push(proc);
  }

  /** A P is not idle any more. */
  rouse(proc: Proc): void {
    proc.idle = false;
    const at = this.#idle.indexOf(proc);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  /**
   * runtime.GOMAXPROCS: what Ps that go had to run goes to the global queue, but for `acting`, who
   * has to go on somewhere, and the caller of the scheduler.
   */
  resize(count: number, acting: Task | null): void {
    const gone = this.#list.slice(count);
    const kept = this.#list.slice(0, count);
    for (let id = kept.length; id < count; id += 1) kept.push(new Proc(id));
    this.#list = kept;
    for (const proc of gone) {
      const { current, next } = proc;
      if (next !== null) this.global.push(next);
      this.global.push(...proc.queue);
      for (const timer of proc.timers) kept[0].addTimer(timer.when, timer.task);
      if (current !== null && current !== acting && !current.isCaller) this.putGlobal(current);
    }
    this.#idle.length = 0;
    this.#idle.push(...kept.filter((proc) => proc.idle).reverse());
    if (this.global.length > 0) this.wake();
  }
}
