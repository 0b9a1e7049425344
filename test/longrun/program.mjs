/**
 * A steady program: it allocates for ever, and about as much dies as is born.
 *
 * The mix is that of the benchmarks' graph stream (`test/bench/stream.mjs`): 60 % allocations, 30 % pointer
 * stores, 10 % root stores. It is drawn while it runs, so that the program itself takes the same room however
 * long it runs.
 */
import { defineTypes, generator, TYPES } from '../bench/stream.mjs';

export class SteadyProgram {
  #decider;
  #sites;
  #draw;
  #held;
  #heldType;
  #newest = 0;
  #newestType = 0;

  constructor(decider, { roots, seed }) {
    this.#decider = decider;
    this.#sites = defineTypes(decider);
    this.#draw = generator(seed);
    this.#held = new Int32Array(roots);
    this.#heldType = new Uint8Array(roots);
    for (let index = 0; index < roots; index += 1) {
      this.#allocate();
      this.#root(index);
    }
  }

  /** Gives `count` commands. */
  run(count) {
    for (let i = 0; i < count; i += 1) {
      const draw = this.#draw(10);
      if (draw < 6) this.#allocate();
      else if (draw < 9) this.#store();
      else this.#root(this.#draw(this.#held.length));
    }
  }

  #allocate() {
    this.#newest += 1;
    this.#newestType = this.#draw(TYPES.length);
    this.#decider.allocate(this.#sites[this.#newestType]);
  }

  #root(index) {
    this.#decider.storeRoot(index, this.#newest);
    this.#held[index] = this.#newest;
    this.#heldType[index] = this.#newestType;
  }

  /** Nine in ten hand the newest object to an old one, the others tie old ones together. */
  #store() {
    const draw = this.#draw(20);
    const fromNewest = draw === 18 && TYPES[this.#newestType].words > 0;
    const from = fromNewest ? -1 : this.#scannable();
    const to = draw < 18 ? this.#newest : this.#held[this.#draw(this.#held.length)];
    const type = fromNewest ? this.#newestType : this.#heldType[from];
    const source = fromNewest ? this.#newest : this.#held[from];
    this.#decider.storePointer(source, this.#draw(TYPES[type].words), to);
  }

  /** A root whose object can hold pointers. */
  #scannable() {
    let index = this.#draw(this.#held.length);
    while (TYPES[this.#heldType[index]].words === 0) {
      index = index + 1 === this.#held.length ? 0 : index + 1;
    }
    return index;
  }
}
