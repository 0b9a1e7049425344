/**
 * Wire kinds: how one field of an event is written in a tape's segment.
 *
 * A segment stores one column per (event kind, field). Every kind below is a transform that makes
 * the usual value small, followed by unsigned LEB128; `f64` and `bytes` are stored as they are.
 *
 * - `uint`   the value itself.
 * - `int`    zigzag: 0, -1, 1, -2 … become 0, 1, 2, 3 …
 * - `delta`  zigzag of the difference to the value of the event before it in the same column.
 * - `object` an allocation ordinal, as the distance back from the next ordinal; 0 is nil.
 * - `f64`    eight bytes, IEEE 754, little endian.
 * - `bytes`  a byte string. In memory it takes two arguments: offset and length in the batch's blob.
 */
export type Wire = 'uint' | 'int' | 'delta' | 'object' | 'f64' | 'bytes';

export interface FieldSpec {
  readonly name: string;
  readonly wire: Wire;
  /** Unit or meaning in one phrase, for the documentation. */
  readonly doc: string;
}

export const field = (name: string, wire: Wire, doc: string): FieldSpec => ({ name, wire, doc });

/** Number of argument cells a field takes in an `EventBatch`. */
export const cellsOf = (wire: Wire): number => (wire === 'bytes' ? 2 : 1);
