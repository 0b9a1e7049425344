/**
 * Unsigned LEB128, and numbers that formats stumble over. Numbers above 2^53 are BigInts.
 */

/** Up to 2^64 - 1; every power of two that is somebody's limit, and its neighbours. */
export const EXTREMES = [
  0n,
  1n,
  2n,
  7n,
  8n,
  127n,
  128n,
  255n,
  4096n,
  8191n,
  8192n,
  65535n,
  65536n,
  65537n,
  1_000_000n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  1n << 40n,
  1n << 47n,
  (1n << 49n) - 1n,
  (1n << 53n) - 1n,
  1n << 53n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 8192n,
  (1n << 64n) - 1n,
].map((value) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value));

/** Appends a number to a list of bytes. */
export function putUint(out, value) {
  if (typeof value === 'number' && value < 0x80000000 && value >= 0) {
    let rest = value;
    for (; rest >= 128; rest >>>= 7) out.push((rest & 127) | 128);
    out.push(rest);
    return;
  }
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  out.push(Number(rest));
}

export function leb(value) {
  const out = [];
  putUint(out, value);
  return Buffer.from(out);
}

/** Another number in place of `value`: an extreme, a near one, or one that stands elsewhere. */
export function otherNumber(value, draw, elsewhere) {
  const kind = draw(10);
  if (kind < 4) return EXTREMES[draw(EXTREMES.length)];
  if (kind < 6 && elsewhere.length > 0) return elsewhere[draw(elsewhere.length)];
  const step = BigInt([1, 1, 8, 16, 8192][draw(5)]);
  const near = BigInt(value ?? 0) + (draw(2) === 0 ? step : -step);
  const safe = BigInt.asUintN(64, near);
  return safe <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(safe) : safe;
}

/** Reads what `putUint` writes; throws `RangeError` at the end of the bytes. */
export class ByteReader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get done() {
    return this.at >= this.bytes.length;
  }

  byte() {
    if (this.done) throw new RangeError('the bytes end');
    return this.bytes[this.at++];
  }

  uint() {
    let value = 0;
    for (let scale = 1; scale < 2 ** 49; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    let wide = BigInt(value);
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      wide += BigInt(byte & 127) << shift;
      if (byte < 128) return wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
    }
    throw new RangeError('a number of more than ten bytes');
  }

  take(length) {
    const end = this.at + Number(length);
    if (end > this.bytes.length) throw new RangeError('the bytes end');
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }
}
