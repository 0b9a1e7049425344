/**
 * The state hash: 64 bits, incremental, the same on every platform.
 *
 * A state is a set of cells (column, index, value). Its hash is the sum, in two 32-bit lanes, of
 * a mix of each cell. A sum does not care about order, so a write subtracts the old cell's mix and
 * adds the new one's, and two ways to the same state give the same hash. Cells with value 0 count as
 * absent, so that growing a column changes nothing. Only 32-bit integer operations are used.
 */

/** Mix of one cell for the first lane. `where` names the cell, `value` is its content; both 32 bits. */
export function mixLow(where: number, value: number): number {
  let h = Math.imul(where ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(value, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return (h ^ (h >>> 15)) | 0;
}

/** Mix of one cell for the second lane; independent constants. */
export function mixHigh(where: number, value: number): number {
  let h = Math.imul(where ^ 0x7f4a7c15, 0x27d4eb2f) ^ Math.imul(value, 0x165667b1);
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) | 0;
}

/** A running hash. */
export class StateHash {
  low = 0;
  high = 0;

  /** A cell's value changed. */
  change(where: number, before: number, after: number): void {
    if (before !== 0) {
      this.low = (this.low - mixLow(where, before)) | 0;
      this.high = (this.high - mixHigh(where, before)) | 0;
    }
    if (after !== 0) {
      this.low = (this.low + mixLow(where, after)) | 0;
      this.high = (this.high + mixHigh(where, after)) | 0;
    }
  }

  /** Adds a number of up to 53 bits as two cells. */
  addNumber(where: number, value: number): void {
    const high = Math.floor(value / 4294967296);
    this.change(where, 0, (value - high * 4294967296) | 0);
    this.change(where ^ 0x40000000, 0, high | 0);
  }

  /** Adds another hash. */
  add(other: { readonly low: number; readonly high: number }): void {
    this.low = (this.low + other.low) | 0;
    this.high = (this.high + other.high) | 0;
  }

  hex(): string {
    return hex8(this.high) + hex8(this.low);
  }
}

function hex8(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** Hash of a byte string, as 16 hexadecimal digits. */
export function hashBytes(bytes: Uint8Array): string {
  const hash = new StateHash();
  hash.addNumber(-1, bytes.length);
  let chainLow = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    chainLow = Math.imul(chainLow ^ bytes[i], 0x01000193) | 0;
    if ((i & 3) === 3 || i === bytes.length - 1) hash.change(i, 0, chainLow);
  }
  return hash.hex();
}
