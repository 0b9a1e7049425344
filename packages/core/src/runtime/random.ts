/**
 * The program's side of chance: a small generator that the seed of the run determines.
 *
 * The state is a counter that steps by an odd constant; each number is the counter mixed by two
 * multiplications and shifts. It passes what a scheduler needs: equal shares, no short cycle.
 */

/** Odd, near 2^32 divided by the golden ratio, so that successive states spread evenly. */
const STEP = 0x9e3779b9;

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** The next number, 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + STEP) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** A number from 0 to `bound` - 1; `bound` is at least 1. */
  below(bound: number): number {
    return Math.floor((this.next() / 4294967296) * bound);
  }
}
