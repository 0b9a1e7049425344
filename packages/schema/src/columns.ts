/**
 * The inner loops of the segment codec: one column of one kind of event at a time.
 *
 * A column is the same field of all events of a kind. Its values lie scattered among a batch's
 * arguments; `RowIndex` says where. Each loop below does one wire kind and handles small numbers
 * itself. A value that its wire kind cannot hold is a bug of whoever made the event, and asserted:
 * `code & 127` equals `code` for 0 to 127 only, so the check costs the usual value nothing.
 */
import { assert } from './errors.ts';
import { ALLOCATES, CELLS, TAG_COUNT } from './events.ts';
import { type ByteCursor, type ByteSink, readUint, unzigzag, writeUint, zigzag } from './varint.ts';

/** Longest LEB128 number, bytes. */
const MAX_UINT_BYTES = 8;

/** The events of a batch sorted by kind: kind t has rows `starts[t]` to `starts[t + 1]`. */
export class RowIndex {
  readonly starts: Int32Array = new Int32Array(257);
  /** Argument offset of the row. */
  at: Int32Array = new Int32Array(0);
  /** Allocations in the batch before the row. */
  allocated: Int32Array = new Int32Array(0);
  readonly #next: Int32Array = new Int32Array(256);

  /** Sorts; returns the number of argument cells, or -1 for a kind that the event table lacks. */
  gather(kinds: Uint8Array, count: number): number {
    if (this.at.length < count) {
      this.at = new Int32Array(count);
      this.allocated = new Int32Array(count);
    }
    const { starts, at, allocated } = this;
    const next = this.#next;
    next.fill(0);
    for (let i = 0; i < count; i += 1) next[kinds[i]] += 1;
    let start = 0;
    for (let tag = 0; tag < 256; tag += 1) {
      starts[tag] = start;
      start += next[tag];
      next[tag] = starts[tag];
    }
    starts[256] = start;
    if (starts[TAG_COUNT] !== count) return -1;
    let cells = 0;
    let ordinal = 0;
    for (let i = 0; i < count; i += 1) {
      const tag = kinds[i];
      const row = next[tag];
      next[tag] = row + 1;
      at[row] = cells;
      allocated[row] = ordinal;
      cells += CELLS[tag];
      ordinal += ALLOCATES[tag];
    }
    return cells;
  }
}

/** One column: cell `cell` of the rows `from` to `to`. */
export interface Column {
  readonly args: Float64Array;
  readonly at: Int32Array;
  readonly cell: number;
  readonly from: number;
  readonly to: number;
}

/** Whether every value is the same. Zeros of either sign count as the same. */
export function isConstant({ args, at, cell, from, to }: Column): boolean {
  const first = args[at[from] + cell];
  for (let i = from + 1; i < to; i += 1) if (args[at[i] + cell] !== first) return false;
  return true;
}

export function writeUints(sink: ByteSink, { args, at, cell, from, to }: Column): void {
  sink.reserve((to - from) * MAX_UINT_BYTES);
  const { bytes } = sink;
  let end = sink.length;
  for (let i = from; i < to; i += 1) {
    const code = args[at[i] + cell];
    if ((code & 127) === code) {
      bytes[end] = code;
      end += 1;
    } else end = writeLong(bytes, end, code);
  }
  sink.length = end;
}

export function writeInts(sink: ByteSink, { args, at, cell, from, to }: Column): void {
  sink.reserve((to - from) * MAX_UINT_BYTES);
  const { bytes } = sink;
  let end = sink.length;
  for (let i = from; i < to; i += 1) end = writeLong(bytes, end, zigzag(args[at[i] + cell]));
  sink.length = end;
}

export function writeDeltas(sink: ByteSink, { args, at, cell, from, to }: Column): void {
  sink.reserve((to - from) * MAX_UINT_BYTES);
  const { bytes } = sink;
  let end = sink.length;
  let previous = 0;
  for (let i = from; i < to; i += 1) {
    const value = args[at[i] + cell];
    const code = zigzag(value - previous);
    previous = value;
    if ((code & 127) === code) {
      bytes[end] = code;
      end += 1;
    } else end = writeLong(bytes, end, code);
  }
  sink.length = end;
}

/** Ordinals as distances back from the next one; `allocated` and `next` are the batch's. */
export function writeObjects(
  sink: ByteSink,
  { args, at, cell, from, to }: Column,
  allocated: Int32Array,
  next: number,
): void {
  sink.reserve((to - from) * MAX_UINT_BYTES);
  const { bytes } = sink;
  let end = sink.length;
  for (let i = from; i < to; i += 1) {
    const value = args[at[i] + cell];
    const code = value === 0 ? 0 : next + allocated[i] - value;
    if ((code & 127) === code) {
      assert(code !== 0 || value === 0, 'an event names an object that is not allocated yet');
      bytes[end] = code;
      end += 1;
    } else end = writeLong(bytes, end, code);
  }
  sink.length = end;
}

export function writeFloats(sink: ByteSink, { args, at, cell, from, to }: Column): void {
  sink.reserve((to - from) * 8);
  const view = new DataView(sink.bytes.buffer, sink.bytes.byteOffset);
  for (let i = from; i < to; i += 1) {
    view.setFloat64(sink.length, args[at[i] + cell], true);
    sink.length += 8;
  }
}

/** Any number that fits; two bytes are the usual case here. */
function writeLong(bytes: Uint8Array, at: number, code: number): number {
  if ((code & 16383) === code) {
    if (code < 128) {
      bytes[at] = code;
      return at + 1;
    }
    bytes[at] = (code & 127) | 128;
    bytes[at + 1] = code >>> 7;
    return at + 2;
  }
  assert(code >= 0 && Number.isSafeInteger(code), `an event argument does not fit: ${code}`);
  return writeUint(bytes, at, code);
}

/** Sets every row to the one value. */
export function fillColumn(value: number, { args, at, cell, from, to }: Column): void {
  for (let i = from; i < to; i += 1) args[at[i] + cell] = value;
}

export function readUints(source: ByteCursor, { args, at, cell, from, to }: Column): void {
  const { bytes } = source;
  let here = source.at;
  for (let i = from; i < to; i += 1) {
    const code = bytes[here];
    if (code < 128) {
      here += 1;
      args[at[i] + cell] = code;
    } else {
      source.at = here;
      args[at[i] + cell] = readUint(source);
      here = source.at;
    }
  }
  source.at = here;
}

export function readInts(source: ByteCursor, { args, at, cell, from, to }: Column): void {
  for (let i = from; i < to; i += 1) args[at[i] + cell] = unzigzag(readUint(source));
}

export function readDeltas(source: ByteCursor, { args, at, cell, from, to }: Column): void {
  const { bytes } = source;
  let here = source.at;
  let value = 0;
  for (let i = from; i < to; i += 1) {
    const code = bytes[here];
    if (code < 128) {
      here += 1;
      value += (code >>> 1) ^ -(code & 1);
    } else {
      source.at = here;
      value += unzigzag(readUint(source));
      here = source.at;
    }
    args[at[i] + cell] = value;
  }
  source.at = here;
}

/** Returns false when an ordinal would be negative. */
export function readObjects(
  source: ByteCursor,
  { args, at, cell, from, to }: Column,
  allocated: Int32Array,
  next: number,
): boolean {
  const { bytes } = source;
  let here = source.at;
  let lowest = 0;
  for (let i = from; i < to; i += 1) {
    let code = bytes[here];
    if (code < 128) here += 1;
    else {
      source.at = here;
      code = readUint(source);
      here = source.at;
    }
    const value = code === 0 ? 0 : next + allocated[i] - code;
    if (value < lowest) lowest = value;
    args[at[i] + cell] = value;
  }
  source.at = here;
  return lowest === 0;
}

/** The caller has checked that eight bytes a row are there. */
export function readFloats(source: ByteCursor, { args, at, cell, from, to }: Column): void {
  const view = new DataView(source.bytes.buffer, source.bytes.byteOffset);
  for (let i = from; i < to; i += 1) {
    args[at[i] + cell] = view.getFloat64(source.at, true);
    source.at += 8;
  }
}
