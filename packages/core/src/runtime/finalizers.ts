/**
 * runtime.SetFinalizer, and the goroutine that calls finalizers.
 *
 * 1. The arguments are checked in Go's order and with Go's texts. Every failure is fatal there, and a
 *    `GoFatal` here, thrown before anything has changed.
 * 2. Objects outside the heap (of size zero, globals) are accepted and ignored, even with a second
 *    argument that would be refused.
 * 3. The first finalizer set creates the one goroutine that calls them all, one after the other: as
 *    long as one of them waits, so do the rest. It is made ready when a P looks for work.
 * 4. A finalizer gets the object, which is alive again and has no finalizer any more. If nobody keeps
 *    it, the next cycle frees it. A finalizer that throws crashes the program.
 * 5. The end of the program runs none.
 *
 * Follows `runtime/mfinal.go` SetFinalizer, createfing and runFinalizers, Go 1.26. Deviations: no user
 * arenas, no GODEBUG=sbrk.
 */

import { TINY_SIZE } from '../heap/sizeclasses.ts';
import { findSpecial, SPECIAL_KIND } from '../heap/specials.ts';
import { GoFatal } from './errors.ts';
import { Func, type FuncBody, pointerTypeName, takes } from './functype.ts';
import { Obj } from './heap.ts';
import { Pointer, typeNameOf } from './pointers.ts';
import type { FunctionNumbers, Process } from './process.ts';
import type { SystemWork } from './scheduler.ts';
import { type Go, isRunning, type Task } from './task.ts';

function refuse(text: string): never {
  throw new GoFatal(`runtime.SetFinalizer: ${text}`);
}

interface Call {
  readonly object: Obj;
  readonly body: FuncBody;
}

export class Finalizers implements SystemWork {
  readonly #process: Process;
  readonly #functions: FunctionNumbers;
  /** By number of the special. */
  readonly #calls = new Map<number, Call>();
  #goroutine: Task | null = null;
  #waiting = false;
  #calling = false;

  constructor(process: Process, functions: FunctionNumbers) {
    this.#process = process;
    this.#functions = functions;
    process.scheduler.addSystemWork(this);
  }

  /** runtime.SetFinalizer. */
  set(x: unknown, finalizer: unknown): void {
    const object = this.#checkObject(x);
    if (object === null) return;
    if (finalizer === null || finalizer === undefined) {
      this.#clear(object);
      return;
    }
    const body = checkFinalizer(object, finalizer);
    const closure = finalizer instanceof Func ? finalizer.closure : null;
    const { heap } = this.#process;
    if (closure !== null) heap.expectAlive(closure);
    if (this.#find(object) !== 0) refuse('finalizer already set');
    this.#create();
    const fn = this.#functions.of(body);
    heap.command((d) => d.specials.setFinalizer(object.id, object.offset, fn, closure?.id ?? 0));
    this.#calls.set(heap.decider.world.specials.count, { object, body });
  }

  get due(): boolean {
    return this.#waiting && this.pending;
  }

  get pending(): boolean {
    const { finq, finRunning } = this.#process.heap.decider.world.specials;
    return !this.#calling && (finq.length > 0 || finRunning.length > 0);
  }

  wake(): void {
    this.#waiting = false;
    if (this.#goroutine !== null) this.#process.scheduler.ready(this.#goroutine);
  }

  /** The object whose finalizer is meant; null for what Go ignores. */
  #checkObject(x: unknown): Obj | null {
    if (x === null || x === undefined) refuse('first argument is nil');
    if (!(x instanceof Obj || x instanceof Pointer)) {
      refuse(`first argument is ${typeNameOf(x)}, not pointer`);
    }
    if (x instanceof Pointer) {
      if (x.to === 'global') return null;
      refuse('pointer not in allocated block');
    }
    this.#process.heap.expectAlive(x);
    if (x.id === 0) return null;
    const { scanBytes, size } = x.layout;
    // A pointer into an object passes where it could be one to a part of a tiny block.
    if (x.offset !== 0 && (scanBytes > 0 || size >= TINY_SIZE)) {
      refuse('pointer not at beginning of allocated block');
    }
    return x;
  }

  #find(object: Obj): number {
    const { world } = this.#process.heap.decider;
    return findSpecial(world, object.id, object.offset, SPECIAL_KIND.finalizer);
  }

  #clear(object: Obj): void {
    this.#calls.delete(this.#find(object));
    this.#process.heap.command((d) => d.specials.clearFinalizer(object.id, object.offset));
  }

  #create(): void {
    if (this.#goroutine !== null) return;
    this.#goroutine = this.#process.startSystem((g) => this.#serve(g));
  }

  *#serve(g: unknown): Go {
    const { heap } = this.#process;
    for (;;) {
      const call = this.#take();
      if (call === null) {
        this.#waiting = true;
        yield 'park';
        continue;
      }
      this.#calling = true;
      const result: unknown = Reflect.apply(call.body, undefined, [call.object, g]);
      if (isRunning(result)) yield* result;
      this.#calling = false;
      heap.command((d) => d.specials.finalizerReturned());
    }
  }

  #take(): Call | null {
    const { heap } = this.#process;
    const { specials } = heap.decider.world;
    if (heap.command((d) => d.specials.takeFinalizer()) === null) return null;
    const call = this.#calls.get(specials.finCurrent) ?? null;
    this.#calls.delete(specials.finCurrent);
    return call;
  }
}

/** The function to call. Throws Go's fatal error where Go would not take it for this object. */
function checkFinalizer(object: Obj, finalizer: unknown): FuncBody {
  if (typeof finalizer === 'function') return finalizer as FuncBody;
  const name = typeNameOf(finalizer);
  if (!(finalizer instanceof Func)) refuse(`second argument is ${name}, not a function`);
  const { params, variadic } = finalizer.type;
  const cannot = `cannot pass ${pointerTypeName(object)} to finalizer ${name}`;
  if (variadic === true) refuse(`${cannot} because dotdotdot`);
  if (params.length !== 1 || !takes(params[0], object)) refuse(cannot);
  return finalizer.body;
}
