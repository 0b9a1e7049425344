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
 * Encoding and decoding walk one column at a time, so that each inner loop (`columns.ts`) does one
 * thing.
 */
import { type EventBatch, SEGMENT_EVENTS } from './batch.ts';
import {
  type Column,
  fillColumn,
  isConstant,
  RowIndex,
  readDeltas,
  readFloats,
  readInts,
  readObjects,
  readUints,
  writeDeltas,
  writeFloats,
  writeInts,
  writeObjects,
  writeUints,
} from './columns.ts';
import { assert, HeaptapeError } from './errors.ts';
import { specOfTag, TAG_COUNT } from './events.ts';
import { cellsOf, type FieldSpec, type Wire } from './fields.ts';
import { type ByteCursor, ByteSink, readUint } from './varint.ts';

/** Largest event count a segment may claim; a guard against damaged files. */
const MAX_SEGMENT_EVENTS = 1 << 20;
/** Largest blob a segment may claim, bytes. */
const MAX_SEGMENT_BLOB = 1 << 28;

const FIELDS: readonly (readonly FieldSpec[] | undefined)[] = Array.from(
  { length: TAG_COUNT },
  (_, tag) => specOfTag(tag)?.fields,
);

/** An encoded segment. The views share memory with the codec and are valid until its next call. */
export interface EncodedSegment {
  readonly soft: Uint8Array;
  readonly hard: Uint8Array;
}

export class SegmentCodec {
  readonly #rows = new RowIndex();
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
    const cells = this.#gather(batch.kinds, batch.count);
    assert(cells === batch.argCount, 'a batch has the arguments of its events');
    this.#eachColumn(batch, (column, wire) => {
      if (wire === 'object') this.#encodeHard(column, batch.firstOrdinal);
      else if (wire === 'bytes') this.#encodeBytes(column, batch.blob);
      else this.#encodeSoft(column, wire);
    });
    return { soft: soft.view(), hard: hard.view() };
  }

  /** Decodes into `batch`, replacing what it held. Throws `bad-data`. */
  decode(segment: EncodedSegment, batch: EventBatch): void {
    const soft: ByteCursor = { bytes: segment.soft, at: 0 };
    const hard: ByteCursor = { bytes: segment.hard, at: 0 };
    const count = readUint(soft);
    if (count > MAX_SEGMENT_EVENTS || count > segment.soft.length) bad('event count', soft.at);
    const firstSeq = readUint(soft);
    batch.clear(firstSeq, readUint(soft));
    if (batch.kinds.length < count) batch.kinds = new Uint8Array(Math.max(count, SEGMENT_EVENTS));
    if (soft.at + count > soft.bytes.length) bad('event kinds', soft.at);
    batch.kinds.set(soft.bytes.subarray(soft.at, soft.at + count));
    soft.at += count;
    batch.count = count;
    batch.argCount = this.#gather(batch.kinds, count);
    if (batch.args.length < batch.argCount) batch.args = new Float64Array(batch.argCount);
    this.#eachColumn(batch, (column, wire) => {
      if (wire === 'bytes') decodeBytes(soft, batch, column);
      else this.#decodeColumn(soft, hard, column, wire, batch.firstOrdinal);
    });
    if (soft.at !== soft.bytes.length || hard.at !== hard.bytes.length) bad('length', soft.at);
  }

  #gather(kinds: Uint8Array, count: number): number {
    const cells = this.#rows.gather(kinds, count);
    const { starts } = this.#rows;
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      if (starts[tag + 1] > starts[tag] && FIELDS[tag] === undefined) bad(`event tag ${tag}`, 0);
    }
    if (cells < 0) bad('event tag', 0);
    return cells;
  }

  /** Calls `visit` for each field of each tag present, in the order of the format. */
  #eachColumn(batch: EventBatch, visit: (column: Column, wire: Wire) => void): void {
    const { starts, at } = this.#rows;
    const { args } = batch;
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      const from = starts[tag];
      const to = starts[tag + 1];
      if (from === to) continue;
      let cell = 0;
      for (const { wire } of FIELDS[tag] ?? []) {
        visit({ args, at, cell, from, to }, wire);
        cell += cellsOf(wire);
      }
    }
  }

  #encodeSoft(column: Column, wire: Wire): void {
    const data = this.#column;
    data.length = 0;
    const constant = mayBeConstant(column, wire) && isConstant(column);
    const values = constant ? { ...column, to: column.from + 1 } : column;
    if (wire === 'f64') writeFloats(data, values);
    else if (wire === 'delta') writeDeltas(data, values);
    else if (wire === 'int') writeInts(data, values);
    else writeUints(data, values);
    this.#soft.uint(constant ? 0 : 1);
    this.#soft.uint(data.length);
    this.#soft.raw(data.view());
  }

  #encodeHard(column: Column, firstOrdinal: number): void {
    const from = this.#hard.length;
    writeObjects(this.#hard, column, this.#rows.allocated, firstOrdinal);
    this.#soft.uint(2);
    this.#soft.uint(this.#hard.length - from);
  }

  #encodeBytes(column: Column, blob: Uint8Array): void {
    const { args, at, cell, from, to } = column;
    this.#encodeSoft({ ...column, cell: cell + 1 }, 'uint');
    let total = 0;
    for (let i = from; i < to; i += 1) total += args[at[i] + cell + 1];
    this.#soft.uint(1);
    this.#soft.uint(total);
    for (let i = from; i < to; i += 1) {
      const offset = args[at[i] + cell];
      this.#soft.raw(blob.subarray(offset, offset + args[at[i] + cell + 1]));
    }
  }

  #decodeColumn(
    soft: ByteCursor,
    hard: ByteCursor,
    column: Column,
    wire: Wire,
    firstOrdinal: number,
  ): void {
    const mode = readUint(soft);
    const length = readUint(soft);
    if (mode > 2 || (mode === 2) !== (wire === 'object')) bad('column mode', soft.at);
    const source = mode === 2 ? hard : soft;
    const end = source.at + length;
    if (end > source.bytes.length) bad('column length', soft.at);
    if (wire === 'object') {
      const sound = readObjects(source, column, this.#rows.allocated, firstOrdinal);
      if (!sound) bad('object', soft.at);
    } else readSoft(source, column, wire, mode, length);
    if (source.at !== end) bad('column data', source.at);
  }
}

/** Differences are never constant enough; and a zero that is a float has a sign to keep. */
function mayBeConstant({ args, at, cell, from }: Column, wire: Wire): boolean {
  return wire !== 'delta' && (wire !== 'f64' || args[at[from] + cell] !== 0);
}

function bad(what: string, at: number): never {
  throw new HeaptapeError('bad-data', `segment: bad ${what} at ${at}`);
}

/** Reads a column of `soft`; in mode 0 its one value stands for all rows. */
function readSoft(
  source: ByteCursor,
  column: Column,
  wire: Wire,
  mode: number,
  length: number,
): void {
  const { args, at, cell, from, to } = column;
  const values = mode === 0 ? { ...column, to: from + 1 } : column;
  if (wire === 'f64') {
    if (length !== (values.to - from) * 8) bad('column length', source.at);
    readFloats(source, values);
  } else if (wire === 'delta') readDeltas(source, values);
  else if (wire === 'int') readInts(source, values);
  else readUints(source, values);
  if (mode === 0) fillColumn(args[at[from] + cell], { args, at, cell, from, to });
}

function decodeBytes(soft: ByteCursor, batch: EventBatch, column: Column): void {
  const { args, at, cell, from, to } = column;
  const lengthMode = readUint(soft);
  const lengthBytes = readUint(soft);
  if (lengthMode > 1) bad('column mode', soft.at);
  const end = soft.at + lengthBytes;
  readSoft(soft, { ...column, cell: cell + 1 }, 'uint', lengthMode, lengthBytes);
  if (soft.at !== end) bad('column data', soft.at);
  const mode = readUint(soft);
  const total = readUint(soft);
  if (mode !== 1 || total > MAX_SEGMENT_BLOB || soft.at + total > soft.bytes.length) {
    bad('byte strings', soft.at);
  }
  let offset = batch.putBlob(soft.bytes.subarray(soft.at, soft.at + total));
  soft.at += total;
  const last = offset + total;
  for (let i = from; i < to; i += 1) {
    args[at[i] + cell] = offset;
    offset += args[at[i] + cell + 1];
    if (offset > last) bad('byte string length', soft.at);
  }
  if (offset !== last) bad('byte string length', soft.at);
}
