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
import { configWith } from '../config.ts';
import type { RunConfig } from '../control.ts';
import type { BatchSink } from '../decide/journal.ts';
import { MAX_PROCS } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import type { EventListener } from './feed.ts';
import { Goroutine, Roots, Slot } from './goroutines.ts';
import { Heap, type Obj } from './heap.ts';
import { type GCStats, type MemStats, readGCStats, readMemStats } from './memstats.ts';
import { allMetrics, type MetricSample, readMetrics } from './metrics.ts';
import type { MetricDescription } from './metrics_list.ts';
import { append, makeSlice, type Slice } from './slices.ts';
import { type GoType, layoutOf } from './types.ts';

export interface RuntimeOptions {
  /** GOGC: a percentage, or off (also any negative number). 100 when left out. */
  readonly gogc?: number | 'off';
  /** GOMEMLIMIT, bytes; Infinity, or left out, is none. */
  readonly memoryLimit?: number;
  /** GOMAXPROCS; 4 when left out. */
  readonly procs?: number;
  readonly collector?: RunConfig['collector'];
  readonly layout?: RunConfig['layout'];
  /** Seed of every random decision. */
  readonly seed?: number;
  /** The rest of the configuration: costs, and memory outside the heap. */
  readonly config?: Partial<RunConfig>;
  /** Receives the events in batches, for a tape. Call `end` for the last one. */
  readonly sink?: BatchSink;
}

/** Virtual time of a call of Gosched, ns. */
const GOSCHED_NS = 200;

/** Package runtime/debug. */
export class Debug {
  readonly #heap: Heap;
  #memoryLimit: number;

  constructor(heap: Heap, memoryLimit: number) {
    this.#heap = heap;
    this.#memoryLimit = memoryLimit;
  }

  /** Sets GOGC, negative for off; returns the setting before, -1 for off. */
  SetGCPercent(percent: number): number {
    if (!Number.isInteger(percent)) {
      throw new HeaptapeError('bad-usage', `GOGC is a whole number, not ${percent}`);
    }
    return this.#heap.command((decider) => decider.setGCPercent(percent));
  }

  /** Sets the memory limit, bytes; Infinity is none, a negative number only asks. */
  SetMemoryLimit(bytes: number): number {
    const before = this.#memoryLimit;
    if (bytes < 0) return before;
    if (bytes !== Infinity && !Number.isSafeInteger(bytes)) {
      throw new HeaptapeError('bad-usage', `a memory limit is a number of bytes, not ${bytes}`);
    }
    this.#memoryLimit = bytes;
    // A limit of no bytes at all acts like one of a single byte; the command's 0 means none.
    const limit = bytes === Infinity ? 0 : Math.max(1, bytes);
    this.#heap.command((decider) => decider.setMemoryLimit(limit));
    return before;
  }

  /** Collects, then returns every free page to the system. */
  FreeOSMemory(): void {
    this.#heap.command((decider) => decider.freeOSMemory());
  }

  /** Pauses, newest first; PauseQuantiles has `quantiles` entries. */
  ReadGCStats(quantiles = 5): GCStats {
    return readGCStats(this.#heap.decider.world, quantiles);
  }
}

/** Package runtime/metrics. */
export class Metrics {
  readonly #heap: Heap;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** Every metric there is, described. */
  All(): readonly MetricDescription[] {
    return allMetrics();
  }

  /** The metrics of these names, as they are; of kind `bad` where there is none of that name. */
  Read(names: readonly string[]): MetricSample[] {
    return readMetrics(this.#heap.decider.world, names);
  }
}

/** A simulated Go process. */
export class Runtime {
  readonly #heap: Heap;
  readonly #roots = new Roots();
  readonly #globals = new Map<string, Slot>();
  readonly #goroutines = new Set<Goroutine>();
  readonly #scratch: Slot;
  readonly debug: Debug;
  readonly metrics: Metrics;
  /** The main goroutine. */
  readonly main: Goroutine;
  #goroutineCount = 0;

  constructor(options: RuntimeOptions) {
    const config = configOf(options);
    this.#heap = new Heap(config, options.sink ?? null);
    this.debug = new Debug(this.#heap, options.memoryLimit ?? Infinity);
    this.metrics = new Metrics(this.#heap);
    this.#scratch = new Slot(this.#heap, this.#roots.take());
    this.main = this.go();
    this.main.resume();
  }

  /** The state. For reading only. */
  get world(): World {
    return this.#heap.decider.world;
  }

  /** runtime.GC(): a complete collection and its sweep. */
  GC(): void {
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
    return before;
  }

  /** Lets others run: a little time passes, in which the collector gets on. */
  Gosched(): void {
    this.run(GOSCHED_NS);
  }

  NumGoroutine(): number {
    for (const g of this.#goroutines) if (g.exited) this.#goroutines.delete(g);
    return this.#goroutines.size;
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

  /** `make([]T, len, cap)`. */
  make(elem: GoType, len: number, cap: number = len): Slice {
    return makeSlice(this.#heap, elem, len, cap);
  }

  /** `append(slice, ...values)`; null appends a zero value. */
  append(slice: Slice, ...values: readonly (Obj | null)[]): Slice {
    return append(this.#heap, this.#scratch, slice, values);
  }

  /** The package-level pointer variable of that name. */
  global(name: string): Slot {
    const known = this.#globals.get(name);
    if (known !== undefined) return known;
    const slot = new Slot(this.#heap, this.#roots.take());
    this.#globals.set(name, slot);
    return slot;
  }

  /** A new goroutine. It runs once it is told to `resume`. */
  go(): Goroutine {
    this.#goroutineCount += 1;
    const goroutine = new Goroutine(this.#heap, this.#roots, this.#goroutineCount);
    this.#goroutines.add(goroutine);
    return goroutine;
  }

  /** The program computes for `ns` nanoseconds. */
  run(ns: number): void {
    if (!Number.isSafeInteger(ns) || ns < 0) {
      throw new HeaptapeError('bad-usage', `a duration is a whole number of ns, not ${ns}`);
    }
    this.#heap.command((decider) => decider.run(ns));
  }

  /** Calls `listener` for every event from here on; returns what ends that. */
  subscribe(listener: EventListener): () => void {
    return this.#heap.feed.subscribe(listener);
  }

  /** Ends the run: the last events reach listeners and sink. */
  end(): void {
    this.#heap.command((decider) => decider.end());
  }
}

function configOf(options: RuntimeOptions): RunConfig {
  const { gogc = 100, memoryLimit = Infinity, procs, collector, layout, seed } = options;
  const limit = memoryLimit === Infinity ? 0 : Math.max(1, memoryLimit);
  const config = configWith({
    nonHeapBytes: -1,
    ...options.config,
    gcPercent: gogc === 'off' ? -1 : Math.max(-1, gogc),
    memoryLimit: limit,
    ...(procs === undefined ? {} : { procs }),
    ...(collector === undefined ? {} : { collector }),
    ...(layout === undefined ? {} : { layout }),
    ...(seed === undefined ? {} : { seed }),
  });
  const whole = Number.isInteger(config.gcPercent) && Number.isSafeInteger(config.memoryLimit);
  if (
    !whole ||
    !(Number.isInteger(config.procs) && config.procs > 0 && config.procs <= MAX_PROCS)
  ) {
    throw new HeaptapeError('bad-usage', 'GOGC, the memory limit and GOMAXPROCS are whole numbers');
  }
  return config;
}

/** Starts a simulated Go process. Throws `bad-usage` for options that Go would not take. */
export function createRuntime(options: RuntimeOptions = {}): Runtime {
  return new Runtime(options);
}
