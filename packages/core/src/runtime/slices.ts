/**
 * Slices: a view of an array on the simulated heap, and the growth of `append`.
 *
 * The slice itself (pointer, length, capacity) is a JavaScript value, as a Go slice in registers
 * is; its array is an object, which a slot or field has to hold. Follows `runtime/slice.go`
 * nextslicecap and growslice, Go 1.18 to 1.26: twice the capacity below 256 elements, then a
 * quarter and 192 more, rounded up to what a slot holds.
 */
import { HeaptapeError } from '@heaptape/schema';
import { roundUpSize } from '../heap/sizeclasses.ts';
import { runtimeError } from './errors.ts';
import type { Frame } from './frame.ts';
import type { Heap, Obj } from './heap.ts';
import { arrayLayout, type GoType, layoutOf } from './types.ts';
import { type GoValue, type Held, pointersOf } from './values.ts';

/** Below this capacity a slice that grows doubles. */
const DOUBLING_LIMIT = 256;
/** Bytes of the address space. */
const MAX_ALLOC = 2 ** 48;

/** A Go slice of `elem`. */
export class Slice implements Held {
  readonly elem: GoType;
  /** The array; null when there is none. */
  readonly array: Obj | null;
  /** Index in the array of the first element. */
  readonly start: number;
  readonly len: number;
  readonly cap: number;

  constructor(elem: GoType, array: Obj | null, start: number, len: number, cap: number) {
    this.elem = elem;
    this.array = array;
    this.start = start;
    this.len = len;
    this.cap = cap;
  }

  get pointers(): readonly (Obj | null)[] {
    return [this.array];
  }

  /** Pointer word `word` of element `index`. */
  get(index: number, word = 0): Obj | null {
    return this.#at(index).get(this.#word(index, word));
  }

  /** Makes pointer word `word` of element `index` point to `target`. */
  set(index: number, target: Obj | null, word = 0): void {
    this.#at(index).set(this.#word(index, word), target);
  }

  /** `s[low:high]`, over the same array. */
  slice(low: number, high: number = this.len): Slice {
    if (high < 0) throw runtimeError(`slice bounds out of range [:${high}]`);
    if (high > this.cap) {
      throw runtimeError(`slice bounds out of range [:${high}] with capacity ${this.cap}`);
    }
    if (low < 0) throw runtimeError(`slice bounds out of range [${low}:]`);
    if (low > high) throw runtimeError(`slice bounds out of range [${low}:${high}]`);
    return new Slice(this.elem, this.array, this.start + low, high - low, this.cap - low);
  }

  #at(index: number): Obj {
    if (this.array === null || !(index >= 0 && index < this.len)) {
      const length = index < 0 ? '' : ` with length ${this.len}`;
      throw runtimeError(`index out of range [${index}]${length}`);
    }
    return this.array;
  }

  #word(index: number, word: number): number {
    return ((this.start + index) * this.elem.size) / 8 + word;
  }
}

/** `make([]elem, len, cap)`. Throws Go's panics for numbers that make no slice. */
export function makeSlice(heap: Heap, elem: GoType, len: number, cap: number): Slice {
  if (!Number.isInteger(len) || !Number.isInteger(cap)) {
    throw new HeaptapeError('bad-usage', `a slice of length ${len} and capacity ${cap}`);
  }
  if (len < 0 || len > cap || elem.size * cap > MAX_ALLOC) {
    const which = len < 0 || elem.size * len > MAX_ALLOC ? 'len' : 'cap';
    throw runtimeError(`makeslice: ${which} out of range`);
  }
  const array = heap.allocate(arrayLayout(elem, cap, cap * elem.size));
  return new Slice(elem, array, 0, len, cap);
}

/** Capacity that a slice of capacity `cap` asks for when it must hold `len` elements. */
export function nextCapacity(len: number, cap: number): number {
  if (len > cap * 2) return len;
  if (cap < DOUBLING_LIMIT) return cap * 2;
  let next = cap;
  while (next < len) next += Math.floor((next + 3 * DOUBLING_LIMIT) / 4);
  return next;
}

/** `[]elem(nil)`. */
export function nilSlice(elem: GoType): Slice {
  return new Slice(elem, null, 0, 0, 0);
}

/** `append(slice, ...values)`. The frame holds array and values while they are copied. */
export function append(frame: Frame, slice: Slice, values: readonly GoValue[]): Slice {
  const { elem } = slice;
  const words = elem.pointers ?? [];
  const added = values.map((value) => pointersOf(elem, value));
  try {
    frame.keep(slice.array);
    for (const objects of added) for (const object of objects) frame.keep(object);
    const grown = withRoom(frame, slice, slice.len + values.length);
    added.forEach((objects, i) => {
      words.forEach((word, k) => {
        const object = objects[k] ?? null;
        const at = slice.len + i;
        if (object !== null || grown.get(at, word) !== null) grown.set(at, object, word);
      });
    });
    return grown;
  } finally {
    frame.leave();
  }
}

/**
 * The slice with `len` elements, in a new array if the old one has not the capacity. Leaves the
 * frame, which holds that array, to the caller.
 */
export function withRoom(frame: Frame, slice: Slice, len: number): Slice {
  const { elem, start } = slice;
  if (len <= slice.cap) return new Slice(elem, slice.array, start, len, slice.cap);
  const noscan = layoutOf(elem).scanBytes === 0;
  const bytes = roundUpSize(nextCapacity(len, slice.cap) * elem.size, noscan);
  const cap = elem.size === 0 ? len : Math.floor(bytes / elem.size);
  const array = frame.allocate(arrayLayout(elem, cap, cap * elem.size));
  const grown = new Slice(elem, array, 0, len, cap);
  for (let i = 0; i < slice.len; i += 1) {
    for (const word of elem.pointers ?? []) {
      const value = slice.get(i, word);
      if (value !== null) grown.set(i, value, word);
    }
  }
  return grown;
}

/** `append(slice, other...)`. */
export function appendSlice(frame: Frame, slice: Slice, other: Slice): Slice {
  try {
    frame.keep(slice.array);
    frame.keep(other.array);
    const grown = withRoom(frame, slice, slice.len + other.len);
    // Both may lie in one array: no element is overwritten before it is copied.
    const ascending = grown.start + slice.len <= other.start;
    for (const word of slice.elem.pointers ?? []) {
      for (let n = 0; n < other.len; n += 1) {
        const i = ascending ? n : other.len - 1 - n;
        const value = other.get(i, word);
        const at = slice.len + i;
        if (value !== null || grown.get(at, word) !== null) grown.set(at, value, word);
      }
    }
    return grown;
  } finally {
    frame.leave();
  }
}
