/**
 * The Go-shaped interface: a simulated process with `runtime`, `debug`, `new`, `make`, globals and
 * goroutines. Everything it does is a command to a Decider, so that what it does can be taped.
 *
 * 1. `new` and `make` give handles. A handle is no root: only globals, stack slots and fields keep an
 *    object alive. The newest object survives until the next call; store it then.
 * 2. Time is virtual. Each operation takes what the cost model says; `run` passes some more.
 * 3. Listeners hear of every event once the call that caused it is about to return.
 *
 * Names and meanings are those of Go 1.26's packages runtime and runtime/debug.
 */
import { HeaptapeError } from '@heaptape/schema';
import { MAX_PROCS } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import { Debug } from './debug.ts';
import type { EventListener } from './feed.ts';
import { Slot } from './goroutines.ts';
import { Heap, type Obj } from './heap.ts';
import { type MemStats, readMemStats } from './memstats.ts';
import { Metrics } from './metricsreader.ts';
import { configOf, type RuntimeOptions } from './options.ts';
import { Program } from './program.ts';
import { type GoType, layoutOf } from './types.ts';

/** A simulated Go process. */
export class Runtime extends Program {
  readonly #heap: Heap;
  readonly #globals = new Map<string, Slot>();
  readonly debug: Debug;
  readonly metrics: Metrics;

  constructor(options: RuntimeOptions) {
    const config = configOf(options);
    const heap = new Heap(config, options.sink ?? null, options.watcher ?? null);
    super(heap, config.seed);
    this.#heap = heap;
    this.debug = new Debug(heap, options.memoryLimit ?? Infinity);
    this.metrics = new Metrics(heap);
    if (options.singleSteps === true) heap.command((decider) => decider.setMarkSteps(true));
    if (options.detail === 'fine') heap.command((decider) => decider.setMarkDetail(true));
  }

  /** The state. For reading only. */
  get world(): World {
    return this.#heap.decider.world;
  }

  /** runtime.GC(): a complete collection and its sweep. */
  GC(): void {
    this.#heap.fade();
    this.#heap.command((decider) => decider.collect());
  }

  /** Flushes every mcache and returns the statistics. */
  ReadMemStats(): MemStats {
    this.#heap.command((decider) => decider.readMemStats());
    return readMemStats(this.world);
  }

  /** There is no such variable; the error says what to do instead. */
  get MemStats(): MemStats {
    const refuse = (_: MemStats, field: string | symbol): never => {
      throw new HeaptapeError(
        'refused',
        `runtime.MemStats.${String(field)} cannot be read: since Go 1 MemStats is a type, not a variable`,
        `call ReadMemStats() and read ${String(field)} of what it returns`,
      );
    };
    return new Proxy(readMemStats(this.world), { get: refuse });
  }

  /** Sets the number of Ps if `n` is 1 or more; returns the number before. */
  GOMAXPROCS(n: number): number {
    const before = this.world.scalars[SCALAR.procs];
    if (n < 1 || n === before) return before;
    this.#heap.command((decider) => decider.setProcs(Math.min(n, MAX_PROCS)));
    this.procsChanged();
    return before;
  }

  /**
   * States that the object is still needed here. A handle keeps nothing alive, so this checks
   * rather than keeps: it throws `refused` when the object has been collected.
   */
  KeepAlive(object: Obj | null): void {
    if (object !== null) this.#heap.expectAlive(object);
  }

  /** `new(T)`. */
  new(type: GoType): Obj {
    return this.#heap.allocate(layoutOf(type));
  }

  /** The package-level pointer variable of that name. */
  global(name: string): Slot {
    const known = this.#globals.get(name);
    if (known !== undefined) return known;
    const slot = new Slot(this.#heap, this.#heap.roots.take(`global ${name}`), true);
    this.#globals.set(name, slot);
    return slot;
  }

  /** Calls `listener` for every event from here on; returns what ends that. */
  subscribe(listener: EventListener): () => void {
    return this.#heap.feed.subscribe(listener);
  }

  /** Hands what is recorded so far to the sink. */
  flush(): void {
    this.#heap.decider.flush();
  }

  /** Ends the run: the last events reach listeners and sink. */
  end(): void {
    this.#heap.fade();
    this.#heap.command((decider) => decider.end());
  }
}

/** Starts a simulated Go process. Throws `bad-usage` for options that Go would not take. */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  return new Runtime(options);
}
