/**
 * Identity and units: the only place where bare numbers get a meaning.
 *
 * Hot paths carry plain numbers in typed-array columns; these brands are for the values that cross
 * a public function, so that an ordinal is never passed where an address is meant.
 */

declare const brand: unique symbol;
type Branded<Name extends string> = number & { readonly [brand]: Name };

/** Position of an event in its tape, from 1. 0 is the empty state before the first event. */
export type Seq = Branded<'Seq'>;
/** Allocation ordinal of an object, from 1, in allocation order. 0 is nil. */
export type Ordinal = Branded<'Ordinal'>;
/** Index of an 8 KiB heap page, counted from the heap's base address. */
export type PageIndex = Branded<'PageIndex'>;
/** Index of an 8-byte heap word, counted from the heap's base address. */
export type WordIndex = Branded<'WordIndex'>;
/** A simulated address in bytes. */
export type Addr = Branded<'Addr'>;
/** A size in bytes. */
export type Bytes = Branded<'Bytes'>;
/** Virtual time in nanoseconds since the run began. */
export type Nanos = Branded<'Nanos'>;
/** Number of a GC cycle, from 1. */
export type Cycle = Branded<'Cycle'>;

function nonNegativeInteger(value: number, what: string): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${what} must be a whole number from 0, not ${value}`);
  }
  return value;
}

export const asSeq = (value: number): Seq => nonNegativeInteger(value, 'an event number') as Seq;
export const asOrdinal = (value: number): Ordinal =>
  nonNegativeInteger(value, 'an object ordinal') as Ordinal;
export const asPageIndex = (value: number): PageIndex =>
  nonNegativeInteger(value, 'a page index') as PageIndex;
export const asWordIndex = (value: number): WordIndex =>
  nonNegativeInteger(value, 'a word index') as WordIndex;
export const asAddr = (value: number): Addr => nonNegativeInteger(value, 'an address') as Addr;
export const asBytes = (value: number): Bytes => nonNegativeInteger(value, 'a size') as Bytes;
export const asNanos = (value: number): Nanos => nonNegativeInteger(value, 'a duration') as Nanos;
export const asCycle = (value: number): Cycle =>
  nonNegativeInteger(value, 'a cycle number') as Cycle;
