/**
 * What the twins share: the probes of the Go programs (package probe), and the ways of a Go program that
 * the library leaves to its caller.
 *
 * A twin is the Go program beside it, written against @heaptape/core: `main` prints by `out` what the Go
 * program prints. Local variables of a Go function are roots only in so far as a twin says so, by `call`.
 */
import {
  configWith,
  createRuntime,
  DEFAULT_COSTS,
  type Go,
  GoFatal,
  GoPanic,
  type Goroutine,
  type GoType,
  type MemStats,
  type Obj,
  type RunConfig,
  type Runtime,
  type RuntimeOptions,
  type Slot,
} from '@heaptape/core';
import type { Outcome } from './expected.ts';

export interface Twin {
  readonly options?: RuntimeOptions;
  readonly main: (kit: Kit) => unknown;
}

/** By how much figures of MemStats moved. */
export interface Change {
  readonly Mallocs: number;
  readonly Frees: number;
  readonly Bytes: number;
  readonly Alloc: number;
  readonly Objects: number;
}

/** Thrown by `exit`. */
class Exit extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`exit ${status}`);
    this.status = status;
  }
}

const REST_NS = 10_000_000;

/**
 * The process and the machine of the recordings, as gctrace and MemStats of an idle program showed them:
 * what lies outside the heap, and what things cost.
 */
export const RECORDED: RunConfig = configWith({
  stackBytes: 13_400,
  globalsBytes: 154_602,
  nonHeapBytes: -1,
  costs: {
    ...DEFAULT_COSTS,
    allocNs: 15,
    allocNsPerByte: 0.06,
    markNsPerByte: 0.4,
    idleMarkProcs: 0,
    sweepTermPauses: [5000, 5000, 6000, 10_000, 34_000],
    markTermPauses: [1000, 1000, 3000, 10_000, 44_000],
  },
});

export class Kit {
  readonly rt: Runtime;
  /** The main goroutine. */
  readonly g: Goroutine;
  readonly lines: string[] = [];
  readonly #said: string[] = [];
  readonly #free: Slot[] = [];

  constructor(rt: Runtime, g: Goroutine) {
    this.rt = rt;
    this.g = g;
  }

  /** fmt.Println. */
  readonly out = (...words: readonly unknown[]): void => {
    this.lines.push(words.map(String).join(' '));
  };

  /** Leaves a word for `rest` to find. */
  readonly say = (word: unknown): void => {
    this.#said.push(String(word));
  };

  /** One P, and no collection but those asked for. */
  still(): void {
    this.rt.GOMAXPROCS(1);
    this.rt.debug.SetGCPercent(-1);
    for (let i = 0; i < 3; i += 1) this.rt.GC();
  }

  /** Lets every finalizer and cleanup that is due run; their words, or "-". */
  *rest(): Go<string> {
    yield* this.rt.sleep(REST_NS);
    return this.#said.splice(0).join(' ') || '-';
  }

  *collect(): Go<string> {
    this.rt.GC();
    return yield* this.rest();
  }

  measure(act: () => void): Change {
    const before = this.rt.ReadMemStats();
    act();
    const after = this.rt.ReadMemStats();
    return {
      Mallocs: after.Mallocs - before.Mallocs,
      Frees: after.Frees - before.Frees,
      Bytes: after.TotalAlloc - before.TotalAlloc,
      Alloc: after.HeapAlloc - before.HeapAlloc,
      Objects: after.HeapObjects - before.HeapObjects,
    };
  }

  stats(): MemStats {
    return this.rt.ReadMemStats();
  }

  /** Objects in the size class of that many bytes. */
  live(size: number): number {
    const row = this.stats().BySize.find(({ Size }) => Size === size);
    if (row === undefined) throw new Error(`no size class of ${size} in BySize`);
    return row.Mallocs - row.Frees;
  }

  /** A function of the program: what it holds is a root until it returns. */
  call<T>(body: (hold: (object: Obj) => Obj) => T): T {
    const used: Slot[] = [];
    const hold = (object: Obj): Obj => {
      const slot = this.#free.pop() ?? this.g.slot();
      used.push(slot);
      slot.set(object);
      return object;
    };
    try {
      return body(hold);
    } finally {
      for (const slot of used) slot.set(null);
      this.#free.push(...used);
    }
  }

  /** Calls and tells what it panicked with, or "ok". */
  attempt(act: () => void): string {
    try {
      act();
      return 'ok';
    } catch (error) {
      if (error instanceof GoPanic) return error.message;
      throw error;
    }
  }

  /** os.Exit. */
  exit(status: number): never {
    throw new Exit(status);
  }
}

/** A type of that size whose words of these numbers are pointers. */
export function typeOf(name: string, size: number, pointers: readonly number[] = []): GoType {
  return { name, size, pointers };
}

/** `struct { name string; next *T }`. */
export const NODE: GoType = typeOf('main.object', 24, [0, 2]);
/** `struct { next *T; ... }` in the size class of 5,376 bytes, which nothing else uses. */
export const BIG: GoType = typeOf('main.object', 5008, [0]);

/** A function value that takes a `*main.object`. */
export const ON_OBJECT: { readonly params: readonly string[] } = { params: ['*main.object'] };

/** Runs a twin as a process. */
export function runTwin({ main, options = {} }: Twin): Outcome {
  const rt = createRuntime({ procs: 2, config: RECORDED, ...options });
  let kit: Kit | null = null;
  let status = 0;
  let fatal: string | null = null;
  try {
    rt.start((g) => {
      kit = new Kit(rt, g);
      return main(kit);
    });
  } catch (error) {
    if (error instanceof Exit) status = error.status;
    else if (error instanceof GoFatal || error instanceof GoPanic) {
      status = 2;
      fatal = error.message;
    } else throw error;
  }
  return { status, fatal, stdout: kit === null ? [] : linesOf(kit) };
}

const linesOf = ({ lines }: Kit): readonly string[] => lines;
