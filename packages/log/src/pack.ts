/**
 * Compression of what a tape stores, and its way back.
 *
 * Raw deflate at level 1: every language's standard library and every browser can inflate it, it
 * inflates faster than brotli, and segments are columns already, so a stronger search gains little.
 * Bytes that do not shrink are stored as they are.
 *
 * For segments there is a choice. Columns of a graph-like stream hold no repeats worth a search, and
 * Huffman codes alone are both faster and shorter; a recorded program repeats itself, and there the
 * search pays. Neighbouring segments are alike, so both are tried once in a while and the winner is
 * used in between. Either way it is deflate, and inflating does not care.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { MOST_PIECE } from './proportion.ts';

/** How a byte string is stored. */
export const STORED = 0;
export const DEFLATED = 1;

export type Compression = 'deflate' | 'none';

export interface Packed {
  readonly codec: number;
  readonly data: Uint8Array;
}

/** Shortest byte string that compression is tried on, bytes. */
const WORTHWHILE = 64;
/** Segments between two trials of both ways. */
const TRIAL_INTERVAL = 32;
/** The search must save this share to be worth its time. */
const SEARCH_GAIN = 0.05;
/** Deflate shortens at most by this factor; more is a lie that would cost memory. */
const MAX_RATIO = 1032;

function deflate(bytes: Uint8Array, strategy: number): Uint8Array {
  return deflateRawSync(bytes, { level: 1, strategy, chunkSize: Math.max(64, bytes.length) });
}

function shorter(data: Uint8Array, bytes: Uint8Array): Packed {
  return data.length < bytes.length ? { codec: DEFLATED, data } : { codec: STORED, data: bytes };
}

export function pack(bytes: Uint8Array, compression: Compression): Packed {
  if (compression === 'none' || bytes.length < WORTHWHILE) return { codec: STORED, data: bytes };
  return shorter(deflate(bytes, constants.Z_DEFAULT_STRATEGY), bytes);
}

/** Packs the segments of one tape. */
export class SegmentPacker {
  readonly #compression: Compression;
  #strategy: number = constants.Z_HUFFMAN_ONLY;
  #untilTrial = 0;

  constructor(compression: Compression) {
    this.#compression = compression;
  }

  pack(bytes: Uint8Array): Packed {
    if (this.#compression === 'none' || bytes.length < WORTHWHILE) return pack(bytes, 'none');
    if (this.#untilTrial > 0) {
      this.#untilTrial -= 1;
      return shorter(deflate(bytes, this.#strategy), bytes);
    }
    this.#untilTrial = TRIAL_INTERVAL - 1;
    const coded = deflate(bytes, constants.Z_HUFFMAN_ONLY);
    const searched = deflate(bytes, constants.Z_DEFAULT_STRATEGY);
    const search = searched.length < coded.length * (1 - SEARCH_GAIN);
    this.#strategy = search ? constants.Z_DEFAULT_STRATEGY : constants.Z_HUFFMAN_ONLY;
    return shorter(search ? searched : coded, bytes);
  }
}

/**
 * Undoes `pack`; undefined when the bytes are not what was stored for `size` bytes. What is returned is a
 * plain byte array: a Buffer's `slice` would not copy, and readers that know no Buffer rely on that.
 */
export function unpack(codec: number, data: Uint8Array, size: number): Uint8Array | undefined {
  let bytes: Uint8Array = data;
  if (codec === DEFLATED) {
    if (size > data.length * MAX_RATIO || size > MOST_PIECE) return undefined;
    try {
      bytes = inflateRawSync(data, {
        maxOutputLength: size + 1,
        chunkSize: Math.max(64, size + 1),
      });
    } catch {
      return undefined;
    }
  } else if (codec !== STORED) return undefined;
  if (bytes.length !== size) return undefined;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, size);
}
