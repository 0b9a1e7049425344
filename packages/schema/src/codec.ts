/**
 * The segment codec: an event batch to bytes and back, compiled from the event table.
 *
 * A segment is two byte strings. `soft` holds what a general compressor shortens; `hard` holds the
 * `object` columns, which are near their entropy, so that nobody spends time compressing them.
 *
 *   soft = count firstSeq firstOrdinal  kinds[count]  column*
 *   column = mode length data           one for each field of each tag present, tags ascending
 *
 * Mode 0: every value is the same; data is that one value. Mode 1: a value an event. Mode 2: the
 * column's data is in `hard`, where columns follow each other in the same order. For a `bytes` field
 * the column holds the lengths, and the byte strings follow in a column of their own (mode 1).
 *
 * Encoding and decoding walk one column at a time, so that each inner loop does one thing.
 */
import { type EventBatch, SEGMENT_EVENTS } from './batch.ts';
import { HeaptapeError } from './errors.ts';
import { ALLOCATES, CELLS, specOfTag, TAG_COUNT } from './events.ts';
import type { Wire } from './fields.ts';
import { type ByteCursor, ByteSink, readUint, unzigzag, writeUint, zigzag } from './varint.ts';

/** Largest event count a segment may claim; a guard against damaged files. */
const MAX_SEGMENT_EVENTS = 1 << 20;
/** Largest blob a segment may claim, bytes. */
const MAX_SEGMENT_BLOB = 1 << 28;

/** Argument offsets, and the next ordinal there, of the events of each tag. */
class Rows {
  at: Int32Array;
  ordinal: Float64Array;
  count = 0;

  constructor() {
    this.at = new Int32Array(256);
    this.ordinal = new Float64Array(256);
  }

  add(at: number, ordinal: number): void {
    if (this.count === this.at.length) {
      const at2 = new Int32Array(this.count * 2);
      at2.set(this.at);
      this.at = at2;
      const ordinal2 = new Float64Array(this.count * 2);
      ordinal2.set(this.ordinal);
      this.ordinal = ordinal2;
    }
    this.at[this.count] = at;
    this.ordinal[this.count] = ordinal;
    this.count += 1;
  }
}

/** An encoded segment. The views share memory with the codec and are valid until its next call. */
export interface EncodedSegment {
  readonly soft: Uint8Array;
  readonly hard: Uint8Array;
}

export class SegmentCodec {
  readonly #rows: Rows[] = Array.from({ length: TAG_COUNT }, () => new Rows());
  readonly #soft = new ByteSink(1 << 16);
  readonly #hard = new ByteSink(1 << 16);
  readonly #column = new ByteSink(1 << 16);

  encode(batch: EventBatch): EncodedSegment {
    const soft = this.#soft;
    const hard = this.#hard;
    soft.length = 0;
    hard.length = 0;
    soft.uint(batch.count);
    soft.uint(batch.firstSeq);
    soft.uint(batch.firstOrdinal);
    soft.raw(batch.kinds.subarray(0, batch.count));
    this.#gather(batch.kinds, batch.count, batch.firstOrdinal);
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      const rows = this.#rows[tag];
      if (rows.count === 0) continue;
      let cell = 0;
      for (const { wire } of specOfTag(tag)?.fields ?? []) {
        if (wire === 'object') this.#encodeHard(batch, rows, cell);
        else if (wire === 'bytes') this.#encodeBytes(batch, rows, cell);
        else this.#encodeSoft(batch, rows, cell, wire);
        cell += wire === 'bytes' ? 2 : 1;
      }
    }
    return { soft: soft.view(), hard: hard.view() };
  }

  /** Decodes into `batch`, replacing what it held. Throws `bad-data`. */
  decode(segment: EncodedSegment, batch: EventBatch): void {
    const soft: ByteCursor = { bytes: segment.soft, at: 0 };
    const count = readUint(soft);
    if (count > MAX_SEGMENT_EVENTS || count > segment.soft.length) bad('event count', soft.at);
    const firstSeq = readUint(soft);
    batch.clear(firstSeq, readUint(soft));
    if (batch.kinds.length < count) batch.kinds = new Uint8Array(Math.max(count, SEGMENT_EVENTS));
    if (soft.at + count > soft.bytes.length) bad('event kinds', soft.at);
    batch.kinds.set(soft.bytes.subarray(soft.at, soft.at + count));
    soft.at += count;
    batch.count = count;
    batch.argCount = this.#gather(batch.kinds, count, batch.firstOrdinal);
    if (batch.args.length < batch.argCount) batch.args = new Float64Array(batch.argCount);
    const hard: ByteCursor = { bytes: segment.hard, at: 0 };
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      const rows = this.#rows[tag];
      if (rows.count === 0) continue;
      let cell = 0;
      for (const { wire } of specOfTag(tag)?.fields ?? []) {
        if (wire === 'bytes') decodeBytes(soft, batch, rows, cell);
        else decodeColumn(soft, hard, batch, rows, cell, wire);
        cell += wire === 'bytes' ? 2 : 1;
      }
    }
    if (soft.at !== soft.bytes.length || hard.at !== hard.bytes.length) bad('length', soft.at);
  }

  /** Lists the rows of each tag; returns the number of argument cells. */
  #gather(kinds: Uint8Array, count: number, firstOrdinal: number): number {
    for (const rows of this.#rows) rows.count = 0;
    let at = 0;
    let ordinal = firstOrdinal;
    for (let i = 0; i < count; i += 1) {
      const tag = kinds[i];
      const rows = this.#rows[tag];
      if (rows === undefined || specOfTag(tag) === undefined) bad(`event tag ${tag}`, i);
      rows.add(at, ordinal);
      at += CELLS[tag];
      ordinal += ALLOCATES[tag];
    }
    return at;
  }

  #encodeSoft(batch: EventBatch, rows: Rows, cell: number, wire: Wire): void {
    const { args } = batch;
    const first = args[rows.at[0] + cell];
    let same = wire !== 'delta';
    for (let i = 1; same && i < rows.count; i += 1) same = args[rows.at[i] + cell] === first;
    const column = this.#column;
    column.length = 0;
    encodeValues(column, args, rows, cell, wire, same ? 1 : rows.count);
    this.#soft.uint(same ? 0 : 1);
    this.#soft.uint(column.length);
    this.#soft.raw(column.view());
  }

  #encodeHard(batch: EventBatch, rows: Rows, cell: number): void {
    const { args } = batch;
    const hard = this.#hard;
    hard.reserve(rows.count * 10);
    const from = hard.length;
    let to = from;
    for (let i = 0; i < rows.count; i += 1) {
      const value = args[rows.at[i] + cell];
      const code = value === 0 ? 0 : rows.ordinal[i] - value;
      if (code < 128) {
        hard.bytes[to] = code;
        to += 1;
      } else to = writeUint(hard.bytes, to, code);
    }
    hard.length = to;
    this.#soft.uint(2);
    this.#soft.uint(to - from);
  }

  #encodeBytes(batch: EventBatch, rows: Rows, cell: number): void {
    const { args, blob } = batch;
    this.#encodeSoft(batch, rows, cell + 1, 'uint');
    let total = 0;
    for (let i = 0; i < rows.count; i += 1) total += args[rows.at[i] + cell + 1];
    this.#soft.uint(1);
    this.#soft.uint(total);
    for (let i = 0; i < rows.count; i += 1) {
      const offset = args[rows.at[i] + cell];
      this.#soft.raw(blob.subarray(offset, offset + args[rows.at[i] + cell + 1]));
    }
  }
}

const f64 = new DataView(new ArrayBuffer(8));

function encodeValues(
  column: ByteSink,
  args: Float64Array,
  rows: Rows,
  cell: number,
  wire: Wire,
  count: number,
): void {
  column.reserve(count * 10);
  const { bytes } = column;
  let to = column.length;
  let previous = 0;
  for (let i = 0; i < count; i += 1) {
    const value = args[rows.at[i] + cell];
    if (wire === 'f64') {
      f64.setFloat64(0, value, true);
      for (let b = 0; b < 8; b += 1) bytes[to + b] = f64.getUint8(b);
      to += 8;
      continue;
    }
    let code = value;
    if (wire === 'delta') {
      code = zigzag(value - previous);
      previous = value;
    } else if (wire === 'int') code = zigzag(value);
    if (code < 128) {
      bytes[to] = code;
      to += 1;
    } else to = writeUint(bytes, to, code);
  }
  column.length = to;
}

function bad(what: string, at: number): never {
  throw new HeaptapeError('bad-data', `segment: bad ${what} at ${at}`);
}

function decodeColumn(
  soft: ByteCursor,
  hard: ByteCursor,
  batch: EventBatch,
  rows: Rows,
  cell: number,
  wire: Wire,
): void {
  const mode = readUint(soft);
  const length = readUint(soft);
  if (mode > 2 || (mode === 2) !== (wire === 'object')) bad('column mode', soft.at);
  const source = mode === 2 ? hard : soft;
  const end = source.at + length;
  if (end > source.bytes.length) bad('column length', soft.at);
  if (mode === 0) fillColumn(source, batch.args, rows, cell, wire);
  else if (wire === 'f64') readFloats(source, batch.args, rows, cell);
  else if (wire === 'object') readObjects(source, batch.args, rows, cell, end);
  else readNumbers(source, batch.args, rows, cell, wire);
  if (source.at !== end) bad('column data', source.at);
}

function fillColumn(
  source: ByteCursor,
  args: Float64Array,
  rows: Rows,
  cell: number,
  wire: Wire,
): void {
  let value: number;
  if (wire === 'f64') value = readFloat(source);
  else value = wire === 'int' ? unzigzag(readUint(source)) : readUint(source);
  for (let i = 0; i < rows.count; i += 1) args[rows.at[i] + cell] = value;
}

function readFloat(source: ByteCursor): number {
  if (source.at + 8 > source.bytes.length) bad('number', source.at);
  for (let b = 0; b < 8; b += 1) f64.setUint8(b, source.bytes[source.at + b]);
  source.at += 8;
  return f64.getFloat64(0, true);
}

function readFloats(source: ByteCursor, args: Float64Array, rows: Rows, cell: number): void {
  for (let i = 0; i < rows.count; i += 1) args[rows.at[i] + cell] = readFloat(source);
}

function readNumbers(
  source: ByteCursor,
  args: Float64Array,
  rows: Rows,
  cell: number,
  wire: Wire,
): void {
  const { bytes } = source;
  let previous = 0;
  for (let i = 0; i < rows.count; i += 1) {
    let code = bytes[source.at];
    if (code < 128) source.at += 1;
    else code = readUint(source);
    if (wire === 'delta') {
      previous += unzigzag(code);
      code = previous;
    } else if (wire === 'int') code = unzigzag(code);
    args[rows.at[i] + cell] = code;
  }
}

function readObjects(
  source: ByteCursor,
  args: Float64Array,
  rows: Rows,
  cell: number,
  end: number,
): void {
  const { bytes } = source;
  for (let i = 0; i < rows.count; i += 1) {
    let code = bytes[source.at];
    if (code < 128) source.at += 1;
    else code = readUint(source);
    const value = code === 0 ? 0 : rows.ordinal[i] - code;
    if (value < 0 || source.at > end) bad('object', source.at);
    args[rows.at[i] + cell] = value;
  }
}

function decodeBytes(soft: ByteCursor, batch: EventBatch, rows: Rows, cell: number): void {
  const { args } = batch;
  decodeColumn(soft, soft, batch, rows, cell + 1, 'uint');
  const mode = readUint(soft);
  const total = readUint(soft);
  if (mode !== 1 || total > MAX_SEGMENT_BLOB || soft.at + total > soft.bytes.length) {
    bad('byte strings', soft.at);
  }
  let offset = batch.putBlob(soft.bytes.subarray(soft.at, soft.at + total));
  soft.at += total;
  const end = offset + total;
  for (let i = 0; i < rows.count; i += 1) {
    args[rows.at[i] + cell] = offset;
    offset += args[rows.at[i] + cell + 1];
    if (offset > end) bad('byte string length', soft.at);
  }
  if (offset !== end) bad('byte string length', soft.at);
}
