/**
 * Interfaces and functions as values: what boxing and closing over variables allocates.
 *
 * 1. An interface is a type and a pointer. A value that is one pointer is put there itself; any other
 *    is copied to memory of its own, which is boxing.
 * 2. Nothing is allocated for constants, for values of size zero, for single bytes and bools, for
 *    integers below 256 that have 2, 4 or 8 bytes, and for empty strings and nil slices: those lie
 *    in tables outside the heap.
 * 3. A closure is the address of the code and, in the order of their first use, the variables closed
 *    over: by value what is never assigned again and has at most 128 bytes, else a pointer to
 *    the variable, which is then on the heap. One that closes over nothing is no object.
 * 4. A method value is a closure over its receiver.
 *
 * Follows `runtime/iface.go` convT and its kin, `cmd/compile/internal/walk/convert.go` dataWord and
 * `cmd/compile/internal/typecheck/func.go` ClosureType, Go 1.26, for values that escape.
 */
import type { Frame } from './frame.ts';
import { alignOf, structOf } from './gotypes.ts';
import type { Obj } from './heap.ts';
import { type GoType, layoutOf } from './types.ts';
import { type GoValue, type Held, identityOf, isList, pointersOf } from './values.ts';

/** Integers below have a place in a table. */
const STATIC_INTEGERS = 256;

/** A value in an interface. */
export class Iface implements Held {
  readonly type: GoType;
  readonly value: GoValue;
  /** What the data pointer points to; null outside the heap. */
  readonly data: Obj | null;

  constructor(type: GoType, value: GoValue, data: Obj | null) {
    this.type = type;
    this.value = value;
    this.data = data;
  }

  get pointers(): readonly (Obj | null)[] {
    return [null, this.data];
  }

  /** Interfaces are equal when types and values are. A NaN equals nothing. */
  get identity(): string | number {
    const id = identityOf(this.value);
    if (Number.isNaN(id)) return Number.NaN;
    return `i${this.type.name} ${typeof id === 'number' ? id + 0 : id}`;
  }
}

/** A function value that closes over something, or not. */
export class Closure implements Held {
  readonly object: Obj | null;

  constructor(object: Obj | null) {
    this.object = object;
  }

  get pointers(): readonly (Obj | null)[] {
    return [this.object];
  }
}

/** A variable closed over, by value: its type and what it holds. */
export type Capture = readonly [type: GoType, value: GoValue];

/** Whether a value of this type is itself the data pointer. */
function isDirect({ size, pointers = [] }: GoType): boolean {
  return size === 8 && pointers.length === 1;
}

/** Whether the bits of the value, taken as an integer, are below 256. */
function isSmall({ kind }: GoType, value: GoValue): boolean {
  if (value === null) return true;
  if (kind === 'float') return value === 0 && 1 / value > 0;
  if (typeof value === 'number' || typeof value === 'bigint') {
    return value >= 0 && value < STATIC_INTEGERS;
  }
  return false;
}

/** Whether the value lies in memory outside the heap already. */
function isStatic(type: GoType, value: GoValue): boolean {
  const { size, kind, pointers = [] } = type;
  if (isList(value) && value.length === 1) return isStatic(type, value[0]);
  if (size === 0 || kind === 'bool' || (size === 1 && kind === 'integer')) return true;
  if (size === 2 || size === 4 || size === 8) {
    if (alignOf(type) === size && pointers.length === 0) return isSmall(type, value);
  }
  if (kind === 'string') return value === null || value === '' || identityOf(value) === 's';
  if (kind === 'slice') return value === null || pointersOf(type, value)[0] === null;
  return false;
}

/** `any(value)` of a variable of that type. */
export function box(frame: Frame, type: GoType, value: GoValue): Iface {
  const targets = pointersOf(type, value);
  if (isDirect(type)) return new Iface(type, value, targets[0]);
  if (isStatic(type, value)) return new Iface(type, value, null);
  return new Iface(type, value, copyOf(frame, type, targets));
}

/** `any(constant)`: what the compiler has put into the program itself. */
export function boxConstant(type: GoType, value: GoValue): Iface {
  return new Iface(type, value, null);
}

/** A function literal that closes over these. */
export function closureOver(frame: Frame, captures: readonly Capture[]): Closure {
  if (captures.length === 0) return new Closure(null);
  const code: GoType = { name: 'uintptr', size: 8 };
  const type = structOf('func', [code, ...captures.map(([captured]) => captured)]);
  const targets = captures.flatMap(([captured, value]) => {
    const found = pointersOf(captured, value);
    return (captured.pointers ?? []).map((_, i) => found[i] ?? null);
  });
  return new Closure(copyOf(frame, type, targets));
}

/** A new object of that type whose pointer words hold these. */
function copyOf(frame: Frame, type: GoType, targets: readonly (Obj | null)[]): Obj {
  try {
    for (const target of targets) frame.keep(target);
    const object = frame.allocate(layoutOf(type));
    for (const [i, word] of (type.pointers ?? []).entries()) {
      const target = targets[i] ?? null;
      if (target !== null) object.set(word, target);
    }
    return object;
  } finally {
    frame.leave();
  }
}
