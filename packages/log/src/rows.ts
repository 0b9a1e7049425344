/** The rows of a tape as reading meets them, and the way from a row back to what was written. */
import type { EncodedSegment } from '@heaptape/schema';
import type { SegmentHead } from './digest.ts';
import { segmentCrc } from './digest.ts';
import { unpack } from './pack.ts';

/** Everything of a segment but its content: the tape's index. */
export const SELECT_INDEX = `SELECT first_seq AS firstSeq, count, first_ordinal AS firstOrdinal,
  end_time_ns AS endTimeNs, state_hash AS stateHash FROM segment WHERE first_seq >= ?
  ORDER BY first_seq`;

export interface SegmentRow extends SegmentHead {
  readonly codec: number;
  readonly hash: Buffer;
  readonly crc: number;
  readonly soft: Buffer;
  readonly hard: Buffer;
}

export const SELECT_SEGMENT = `SELECT first_seq AS firstSeq, count, first_ordinal AS firstOrdinal,
  end_time_ns AS endTimeNs, state_hash AS stateHash, codec, soft_size AS softSize,
  hard_size AS hardSize, hash, crc, soft, hard FROM segment WHERE first_seq = ?`;

export interface ChunkRow {
  readonly hash: Buffer;
  readonly codec: number;
  readonly size: number;
  readonly data: Buffer;
}

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

export const SELECT_SNAPSHOT =
  'SELECT seq, codec, size, hash, control, manifest FROM snapshot WHERE seq = ?';

export interface DocumentRow {
  readonly name: Buffer;
  readonly hash: Buffer;
  readonly json: Buffer;
}

/** As bytes: a damaged string must not be repaired on the way. */
export const SELECT_DOCUMENT = `SELECT CAST(name AS BLOB) AS name, hash, CAST(json AS BLOB) AS json
  FROM document WHERE name = ?`;
export const SELECT_DOCUMENTS = `SELECT CAST(name AS BLOB) AS name, hash,
  CAST(json AS BLOB) AS json FROM document ORDER BY name`;

/** The encoded segment of a row, or in a phrase what is wrong with the row. */
export function openSegment(row: SegmentRow): EncodedSegment | string {
  const { codec, hash, soft, hard } = row;
  if (segmentCrc(row, codec, hash, soft, hard) !== row.crc) return 'its checksum does not match';
  const plain = unpack(codec, soft, row.softSize);
  if (plain === undefined) return 'its data cannot be decompressed';
  if (hard.length !== row.hardSize) return 'its data has another length than stated';
  return { soft: plain, hard };
}
