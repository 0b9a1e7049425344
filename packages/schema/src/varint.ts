/**
 * Unsigned LEB128 for numbers up to 2^53, and the zigzag that makes signed numbers unsigned.
 *
 * The reader is a class only at the edges; hot loops in the codec inline the one-byte case and call
 * `readUint` for the rest.
 */
import { HeaptapeError } from './errors.ts';

/** A byte buffer that grows and that numbers are appended to. */
export class ByteSink {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
  }

  reserve(extra: number): void {
    if (this.length + extra <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + extra));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  uint(value: number): void {
    this.reserve(10);
    this.length = writeUint(this.bytes, this.length, value);
  }

  raw(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** The bytes written so far; shares memory with the sink. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

/** Writes `value` at `at` and returns the offset after it. The caller has reserved 10 bytes. */
export function writeUint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let to = at;
  while (rest >= 0x80000000) {
    bytes[to] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
    to += 1;
  }
  while (rest >= 128) {
    bytes[to] = (rest & 127) | 128;
    rest >>>= 7;
    to += 1;
  }
  bytes[to] = rest;
  return to + 1;
}

/** Where a reader stands; `readUint` moves `at`. */
export interface ByteCursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** Reads a number below 2^53. Throws `bad-data` when the bytes end first or it is larger. */
export function readUint(cursor: ByteCursor): number {
  const { bytes } = cursor;
  let value = 0;
  let scale = 1;
  for (let count = 0; count < 8; count += 1) {
    if (cursor.at >= bytes.length) break;
    const byte = bytes[cursor.at];
    cursor.at += 1;
    value += (byte & 127) * scale;
    if (byte < 128) {
      if (value > Number.MAX_SAFE_INTEGER) break;
      return value;
    }
    scale *= 128;
  }
  throw new HeaptapeError('bad-data', `a number is cut or too large at byte ${cursor.at}`);
}

/** 0, -1, 1, -2 … to 0, 1, 2, 3 … without 32-bit limits. */
export const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

/** Inverse of `zigzag`. */
export const unzigzag = (value: number): number => (value % 2 === 1 ? -(value + 1) / 2 : value / 2);
