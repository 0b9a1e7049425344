/**
 * The running program: goroutines and what they do together; finalizers, cleanups, weak pointers.
 *
 * There are two ways to be the program.
 * 1. `start(function* (g) { … })`: the generator is the main goroutine. It writes `yield` for
 *    `runtime.Gosched()` and `yield*` before everything that can block. When it returns the program
 *    is over: other goroutines stop, and no finalizer runs.
 * 2. Plain calls. The caller is the main goroutine and runs until it lets others run, by `Gosched`,
 *    `run`, `idle`, or `wait` for an operation that can block. Goroutines made by `go` without a body
 *    are names for the caller, who says by `resume` which one it is.
 */
import { HeaptapeError } from '@heaptape/schema';
import { SCALAR } from '../heap/scalars.ts';
import { Builtins } from './builtins.ts';
import { type Chan, makeChan, nilChan } from './chan.ts';
import { type Cleanup, Cleanups } from './cleanups.ts';
import { GoFatal, GoPanic } from './errors.ts';
import { Finalizers } from './finalizers.ts';
import { Frame } from './frame.ts';
import { closureType, Func, type FuncBody, type FuncType } from './functype.ts';
import { Goroutine, type Slot } from './goroutines.ts';
import type { Heap, Obj } from './heap.ts';
import { Pointer } from './pointers.ts';
import { FunctionNumbers, type Process } from './process.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { type SelectCase, type Selected, selectOf } from './select.ts';
import { Mutex, WaitGroup } from './sync.ts';
import { type Go, type GoBody, Task } from './task.ts';
import { type GoType, layoutOf } from './types.ts';
import { Unique } from './unique.ts';
import type { GoValue } from './values.ts';
import { Weak } from './weak.ts';

/** Virtual time of a call of Gosched with nobody to give way to, ns. */
const GOSCHED_NS = 200;
/** Apart from the scheduler's, so that select does not change who runs. */
const SELECT_SALT = 0x5e1ec7;

/** What a function value is made of: its type, and the objects it closes over. */
export interface FuncSpec extends FuncType {
  readonly captures?: readonly Obj[];
}

export class Program extends Builtins {
  readonly #heap: Heap;
  readonly #scheduler: Scheduler;
  readonly #finalizers: Finalizers;
  readonly #cleanups: Cleanups;
  readonly #goroutines = new Set<Goroutine>();
  readonly #frame: Frame;
  readonly #random: Random;
  readonly #caller: Task;
  #goroutineCount = 0;
  #ended = false;
  /** The main goroutine. */
  readonly main: Goroutine;
  /** Package weak. */
  readonly weak: Weak;
  /** Package unique. */
  readonly unique: Unique;

  constructor(heap: Heap, seed: number) {
    super(heap, heap.roots, seed);
    this.#heap = heap;
    this.#frame = new Frame(heap, heap.roots);
    this.#random = new Random(seed ^ SELECT_SALT);
    this.#scheduler = new Scheduler(heap, seed);
    const startSystem = (body: GoBody): Task => this.#spawn(this.#newGoroutine(), body);
    const process: Process = { heap, scheduler: this.#scheduler, startSystem };
    const functions = new FunctionNumbers();
    this.#finalizers = new Finalizers(process, functions);
    this.#cleanups = new Cleanups(process, functions);
    this.weak = new Weak(heap);
    this.unique = new Unique(heap, this.weak, this.#cleanups);
    this.main = this.go();
    this.#caller = new Task(this.main, null);
    this.main.resume();
  }

  /**
   * The go statement: the body runs when the scheduler gets to it. What a function value closes over
   * stays alive until it ends. Without a body, a goroutine that runs once it is told to `resume`.
   */
  go(body?: GoBody | Func): Goroutine {
    const goroutine = this.#newGoroutine();
    this.#goroutines.add(goroutine);
    if (body === undefined) return goroutine;
    if (!(body instanceof Func)) {
      this.#spawn(goroutine, body);
      return goroutine;
    }
    if (body.closure !== null) goroutine.slot().set(body.closure);
    this.#spawn(goroutine, (g) => Reflect.apply(body.body, undefined, [g]));
    return goroutine;
  }

  /**
   * Runs a whole program: `body` is its main goroutine. Throws Go's fatal error when all goroutines
   * are asleep, and whatever a goroutine throws and does not catch.
   */
  start(body: GoBody): void {
    if (this.#ended) throw new HeaptapeError('refused', 'the program has ended');
    const main = new Task(this.main, body);
    if (!this.#scheduler.runToEnd(main)) this.#deadlock();
    this.#ended = true;
  }

  /** Does an operation that can block, from plain code: others run meanwhile. */
  wait<T>(operation: Go<T>): T {
    for (;;) {
      const result = this.#scheduler.callerActs(this.#caller, () => operation.next());
      if (result.done === true) return result.value;
      if (result.value === 'check') continue;
      const stop = result.value ?? 'gosched';
      if (!this.#scheduler.callerStops(this.#caller, stop)) this.#deadlock();
    }
  }

  /**
   * runtime.Gosched() of plain code: the caller's turn comes again after that of others, and not
   * before the finalizers and cleanups that are due have been called.
   */
  Gosched(): void {
    if (!this.#hasOthers()) {
      this.#heap.command((decider) => decider.run(GOSCHED_NS));
      return;
    }
    do this.#scheduler.callerStops(this.#caller, 'gosched');
    while (this.#scheduler.hasPending);
  }

  /** The program computes for `ns` nanoseconds; in plain code, others run meanwhile. */
  run(ns: number): void {
    if (!Number.isSafeInteger(ns) || ns < 0) {
      throw new HeaptapeError('bad-usage', `a duration is a whole number of ns, not ${ns}`);
    }
    if (this.#scheduler.running || !this.#hasOthers()) {
      this.#heap.command((decider) => decider.run(ns));
    } else {
      this.wait(this.sleep(ns));
      if (this.#scheduler.hasPending) this.Gosched();
    }
  }

  /** Lets others run until nothing is left to do: all of them wait, for no timer, and all is swept. */
  idle(): void {
    this.#scheduler.callerStops(this.#caller, 'park');
  }

  /**
   * runtime.GC() by a goroutine among others: they get a turn after each span that is swept, as in Go.
   * `GC()` does all of it in one go.
   */
  *collect(): Go {
    this.#heap.command((decider) => decider.callGC());
    while (this.#heap.command((decider) => decider.stepSweep())) yield;
    this.#heap.command((decider) => decider.waitSweep());
  }

  /** time.Sleep, ns. */
  *sleep(ns: number): Go {
    if (ns <= 0) return;
    this.#scheduler.wakeAfter(ns);
    yield 'park';
  }

  /** `panic(text)`. */
  panic(text: string): never {
    throw new GoPanic(text);
  }

  /** Goroutines of the program that have not ended. */
  NumGoroutine(): number {
    for (const g of this.#goroutines) if (g.exited) this.#goroutines.delete(g);
    return this.#goroutines.size;
  }

  /** `make(chan elem, cap)`. Store its `header` where the program has the channel. */
  makeChan(elem: GoType, cap = 0): Chan {
    return makeChan(this.#heap, this.#scheduler, elem, cap);
  }

  /** The nil channel. */
  nilChan(elem: GoType): Chan {
    return nilChan(this.#heap, this.#scheduler, elem);
  }

  /** `select`; `orElse` says that there is a default case, whose index is -1. */
  select(cases: readonly SelectCase[], orElse = false): Go<Selected> {
    return selectOf(this.#heap, this.#random, cases, orElse);
  }

  newMutex(): Mutex {
    return new Mutex(this.#scheduler);
  }

  newWaitGroup(): WaitGroup {
    return new WaitGroup(this.#scheduler);
  }

  /**
   * runtime.SetFinalizer. `x` is an object, another pointer, or anything else that Go would refuse;
   * `finalizer` a function value, a JavaScript function (of the type wanted), or null to clear.
   * Throws Go's fatal errors as `GoFatal`.
   */
  SetFinalizer(x: unknown, finalizer: unknown): void {
    this.#finalizers.set(x, finalizer);
  }

  /**
   * runtime.AddCleanup: `fn` gets `arg` after the object is gone. `type` is that of `arg` where the
   * value does not say. Throws Go's panics as `GoPanic`.
   */
  AddCleanup(ptr: Obj | Pointer | null, fn: Func | FuncBody, arg: GoValue, type?: GoType): Cleanup {
    return this.#cleanups.add(ptr, fn, arg, type);
  }

  /** A function value. With captures it is a closure, an object that keeps them alive. */
  func(spec: FuncSpec, body: FuncBody): Func {
    const { captures = [] } = spec;
    if (captures.length === 0) return new Func(spec, body, null, []);
    try {
      for (const captured of captures) this.#frame.keep(captured);
      const closure = this.#frame.allocate(layoutOf(closureType(captures.length)));
      for (const [i, captured] of captures.entries()) closure.set(i + 1, captured);
      return new Func(spec, body, closure, captures);
    } finally {
      this.#frame.leave();
    }
  }

  /** A pointer into an object: to the value of that type at `offset` bytes. */
  pointerTo(object: Obj, offset: number, type: GoType): Obj {
    this.#heap.expectAlive(object);
    return object.inside(offset, layoutOf(type));
  }

  /** `&variable`, of a global or a stack slot that holds a value of that type. */
  addressOf(slot: Slot, type: GoType): Pointer {
    return new Pointer(slot.isGlobal ? 'global' : 'stack', type, slot);
  }

  /** `(*T)(nil)`; `name` is that of the pointer type, where it has one. */
  nil(type: GoType, name = ''): Pointer {
    return new Pointer('nil', type, null, name);
  }

  /** GOMAXPROCS has changed. */
  protected procsChanged(): void {
    this.#scheduler.resize(this.#heap.decider.world.scalars[SCALAR.procs]);
  }

  #hasOthers(): boolean {
    if (!this.#scheduler.running) return this.#scheduler.hasTasks;
    throw new HeaptapeError(
      'bad-usage',
      'runtime.Gosched in the body of a goroutine is written yield',
    );
  }

  #deadlock(): never {
    throw new GoFatal('all goroutines are asleep - deadlock!');
  }

  #newGoroutine(): Goroutine {
    this.#goroutineCount += 1;
    return new Goroutine(this.#heap, this.#heap.roots, this.#goroutineCount);
  }

  #spawn(goroutine: Goroutine, body: GoBody): Task {
    const task = new Task(goroutine, body);
    this.#scheduler.spawn(task);
    return task;
  }
}
