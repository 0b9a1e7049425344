/**
 * What each row's hash covers, byte by byte.
 *
 * - Segments form a chain: a segment's hash covers the hash before it (32 zero bytes at first) and
 *   the segment's content, not compressed, so that it stays the same however the tape is packed.
 *   Its CRC-32 covers the row as stored. Reading checks the CRC; `check` checks both.
 * - Chunks are named by the SHA-256 of their content; snapshots and documents carry theirs.
 * - The seal, written when the tape is closed, covers all of these: rows cannot get lost unseen.
 *
 * Integers are eight bytes, little endian. SHA-256 throughout.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const HASH_BYTES = 32;
/** The hash "before" the first segment. */
export const chainStart = (): Buffer => Buffer.alloc(HASH_BYTES);

/** The columns of a segment that its hash covers besides its content. */
export interface SegmentHead {
  readonly firstSeq: number;
  readonly count: number;
  readonly firstOrdinal: number;
  readonly endTimeNs: number;
  readonly stateHash: string;
  readonly softSize: number;
  readonly hardSize: number;
}

/** Puts whole numbers up to 2^53 at `at`, eight bytes each; returns the offset after them. */
function putIntegers(target: Buffer, at: number, values: readonly number[]): number {
  let to = at;
  for (const value of values) {
    const high = Math.floor(value / 4294967296);
    target.writeUInt32LE(value - high * 4294967296, to);
    target.writeUInt32LE(high, to + 4);
    to += 8;
  }
  return to;
}

const integers = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 8);
  putIntegers(bytes, 0, values);
  return bytes;
};

/** 64 bytes: six integers and the state hash as 16 ASCII digits. */
function headBytes(head: SegmentHead): Buffer {
  const { firstSeq, count, firstOrdinal, endTimeNs, softSize, hardSize } = head;
  const state = Buffer.from(head.stateHash, 'latin1');
  const bytes = Buffer.alloc(48 + state.length);
  putIntegers(bytes, 0, [firstSeq, count, firstOrdinal, endTimeNs, softSize, hardSize]);
  state.copy(bytes, 48);
  return bytes;
}

/** A segment's link in the chain; `soft` and `hard` are not compressed. */
export function segmentHash(
  previous: Uint8Array,
  head: SegmentHead,
  soft: Uint8Array,
  hard: Uint8Array,
): Buffer {
  return createHash('sha256')
    .update(previous)
    .update(headBytes(head))
    .update(soft)
    .update(hard)
    .digest();
}

/** zlib takes an empty byte string for a request of the initial value. */
const extend = (crc: number, bytes: Uint8Array): number =>
  bytes.length === 0 ? crc : crc32(bytes, crc);

/** CRC-32 of a segment's row; `soft` and `hard` as stored. */
export function segmentCrc(
  head: SegmentHead,
  codec: number,
  hash: Uint8Array,
  soft: Uint8Array,
  hard: Uint8Array,
): number {
  return [headBytes(head), integers(codec), hash, soft, hard].reduce<number>(extend, 0);
}

export const chunkHash = (content: Uint8Array): Buffer =>
  createHash('sha256').update(content).digest();

/** Hash of a snapshot's row; `control` is not compressed. */
export function snapshotHash(seq: number, control: Uint8Array, manifest: Uint8Array): Buffer {
  return createHash('sha256')
    .update(integers(seq, control.length, manifest.length))
    .update(control)
    .update(manifest)
    .digest();
}

/** Hash of a document's row; both in UTF-8. */
export function documentHash(name: Uint8Array, json: Uint8Array): Buffer {
  return createHash('sha256')
    .update(integers(name.length, json.length))
    .update(name)
    .update(json)
    .digest();
}

/** What a closed tape's seal covers. Lists are in the order of their table's key. */
export interface SealContent {
  readonly segments: number;
  readonly events: number;
  /** Hash of the last segment. */
  readonly chain: Uint8Array;
  readonly chunks: readonly Uint8Array[];
  readonly snapshots: readonly Uint8Array[];
  readonly documents: readonly Uint8Array[];
}

export function sealHash(content: SealContent): Buffer {
  const { segments, events, chain, chunks, snapshots, documents } = content;
  const hash = createHash('sha256');
  hash.update(integers(segments, events, chunks.length, snapshots.length, documents.length));
  hash.update(chain);
  for (const list of [chunks, snapshots, documents]) for (const item of list) hash.update(item);
  return hash.digest();
}
