/**
 * A P: what one of GOMAXPROCS processors has to run.
 *
 * 1. `next` is the goroutine made ready last; it runs before the queue and within the same time slice.
 * 2. The queue holds 256. What does not fit goes to the global queue together with half of the queue.
 * 3. Another P may take half of the queue, from its head; `next` only when there is nothing else.
 * 4. Timers of goroutines that sleep, by the time they are due.
 *
 * Follows `runtime/proc.go` runqput, runqget, runqgrab and `time.go`, Go 1.26.
 */
import type { Task } from './task.ts';

/** Goroutines that a local queue holds. */
const QUEUE_SIZE = 256;

interface Timer {
  readonly when: number;
  readonly task: Task;
}

export class Proc {
  readonly id: number;
  current: Task | null = null;
  next: Task | null = null;
  readonly queue: Task[] = [];
  readonly timers: Timer[] = [];
  /** Goroutines it has given a new time slice; one of them before the program begins. */
  tick = 1;
  /** When the time slice began, ns. */
  sliceStart = 0;
  idle = true;
  /** It looks for work that others have. */
  spinning = false;

  constructor(id: number) {
    this.id = id;
  }

  /** Queues a goroutine; what overflows is returned, for the global queue. */
  put(task: Task, asNext: boolean): Task[] {
    let last = task;
    if (asNext) {
      const before = this.next;
      this.next = task;
      if (before === null) return [];
      last = before;
    }
    if (this.queue.length < QUEUE_SIZE) {
      this.queue.push(last);
      return [];
    }
    return [...this.queue.splice(0, QUEUE_SIZE / 2), last];
  }

  /** The goroutine to run, and whether it goes on in the time slice that is under way. */
  take(): { task: Task; inherits: boolean } | null {
    const { next } = this;
    if (next !== null) {
      this.next = null;
      return { task: next, inherits: true };
    }
    const task = this.queue.shift();
    return task === undefined ? null : { task, inherits: false };
  }

  /** Takes half of what `victim` has queued; the last one of it is returned to be run. */
  steal(victim: Proc, andNext: boolean): Task | null {
    const count = victim.queue.length - Math.floor(victim.queue.length / 2);
    if (count > 0) {
      const taken = victim.queue.splice(0, count);
      const task = taken.pop() ?? null;
      this.queue.push(...taken);
      return task;
    }
    const { next } = victim;
    if (!andNext || next === null) return null;
    victim.next = null;
    return next;
  }

  addTimer(when: number, task: Task): void {
    let at = this.timers.length;
    while (at > 0 && this.timers[at - 1].when > when) at -= 1;
    this.timers.splice(at, 0, { when, task });
  }

  /** When its first timer is due, ns; Infinity when it has none. */
  get due(): number {
    return this.timers[0]?.when ?? Infinity;
  }
}

/**
 * Every number below `count` once, in one of the orders that `random` chooses from: a start, and a
 * step that shares no factor with `count`.
 */
export function stealOrder(count: number, random: number): number[] {
  const steps: number[] = [];
  for (let step = 1; step <= count; step += 1) if (gcd(step, count) === 1) steps.push(step);
  const step = steps[Math.floor(random / count) % steps.length];
  return Array.from({ length: count }, (_, i) => ((random % count) + i * step) % count);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
