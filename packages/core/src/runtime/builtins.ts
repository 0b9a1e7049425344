/**
 * What a Go program does to values: `make`, `append`, conversions, functions as values.
 *
 * One object a process; it holds what these operations share: the frame that keeps objects while
 * something is being made of them, and the numbers that are random in Go.
 */
import { Frame } from './frame.ts';
import type { Roots, Slot } from './goroutines.ts';
import type { Heap } from './heap.ts';
import {
  box,
  boxConstant,
  type Capture,
  type Closure,
  closureOver,
  type Iface,
} from './interfaces.ts';
import { mapTypeOf } from './mapgroups.ts';
import { MapHasher } from './maphash.ts';
import { entriesOf, type IterationContext, type MapEntry } from './mapiteration.ts';
import { type GoMap, makeMap } from './maps.ts';
import { Pool, type PoolOptions, PoolRegistry, type Sync } from './pool.ts';
import { append, appendSlice, makeSlice, nilSlice, type Slice } from './slices.ts';
import { StringsBuilder } from './stringbuilder.ts';
import {
  bytesOf,
  concat,
  type GoString,
  makeString,
  runesOf,
  type StringLike,
  stringOfRune,
  stringOfRunes,
} from './strings.ts';
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

  /** `append(slice, other...)`. */
  appendSlice(slice: Slice, other: Slice): Slice {
    return appendSlice(this.#frame, slice, other);
  }

  /** `string(bytes)`: a new string that says `text`. */
  string(text: string): GoString {
    return makeString(this.#context.heap, text);
  }

  /** `string(runes)` and `string(rune)`, which allocate more than they need. */
  stringOfRunes(text: string): GoString {
    return stringOfRunes(this.#context.heap, text);
  }

  stringOfRune(character: string): GoString {
    return stringOfRune(this.#context.heap, character);
  }

  /** `a + b + …`. */
  concat(...parts: readonly StringLike[]): GoString {
    return concat(this.#frame, parts);
  }

  /** `[]byte(s)`. */
  bytes(value: StringLike): Slice {
    return bytesOf(this.#context.heap, value);
  }

  /** `[]rune(s)`. */
  runes(value: StringLike): Slice {
    return runesOf(this.#context.heap, value);
  }

  /** A strings.Builder whose buffer that variable holds. */
  stringsBuilder(holder: Slot): StringsBuilder {
    return new StringsBuilder(this.#frame, holder);
  }

  /** `any(variable)`: a value in an interface. */
  box(type: GoType, value: GoValue): Iface {
    return box(this.#frame, type, value);
  }

  /** `any(constant)`. Allocates nothing. */
  boxConstant(type: GoType, value: GoValue): Iface {
    return boxConstant(type, value);
  }

  /** A function literal that closes over variables by value; give a pointer for one that does not. */
  closure(...captures: readonly Capture[]): Closure {
    return closureOver(this.#frame, captures);
  }

  /** `receiver.Method` as a value. */
  methodValue(type: GoType, receiver: GoValue): Closure {
    return closureOver(this.#frame, [[type, receiver]]);
  }
}
