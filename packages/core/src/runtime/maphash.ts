/**
 * Hash values of map keys, and the numbers that Go draws at random for maps.
 *
 * Go hashes with a seed of its own for each map, new in every run; here every number follows from
 * the seed of the run, so that a run can be repeated. A hash has 64 bits, in two halves:
 *
 *   hi  the top bits choose the table
 *   lo  bits 7 and up choose the group where probing starts, the low 7 bits go into the control byte
 *
 * A NaN hashes to something else every time, as in Go.
 */
import { Random } from './random.ts';
import type { KeyIdentity } from './values.ts';

const STEP = 0x9e3779b9;
/** Tells these numbers from others that follow from the seed of the run. */
const PURPOSE = 0x6d617073;

function mix(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

export class MapHasher {
  /** Bits 32 to 63 of the last hash. */
  hi = 0;
  /** Bits 0 to 31 of the last hash. */
  lo = 0;
  readonly #float = new Float64Array(1);
  readonly #halves: Uint32Array = new Uint32Array(this.#float.buffer);
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(mix(seed ^ PURPOSE));
  }

  /** The next random number, 0 to 2^32 - 1. */
  random(): number {
    return this.#random.next();
  }

  /** Leaves the hash of a key in `hi` and `lo`. */
  hash(key: KeyIdentity, seed: number): void {
    let hi = seed ^ STEP;
    let lo = seed;
    if (typeof key === 'string') {
      for (let i = 0; i < key.length; i += 1) {
        lo = Math.imul(lo ^ key.charCodeAt(i), 0x01000193);
        hi = Math.imul(hi + lo, 0x85ebca6b) ^ (hi >>> 15);
      }
    } else if (!Number.isNaN(key)) {
      this.#float[0] = key + 0;
      lo = mix(lo ^ this.#halves[0]) ^ this.#halves[1];
      hi = Math.imul(mix(hi + this.#halves[1]) ^ this.#halves[0], 0xc2b2ae35);
    } else {
      lo = this.random();
      hi = this.random();
    }
    this.lo = mix(lo ^ hi);
    this.hi = mix(hi + this.lo);
  }
}
