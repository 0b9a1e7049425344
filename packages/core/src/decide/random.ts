/**
 * Random decisions: numbers that depend on the run's seed and on nothing else.
 *
 * A linear congruential step with a mixing output: good enough to vary an interleaving, and the same on
 * every machine.
 */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed | 0, 0x9e3779b1) | 0;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
    mixed ^= mixed >>> 16;
    return (mixed >>> 0) % bound;
  }
}
