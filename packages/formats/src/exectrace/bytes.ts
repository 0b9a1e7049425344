/**
 * Reading integers and text from bytes.
 *
 * Go's traces store nearly everything as unsigned LEB128: seven bits a byte, lowest first, at most ten bytes for
 * 64 bits, and not always in the shortest form. Almost all values fit four bytes, which 32-bit integer operations
 * decode; longer ones take a slower path in doubles, exact up to 2^53. Values above that occur in two places only:
 * "no thread" (2^64 - 1), for which an approximate double is good enough, and the numbers of heap objects below the
 * address that the trace counts from, which the kernel reads.
 *
 * A cursor does not check its limit at every byte. Who owns the bytes pads them with zeros (a zero byte ends any
 * integer) and compares `pos` with `end` after each record.
 */
import { HeaptapeError } from '@heaptape/schema';

/** Zero bytes that must follow the bytes under a cursor: more than the longest event, six integers and its number. */
export const PADDING: number = 64;

const TWO_28 = 0x1000_0000;
const TWO_49 = 0x2_0000_0000_0000;

/** A position in padded bytes. */
export class ByteCursor {
  bytes: Uint8Array;
  pos: number;
  /** First byte that is not part of the data. */
  end: number;
  /** File offset of byte 0, for messages. */
  offset: number;

  constructor(bytes: Uint8Array, end: number, offset: number) {
    this.bytes = bytes;
    this.pos = 0;
    this.end = end;
    this.offset = offset;
  }

  /** Next unsigned integer. Throws `bad-data` where it is longer than 64 bits. */
  uvarint(): number {
    const bytes = this.bytes;
    let p = this.pos;
    let c = bytes[p++];
    if (c < 128) {
      this.pos = p;
      return c;
    }
    let value = c & 127;
    c = bytes[p++];
    value |= (c & 127) << 7;
    if (c < 128) {
      this.pos = p;
      return value;
    }
    c = bytes[p++];
    value |= (c & 127) << 14;
    if (c < 128) {
      this.pos = p;
      return value;
    }
    c = bytes[p++];
    value |= (c & 127) << 21;
    this.pos = p;
    return c < 128 ? value : this.long(value);
  }

  /** `length` bytes of UTF-8 from the position on. */
  text(length: number): string {
    const from = this.pos;
    this.pos += length;
    return decodeUtf8(this.bytes, from, from + length);
  }

  private long(first28: number): number {
    const bytes = this.bytes;
    let p = this.pos;
    let low = first28;
    let scale = TWO_28;
    let c = 128;
    for (let i = 4; i < 7 && c > 127; i++) {
      c = bytes[p++];
      low += (c & 127) * scale;
      scale *= 128;
    }
    let top = 0;
    scale = 1;
    for (let i = 7; i < 10 && c > 127; i++) {
      c = bytes[p++];
      top += (c & 127) * scale;
      scale *= 128;
    }
    if (c > 127 || top >= 0x8000) {
      throw new HeaptapeError(
        'bad-data',
        `integer of more than 64 bits at offset ${this.offset + this.pos}`,
      );
    }
    this.pos = p;
    return top * TWO_49 + low;
  }
}

/** Decodes UTF-8; a byte that fits no sequence becomes U+FFFD. */
function decodeUtf8(bytes: Uint8Array, from: number, to: number): string {
  let text = '';
  for (let p = from; p < to; ) {
    const lead = bytes[p];
    const length = sequenceLength(bytes, p, to);
    if (length === 1) text += String.fromCharCode(lead);
    else if (length === 0) text += '\ufffd';
    else {
      let point = lead & (0x7f >> length);
      for (let i = 1; i < length; i++) point = (point << 6) | (bytes[p + i] & 63);
      const valid = point >= [0, 0, 0x80, 0x800, 0x10000][length] && point <= 0x10ffff;
      text += valid && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : '\ufffd';
    }
    p += length === 0 ? 1 : length;
  }
  return text;
}

/** Bytes of the sequence that starts at `p`; 0 where none does or it is cut. */
function sequenceLength(bytes: Uint8Array, p: number, to: number): number {
  const lead = bytes[p];
  if (lead < 0x80) return 1;
  const length = lead >= 0xf8 ? 0 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length === 0 || p + length > to) return 0;
  for (let i = 1; i < length; i++) if ((bytes[p + i] & 0xc0) !== 0x80) return 0;
  return length;
}
