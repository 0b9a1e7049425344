/**
 * What a Go program does to values: `make`, `append`, conversions, functions as values.
 *
 * One object a process; it holds what these operations share: the frame that keeps objects while
 * something is being made of them, and the numbers that are random in Go.
 */
import { Frame } from './frame.ts';
import type { Roots } from './goroutines.ts';
import type { Heap } from './heap.ts';
import { mapTypeOf } from './mapgroups.ts';
import { MapHasher } from './maphash.ts';
import { entriesOf, type IterationContext, type MapEntry } from './mapiteration.ts';
import { type GoMap, makeMap } from './maps.ts';
import { Pool, type PoolOptions, PoolRegistry, type Sync } from './pool.ts';
import { append, makeSlice, nilSlice, type Slice } from './slices.ts';
import type { GoType } from './types.ts';
import type { GoValue } from './values.ts';

export class Builtins {
  readonly #frame: Frame;
  readonly #context: IterationContext;
  /** Package sync. */
  readonly sync: Sync;
  #pools: PoolRegistry | undefined;

  constructor(heap: Heap, roots: Roots, seed: number) {
    this.#frame = new Frame(heap, roots);
    this.#context = { heap, roots, hasher: new MapHasher(seed) };
    const registry = (): PoolRegistry => {
      this.#pools ??= new PoolRegistry(this.#frame, roots);
      return this.#pools;
    };
    this.sync = {
      Pool: class extends Pool {
        constructor(options: PoolOptions = {}) {
          super(registry(), options);
        }
      },
    };
  }

  /** `make([]T, len, cap)`. */
  make(elem: GoType, len: number, cap: number = len): Slice {
    return makeSlice(this.#context.heap, elem, len, cap);
  }

  /** `[]T(nil)`. */
  nilSlice(elem: GoType): Slice {
    return nilSlice(elem);
  }

  /** `append(slice, ...values)`; null appends a zero value. */
  append(slice: Slice, ...values: readonly GoValue[]): Slice {
    return append(this.#frame, slice, values);
  }

  /** `make(map[key]elem, hint)`: `hint` entries without growing, on average. */
  makeMap(key: GoType, elem: GoType, hint = 0): GoMap {
    return makeMap(this.#frame, this.#context.hasher, mapTypeOf(key, elem), hint);
  }

  /** `range m`, in Go's order: a random one, the same in every run with this seed. */
  range(map: GoMap): Generator<MapEntry, void> {
    return entriesOf(this.#context, map);
  }
}
