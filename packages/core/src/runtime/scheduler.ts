/**
 * The scheduler: goroutines on GOMAXPROCS Ps, the same way for the same seed.
 *
 * 1. In each step one P that is not idle, chosen by chance, does something: it runs its goroutine to
 *    the next stop, or looks for one. Ps working at the same time are thus steps in some order.
 * 2. A P looks for work in Go's order: its timers; on every 61st tick the global queue; finalizers
 *    and cleanups that are due; its own queue; the global queue; then, if few others look too, the
 *    queues of the other Ps, four times round in an order chosen by chance. Else it goes idle.
 * 3. Making a goroutine ready wakes an idle P to look for it, unless one is looking already.
 * 4. A time slice is 10 ms. It can end at any stop. The goroutine then goes to the global queue.
 * 5. When no P has anything to do, time jumps to the first timer, in small steps while the collector
 *    works; without a timer either, all goroutines are asleep.
 *
 * All of this is on the program's side: what the tape sees is which P and goroutine act, and time.
 * Follows `runtime/proc.go` schedule, findRunnable, stealWork, ready, wakep and checkdead, Go 1.26.
 * Deviation: the times of Ps that work at the same time add up, as if one processor served them all.
 */
import { HeaptapeError } from '@heaptape/schema';
import { SCALAR } from '../heap/scalars.ts';
import { Clock } from './clock.ts';
import type { Heap } from './heap.ts';
import { type Proc, stealOrder } from './proc.ts';
import { Procs } from './procs.ts';
import { Random } from './random.ts';
import type { Task } from './task.ts';

/** Time slice, ns. */
const SLICE_NS = 10_000_000;
/** Every so many ticks a P looks at the global queue first. */
const GLOBAL_QUEUE_TICKS = 61;
const STEAL_TRIES = 4;
/** Cost of giving way and of an operation that may block, ns. */
const GOSCHED_NS = 200;
const CHECK_NS = 50;

/** Goroutines of the runtime, which are made ready when there is something for them to do. */
export interface SystemWork {
  /** Whether there is something that its goroutines will do once they run. */
  readonly pending: boolean;
  /** Whether a goroutine should be made ready. */
  readonly due: boolean;
  /** Makes it ready. */
  wake(): void;
}

export class Scheduler {
  readonly #heap: Heap;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #procs = new Procs();
  readonly #system: SystemWork[] = [];
  /** Who acts: the P and the goroutine. */
  #proc: Proc;
  #task: Task | null = null;
  #running = false;
  #crashed = false;
  /** Goroutines with a body that have not ended. */
  #tasks = 0;

  constructor(heap: Heap, seed: number) {
    this.#heap = heap;
    this.#clock = new Clock(heap);
    this.#random = new Random(seed);
    this.#procs.resize(heap.decider.world.scalars[SCALAR.procs], null);
    this.#proc = this.#procs.list[0];
    this.#procs.rouse(this.#proc);
  }

  /** Whether a goroutine of the scheduler is running now. */
  get running(): boolean {
    return this.#running;
  }

  /** Whether there is anybody to schedule. */
  get hasTasks(): boolean {
    return this.#tasks > 0;
  }

  /** The goroutine that acts. Throws `bad-usage` where none does. */
  get task(): Task {
    if (this.#task !== null) return this.#task;
    throw new HeaptapeError(
      'bad-usage',
      'only a goroutine can wait',
      'call it with yield* in the body of a goroutine, or through wait()',
    );
  }

  /** Whether goroutines of the runtime have something to do that none of them has begun. */
  get hasPending(): boolean {
    return this.#system.some((work) => work.pending);
  }

  addSystemWork(work: SystemWork): void {
    this.#system.push(work);
  }

  /** The go statement. */
  spawn(task: Task): void {
    this.#tasks += 1;
    this.ready(task);
  }

  /** Makes a goroutine runnable: the next one of the P that acts. */
  ready(task: Task): void {
    this.#procs.put(this.#proc, task);
    this.#procs.wake();
  }

  /** Makes the goroutine that acts ready again in `ns` nanoseconds. It parks itself. */
  wakeAfter(ns: number): void {
    this.#proc.addTimer(this.#clock.now + ns, this.task);
  }

  /** runtime.GOMAXPROCS has changed. Who acts goes on, on P 0 if its own is gone. */
  resize(count: number): void {
    this.#procs.resize(count, this.#task);
    if (this.#proc.id >= count) this.#moveTo(this.#procs.list[0]);
    const { p, g } = this.#identity;
    if (p >= count) this.#switch(this.#proc.id, g);
  }

  /** The goroutine that acts goes on, on another P. */
  #moveTo(proc: Proc): void {
    const displaced = proc.current;
    if (displaced !== null) this.#procs.putGlobal(displaced);
    this.#procs.rouse(proc);
    proc.current = this.#task;
    this.#proc = proc;
  }

  /**
   * Lets others run until the caller's turn comes again; `stop` says how the caller stops, as in a
   * body. Returns false when nobody can run and nothing will make anybody ready.
   */
  callerStops(caller: Task, stop: 'gosched' | 'park'): boolean {
    this.#expectIdle();
    const { g } = this.#identity;
    this.#settleCaller(caller);
    if (stop === 'gosched') this.#giveWay(caller);
    else caller.status = 'waiting';
    this.#proc.current = null;
    const turn = this.#run(() => caller.status === 'running');
    if (!turn) this.#settleCaller(caller);
    this.#switch(this.#proc.id, g);
    return turn;
  }

  /** Runs a caller's operation up to where it stops: the caller is who acts. */
  callerActs<T>(caller: Task, act: () => T): T {
    this.#settleCaller(caller);
    this.#task = caller;
    try {
      return act();
    } finally {
      this.#task = null;
    }
  }

  /** The caller is on the P that its commands come from. */
  #settleCaller(caller: Task): void {
    const proc = this.#procs.list[this.#identity.p] ?? this.#procs.list[0];
    caller.status = 'running';
    if (proc.current === caller) return;
    if (this.#proc.current === caller) this.#proc.current = null;
    this.#task = caller;
    this.#moveTo(proc);
    this.#task = null;
  }

  /** Runs goroutines until `main` has ended. Returns false when all are asleep before that. */
  runToEnd(main: Task): boolean {
    this.#expectIdle();
    this.#spare();
    this.spawn(main);
    return this.#run(() => main.status === 'dead');
  }

  /** The P that acts has nothing to do yet. */
  #spare(): void {
    this.#proc.current = null;
    this.#procs.rouse(this.#proc);
  }

  #expectIdle(): void {
    if (this.#running) {
      throw new HeaptapeError(
        'bad-usage',
        'the body of a goroutine cannot start the scheduler',
        'use yield there',
      );
    }
    if (this.#crashed) throw new HeaptapeError('refused', 'the program has crashed');
  }

  get #identity(): { p: number; g: number } {
    const { scalars } = this.#heap.decider.world;
    return { p: scalars[SCALAR.p], g: scalars[SCALAR.g] };
  }

  /** Steps until `done`. Returns false when nothing can happen any more. */
  #run(done: () => boolean): boolean {
    this.#running = true;
    try {
      while (!done()) if (!this.#step()) return false;
      return true;
    } catch (error) {
      this.#crashed = true;
      throw error;
    } finally {
      this.#running = false;
      this.#task = null;
      this.#clock.settle();
    }
  }

  /** One P does one thing. Returns false when none has anything to do, ever. */
  #step(): boolean {
    const procs = this.#procs;
    for (const work of this.#system) if (work.due) procs.wake();
    const { now } = this.#clock;
    for (const proc of procs.list) if (proc.idle && proc.due <= now) procs.rouse(proc);
    const awake = procs.awakeCount;
    if (awake === 0) return this.#clock.sleep(procs.due);
    const proc = procs.awake(awake === 1 ? 0 : this.#random.below(awake));
    this.#proc = proc;
    this.#task = null;
    if (proc.current === null && !this.#findRunnable(proc)) procs.rest(proc);
    else this.#resume(proc);
    return true;
  }

  #resume(proc: Proc): void {
    const task = proc.current;
    if (task === null) return;
    task.status = 'running';
    if (task.isCaller) return;
    this.#switch(proc.id, task.goroutine.id);
    this.#task = task;
    const result = task.resume();
    // The goroutine may have changed GOMAXPROCS and be on another P now.
    const at = this.#proc;
    if (result.done === true) {
      task.status = 'dead';
      task.goroutine.exit();
      this.#tasks -= 1;
    } else if (result.value === 'park') task.status = 'waiting';
    else if (result.value === 'check') {
      this.#clock.owe(CHECK_NS);
      if (this.#clock.now - at.sliceStart < SLICE_NS) return;
      this.#procs.putGlobal(task);
    } else this.#giveWay(task);
    at.current = null;
  }

  /** runtime.Gosched. */
  #giveWay(task: Task): void {
    this.#clock.owe(GOSCHED_NS);
    this.#procs.putGlobal(task);
  }

  /** Finds a goroutine for a P and makes it the P's current one. */
  #findRunnable(proc: Proc): boolean {
    this.#runTimers(proc);
    if (proc.tick % GLOBAL_QUEUE_TICKS === 0) {
      const task = this.#procs.global.shift();
      if (task !== undefined) return this.#execute(proc, task, false);
    }
    for (const work of this.#system) if (work.due) work.wake();
    const local = proc.take();
    if (local !== null) return this.#execute(proc, local.task, local.inherits);
    const fetched = this.#procs.takeShare(proc) ?? this.#stealWork(proc);
    return fetched !== null && this.#execute(proc, fetched, false);
  }

  #execute(proc: Proc, task: Task, inherits: boolean): boolean {
    if (!inherits) {
      proc.tick += 1;
      proc.sliceStart = this.#clock.now;
    }
    proc.current = task;
    if (proc.spinning) {
      proc.spinning = false;
      this.#procs.wake();
    }
    return true;
  }

  #stealWork(proc: Proc): Task | null {
    if (!proc.spinning && !this.#procs.mayLook) return null;
    proc.spinning = true;
    const { list } = this.#procs;
    for (let tries = 1; tries <= STEAL_TRIES; tries += 1) {
      for (const id of stealOrder(list.length, this.#random.next())) {
        const victim = list[id];
        if (victim === proc) continue;
        if (tries === STEAL_TRIES && this.#runTimers(victim)) {
          const own = proc.take();
          if (own !== null) return own.task;
        }
        const task = victim.idle ? null : proc.steal(victim, tries === STEAL_TRIES);
        if (task !== null) return task;
      }
    }
    return null;
  }

  /** Makes those ready whose timers are due, on the P that acts. */
  #runTimers(proc: Proc): boolean {
    let ran = false;
    while (proc.due <= this.#clock.now) {
      const timer = proc.timers.shift();
      if (timer === undefined) break;
      this.ready(timer.task);
      ran = true;
    }
    return ran;
  }

  #switch(p: number, g: number): void {
    const now = this.#identity;
    if (now.p !== p || now.g !== g) this.#heap.command((decider) => decider.switchProc(p, g));
  }
}
