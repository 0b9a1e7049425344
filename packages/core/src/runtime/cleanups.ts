/**
 * runtime.AddCleanup, and the goroutines that call cleanups.
 *
 * 1. The checks are Go's, in its order; a failure is a panic, thrown before anything has changed.
 * 2. The argument is boxed: in a slot of 16 bytes if it is small and has no pointers, so that it shares
 *    no tiny block; else in an object of its type. A second object of 16 bytes is the adapter that
 *    calls the function; here it also leads to the function's closure.
 * 3. An object outside the heap gets a cleanup that never runs.
 * 4. There are up to max(1, GOMAXPROCS / 4) goroutines, each with a block of cleanups of its own. The
 *    first is created by the first AddCleanup, others by a later one that finds more blocks due.
 *
 * Follows `runtime/mcleanup.go` AddCleanup, runCleanups, needG and wake, Go 1.26.
 */
import { SCALAR } from '../heap/scalars.ts';
import { TINY_SIZE } from '../heap/sizeclasses.ts';
import { GoPanic } from './errors.ts';
import { Frame } from './frame.ts';
import { Func, type FuncBody } from './functype.ts';
import { GO } from './gotypes.ts';
import { Obj } from './heap.ts';
import { Pointer } from './pointers.ts';
import type { FunctionNumbers, Process } from './process.ts';
import type { SystemWork } from './scheduler.ts';
import { type Go, isRunning, type Task } from './task.ts';
import { type GoType, layoutOf } from './types.ts';
import { type GoValue, pointersOf } from './values.ts';

/** Span class of tiny blocks: two pointers into one block can be to two objects. */
const TINY_SPAN_CLASS = 5;
const SMALL_BOX = layoutOf({ name: '[2]uintptr', size: TINY_SIZE });
const ADAPTER = layoutOf({ name: 'runtime.callCleanup', size: 16, pointers: [1] });
const POINTER: GoType = { name: 'unsafe.Pointer', size: 8, pointers: [0], kind: 'pointer' };

function refuse(text: string): never {
  throw new GoPanic(`runtime.AddCleanup: ${text}`);
}

/** What AddCleanup returns. */
export class Cleanup {
  readonly #process: Process;
  readonly #id: number;

  constructor(process: Process, id: number) {
    this.#process = process;
    this.#id = id;
  }

  /** Takes the cleanup back, unless it is due already. */
  Stop(): void {
    if (this.#id !== 0) this.#process.heap.command((d) => d.specials.stopCleanup(this.#id));
  }
}

interface Call {
  readonly body: FuncBody;
  readonly arg: GoValue;
}

export class Cleanups implements SystemWork {
  readonly #process: Process;
  readonly #functions: FunctionNumbers;
  readonly #frame: Frame;
  readonly #calls = new Map<number, Call>();
  readonly #workers: Task[] = [];
  readonly #asleep: Task[] = [];
  /** Workers in the middle of a cleanup. */
  #calling = 0;

  constructor(process: Process, functions: FunctionNumbers) {
    this.#process = process;
    this.#functions = functions;
    this.#frame = new Frame(process.heap, process.heap.roots);
    process.scheduler.addSystemWork(this);
  }

  /** runtime.AddCleanup. `type` is that of `arg`, where the value does not say. */
  add(
    ptr: Obj | Pointer | null,
    fn: Func | FuncBody,
    arg: GoValue,
    type: GoType = typeOf(arg),
  ): Cleanup {
    const object = this.#check(ptr, fn, arg);
    const closure = fn instanceof Func ? fn.closure : null;
    const body = fn instanceof Func ? fn.body : fn;
    const frame = this.#frame;
    try {
      frame.keep(object);
      frame.keep(closure);
      for (const pointer of pointersOf(type, arg)) frame.keep(pointer);
      const box = this.#box(type, arg);
      if (object === null || object.id === 0) return new Cleanup(this.#process, 0);
      this.#createWorkers();
      const adapter = frame.allocate(ADAPTER);
      if (closure !== null) adapter.set(1, closure);
      const number = this.#functions.of(body);
      const id = this.#process.heap.command((d) =>
        d.specials.addCleanup(object.id, object.offset, number, box?.id ?? 0, adapter.id),
      );
      this.#calls.set(id, { body, arg });
      return new Cleanup(this.#process, id);
    } finally {
      frame.leave();
    }
  }

  get due(): boolean {
    return this.#asleep.length > 0 && this.#blocks > 0;
  }

  get pending(): boolean {
    return this.#workers.length > this.#calling && this.#blocks > 0;
  }

  wake(): void {
    for (let count = Math.min(this.#blocks, this.#asleep.length); count > 0; count -= 1) {
      const worker = this.#asleep.pop();
      if (worker !== undefined) this.#process.scheduler.ready(worker);
    }
  }

  /** Blocks of cleanups that are due. */
  get #blocks(): number {
    return this.#process.heap.decider.world.specials.cleanupBlocks.length;
  }

  /** The object; null for what lies outside the heap. */
  #check(ptr: Obj | Pointer | null, fn: Func | FuncBody, arg: GoValue): Obj | null {
    const { heap } = this.#process;
    if (ptr === null || (ptr instanceof Pointer && ptr.to === 'nil')) refuse('ptr is nil');
    if (ptr instanceof Pointer) {
      if (ptr.to === 'stack') refuse('ptr not in allocated block');
      return null;
    }
    heap.expectAlive(ptr);
    const { world } = heap.decider;
    if (arg instanceof Obj) {
      heap.expectAlive(arg);
      if (arg.id === ptr.id && arg.offset === ptr.offset) {
        refuse('ptr is equal to arg, cleanup will never run');
      }
      const tiny = world.siteClass[world.objects.siteOf(ptr.id)] === TINY_SPAN_CLASS;
      if (arg.id === ptr.id && !tiny) refuse('ptr is within arg, cleanup will never run');
    }
    if (fn instanceof Func && fn.closure !== null) {
      heap.expectAlive(fn.closure);
      if (ptr.id !== 0 && fn.captures.some((captured) => captured.id === ptr.id)) {
        refuse('cleanup function closes over ptr, cleanup will never run');
      }
    }
    return ptr;
  }

  #box(type: GoType, arg: GoValue): Obj | null {
    const layout = layoutOf(type);
    if (layout.size < TINY_SIZE && layout.scanBytes === 0) return this.#frame.allocate(SMALL_BOX);
    const box = this.#frame.allocate(layout);
    pointersOf(type, arg).forEach((target, i) => {
      if (target !== null) box.set(type.pointers?.[i] ?? 0, target);
    });
    return box;
  }

  #createWorkers(): void {
    const { scalars } = this.#process.heap.decider.world;
    const most = Math.max(1, Math.floor(scalars[SCALAR.procs] / 4));
    const missing = this.#blocks - this.#asleep.length;
    const wanted = this.#workers.length === 0 ? 1 : missing;
    for (let i = 0; i < wanted && this.#workers.length < most; i += 1) {
      const index = this.#workers.length;
      this.#workers.push(this.#process.startSystem((g) => this.#serve(index, g)));
    }
  }

  *#serve(index: number, g: unknown): Go {
    const { heap } = this.#process;
    for (;;) {
      const due = heap.command((d) => d.specials.takeCleanup(index));
      if (due === null) {
        this.#asleep.push(this.#workers[index]);
        yield 'park';
        continue;
      }
      const call = this.#calls.get(due.id);
      this.#calls.delete(due.id);
      this.#calling += 1;
      if (call !== undefined) {
        const result: unknown = Reflect.apply(call.body, undefined, [call.arg, g]);
        if (isRunning(result)) yield* result;
      }
      this.#calling -= 1;
      heap.command((d) => d.specials.cleanupReturned(due.id));
    }
  }
}

/** The type of an argument that says it itself. */
function typeOf(arg: GoValue): GoType {
  if (arg instanceof Obj) return POINTER;
  if (typeof arg === 'string') return GO.string;
  if (typeof arg === 'boolean') return GO.bool;
  if (arg === null) return { name: 'struct {}', size: 0 };
  if (typeof arg === 'number' || typeof arg === 'bigint') return GO.int;
  const pointers = 'pointers' in arg ? arg.pointers.map((_, i) => i) : [];
  return { name: 'struct', size: pointers.length * 8, pointers };
}
