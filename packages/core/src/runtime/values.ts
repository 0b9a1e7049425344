/**
 * Values of the simulated program: what a variable, field, map slot or channel slot can hold.
 *
 * The heap holds pointers only; all other data is on the JavaScript side. So a value has two sides:
 * the data, and the objects its pointer words point to, in order.
 *
 * 1. null is the zero value; numbers, booleans and bigints have no pointers; a JavaScript string is
 *    a constant, whose bytes lie outside the heap.
 * 2. An object handle is a pointer. Strings on the heap, slices, maps, interfaces and functions are
 *    `Held`: they name their pointers.
 * 3. An array is a struct or array of values, field by field.
 */
import { HeaptapeError } from '@heaptape/schema';
import { Obj } from './heap.ts';
import type { GoType } from './types.ts';

/** A value that consists of more than one pointer or none. */
export interface Held {
  /** What its pointer words point to, in order. */
  readonly pointers: readonly (Obj | null)[];
  /** What it is compared by as a map key; left out for what cannot be compared. */
  readonly identity?: KeyIdentity;
}

/** A value of any Go type. */
export type GoValue = null | boolean | number | bigint | string | Obj | Held | readonly GoValue[];

/** What stands for a key in comparisons: equal exactly when Go's == says so. */
export type KeyIdentity = number | string;

export function isList(value: GoValue): value is readonly GoValue[] {
  return Array.isArray(value);
}

function isHeld(value: GoValue): value is Held {
  return typeof value === 'object' && value !== null && 'pointers' in value;
}

function collect(value: GoValue, into: (Obj | null)[]): void {
  if (value instanceof Obj || value === null || typeof value === 'string') {
    into.push(value instanceof Obj ? value : null);
  } else if (isList(value)) {
    for (const part of value) collect(part, into);
  } else if (isHeld(value)) {
    into.push(...value.pointers);
  }
}

const NONE: readonly (Obj | null)[] = [];

/**
 * What the pointer words of a `type` point to when it has this value. One pointer alone is that of
 * the first word; the rest are nil then. Throws `bad-usage` for what a `type` cannot hold.
 */
export function pointersOf(type: GoType, value: GoValue): readonly (Obj | null)[] {
  const count = type.pointers?.length ?? 0;
  if (count === 0 && !(value instanceof Obj) && !isList(value) && !isHeld(value)) return NONE;
  const found: (Obj | null)[] = [];
  if (value !== null) collect(value, found);
  if (count === 0) {
    if (!found.some((object) => object !== null)) return NONE;
  } else if (found.length <= 1 || found.length === count) {
    // The first word of an interface is its type, the second its data.
    if (type.kind === 'interface' && found.length === 1) found.unshift(null);
    while (found.length < count) found.push(null);
    return found;
  }
  throw new HeaptapeError(
    'bad-usage',
    `a value with ${found.length} pointers for a ${type.name}, which has ${count}`,
  );
}

/** What to compare a map key by. Throws `refused` for a key that Go cannot compare. */
export function identityOf(key: GoValue): KeyIdentity {
  if (typeof key === 'number') return key;
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'bigint') return `i${key}`;
  if (typeof key === 'boolean') return key ? 1 : 0;
  if (key === null) return 'z';
  if (key instanceof Obj) return `p${key.id}+${key.offset}`;
  if (isList(key)) {
    const parts = key.map(identityOf);
    // A struct with a NaN in it equals nothing, itself included.
    if (parts.some(Number.isNaN)) return Number.NaN;
    return `(${parts.map((part) => `${String(part).length}:${part === 0 ? 0 : part}`).join()})`;
  }
  if (key.identity !== undefined) return key.identity;
  throw new HeaptapeError('refused', 'panic: runtime error: hash of unhashable type');
}
