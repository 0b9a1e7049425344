/** Values and types of the condition language, and the moment in which an expression is evaluated. */
import type { World } from '@heaptape/core';
import type { EventBatch } from '@heaptape/schema';
import type { Colour } from '../colour.ts';
import type { TapeFacts } from '../tapefacts.ts';
import type { Unit } from './tokens.ts';

/** An object is a number here, its ordinal; what it is says the type. `null` is nil: no value. */
export type Value = number | string | boolean | null;

export type ValueType =
  | { readonly of: 'number'; readonly unit: Unit }
  | { readonly of: 'string' | 'boolean' | 'object' | 'goroutine' | 'nil' };

export const COUNT: ValueType = { of: 'number', unit: 'count' };
export const BYTES: ValueType = { of: 'number', unit: 'bytes' };
export const NS: ValueType = { of: 'number', unit: 'ns' };
export const ADDR: ValueType = { of: 'number', unit: 'addr' };
export const STRING: ValueType = { of: 'string' };
export const BOOLEAN: ValueType = { of: 'boolean' };
export const OBJECT: ValueType = { of: 'object' };
export const GOROUTINE: ValueType = { of: 'goroutine' };
export const NIL: ValueType = { of: 'nil' };

/** A type in words. */
export function typeName(type: ValueType): string {
  if (type.of !== 'number')
    return type.of === 'nil' ? 'nil' : `a ${type.of}`.replace('a o', 'an o');
  return { count: 'a number', bytes: 'a size', ns: 'a duration', addr: 'an address' }[type.unit];
}

/**
 * Where an expression is evaluated: a state, and the event that led to it. One that is made for a search
 * is changed from event to event; read it, do not keep it.
 */
export interface Moment {
  readonly world: World;
  /** Number of that event; 0 at the beginning of the tape. */
  readonly seq: number;
  /** Its tag, the batch that holds it, and the offset of its arguments; tag -1 at the beginning. */
  readonly kind: number;
  readonly batch: EventBatch;
  readonly at: number;
  readonly facts: TapeFacts;
  /** Colours that objects have beyond that, inside a coarse event; see `travel/coarse.ts`. */
  readonly ahead: ReadonlyMap<number, Colour> | null;
}
