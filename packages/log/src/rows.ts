/**
 * The rows of a tape as reading meets them, and the way from a row back to what was written.
 *
 * The tables are STRICT, yet in a damaged file SQLite may find a row whose columns are of any type.
 * So nothing is believed about a row before `isSound` has looked at it.
 */
import type { EncodedSegment, SegmentInfo } from '@heaptape/schema';
import { HASH_BYTES, type SegmentHead, segmentCrc } from './digest.ts';
import { unpack } from './pack.ts';

/** `integer`: from 0 to 2^53 - 1. `hash`: 32 bytes. */
type Kind = 'integer' | 'text' | 'bytes' | 'hash';

function isKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'integer':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
    case 'text':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'hash':
      return value instanceof Uint8Array && value.length === HASH_BYTES;
  }
}

/** Whether each column named in `shape` is there and of its kind. */
export function isSound<T extends object>(row: T, shape: Readonly<Record<keyof T, Kind>>): boolean {
  for (const name in shape) if (!isKind(row[name], shape[name])) return false;
  return true;
}

/** Everything of a segment but its content: the tape's index. */
export const SELECT_INDEX = `SELECT first_seq AS firstSeq, count, first_ordinal AS firstOrdinal,
  end_time_ns AS endTimeNs, state_hash AS stateHash, soft_size + hard_size AS bytes FROM segment
  WHERE first_seq >= ? ORDER BY first_seq`;

/** An entry of the index, and what the segment expands to, bytes. */
export type IndexRow = SegmentInfo & { readonly bytes: number };

export interface SegmentRow extends SegmentHead {
  readonly codec: number;
  readonly hash: Buffer;
  readonly crc: number;
  readonly soft: Buffer;
  readonly hard: Buffer;
}

export const SEGMENT: Readonly<Record<keyof SegmentRow, Kind>> = {
  firstSeq: 'integer',
  count: 'integer',
  firstOrdinal: 'integer',
  endTimeNs: 'integer',
  stateHash: 'text',
  codec: 'integer',
  softSize: 'integer',
  hardSize: 'integer',
  hash: 'hash',
  crc: 'integer',
  soft: 'bytes',
  hard: 'bytes',
};

const SEGMENT_COLUMNS = `first_seq AS firstSeq, count, first_ordinal AS firstOrdinal,
  end_time_ns AS endTimeNs, state_hash AS stateHash, codec, soft_size AS softSize,
  hard_size AS hardSize, hash, crc, soft, hard`;
export const SELECT_SEGMENT: string = `SELECT ${SEGMENT_COLUMNS} FROM segment WHERE first_seq = ?`;
export const SELECT_LAST_SEGMENT: string = `SELECT ${SEGMENT_COLUMNS} FROM segment
  ORDER BY first_seq DESC LIMIT 1`;

/** The encoded segment of a row, or in a phrase what is wrong with the row. */
export function openSegment(row: SegmentRow): EncodedSegment | string {
  if (!isSound(row, SEGMENT)) return 'its row is damaged';
  const { codec, hash, soft, hard } = row;
  if (segmentCrc(row, codec, hash, soft, hard) !== row.crc) return 'its checksum does not match';
  const plain = unpack(codec, soft, row.softSize);
  if (plain === undefined) return 'its data cannot be decompressed';
  if (hard.length !== row.hardSize) return 'its data has another length than stated';
  return { soft: plain, hard };
}

export interface ChunkRow {
  readonly hash: Buffer;
  readonly codec: number;
  readonly size: number;
  readonly data: Buffer;
}

export const CHUNK: Readonly<Record<keyof ChunkRow, Kind>> = {
  hash: 'hash',
  codec: 'integer',
  size: 'integer',
  data: 'bytes',
};

export const SELECT_CHUNK = 'SELECT hash, codec, size, data FROM chunk WHERE hash = ?';
export const SELECT_CHUNKS = 'SELECT hash, codec, size, data FROM chunk';

export interface SnapshotRow {
  readonly seq: number;
  readonly codec: number;
  readonly size: number;
  readonly hash: Buffer;
  readonly control: Buffer;
  readonly manifest: Buffer;
}

export const SNAPSHOT: Readonly<Record<keyof SnapshotRow, Kind>> = {
  seq: 'integer',
  codec: 'integer',
  size: 'integer',
  hash: 'hash',
  control: 'bytes',
  manifest: 'bytes',
};

export const SELECT_SNAPSHOT =
  'SELECT seq, codec, size, hash, control, manifest FROM snapshot WHERE seq = ?';

export interface DocumentRow {
  readonly name: Buffer;
  readonly hash: Buffer;
  readonly json: Buffer;
}

export const DOCUMENT: Readonly<Record<keyof DocumentRow, Kind>> = {
  name: 'bytes',
  hash: 'hash',
  json: 'bytes',
};

/** As bytes: a damaged string must not be repaired on the way. */
const DOCUMENT_COLUMNS = 'CAST(name AS BLOB) AS name, hash, CAST(json AS BLOB) AS json';
export const SELECT_DOCUMENT: string = `SELECT ${DOCUMENT_COLUMNS} FROM document WHERE name = ?`;
export const SELECT_DOCUMENTS: string = `SELECT ${DOCUMENT_COLUMNS} FROM document ORDER BY name`;

export interface Seal {
  readonly segments: number;
  readonly events: number;
  readonly hash: Buffer;
}

export const SEAL: Readonly<Record<keyof Seal, Kind>> = {
  segments: 'integer',
  events: 'integer',
  hash: 'hash',
};

export const SELECT_SEAL = 'SELECT segments, events, hash FROM seal';
