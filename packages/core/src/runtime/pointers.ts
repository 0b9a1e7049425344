/**
 * Pointers that lead to no heap object: nil, and the addresses of globals and stack variables.
 *
 * And the names of the types of whatever else a program may pass where Go takes `any`.
 */
import { HeaptapeError } from '@heaptape/schema';
import { Func, pointerTypeName } from './functype.ts';
import { Obj } from './heap.ts';
import { GoMap } from './maps.ts';
import { Slice } from './slices.ts';
import type { GoType } from './types.ts';

/** Where a pointer leads that is none into the heap. */
export type PointerTo = 'nil' | 'global' | 'stack';

export class Pointer {
  readonly to: PointerTo;
  readonly elem: GoType;
  /** Name of the pointer's own type; empty for plain `*T`. */
  readonly pointerName: string;
  /** What tells two addresses of variables apart. */
  readonly variable: object | null;

  constructor(to: PointerTo, elem: GoType, variable: object | null, pointerName = '') {
    this.to = to;
    this.elem = elem;
    this.variable = variable;
    this.pointerName = pointerName;
  }
}

/** A value that is no pointer, of this type; for calls that take `any`. */
export interface TypedValue {
  readonly typeName: string;
}

function isTyped(value: object): value is TypedValue {
  return 'typeName' in value && typeof value.typeName === 'string';
}

/** The name of a value's dynamic type. A JavaScript function has none. */
export function typeNameOf(value: unknown): string {
  if (value instanceof Obj || value instanceof Pointer) return pointerTypeName(value);
  if (value instanceof Func) return value.typeName;
  if (value instanceof Slice) return `[]${value.elem.name}`;
  if (value instanceof GoMap) return `map[${value.type.key.name}]${value.type.elem.name}`;
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'function') return 'func()';
  if (typeof value === 'object' && value !== null && isTyped(value)) return value.typeName;
  throw new HeaptapeError('bad-usage', 'a value whose Go type is not known');
}
