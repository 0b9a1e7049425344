/**
 * The undo log: which pointer words and roots changed, and what they held before, in order.
 *
 * Stores scatter over the whole heap, so what a stretch of events changed is found here and not by comparing
 * columns (`savepoint.ts`). Read backwards it undoes them.
 *
 * A world has an undo log only while somebody follows it. One that nobody has emptied for long forgets all and says so.
 */

/** Integers that a log holds at most: a million changes, 8 MB. */
const MAX_INTEGERS = 1 << 21;

export class UndoLog {
  /** Pairs: what changed (`changeWord`), and what it held. */
  pairs: Int32Array = new Int32Array(1 << 12);
  /** Integers in use. */
  count = 0;
  /** Changes have been forgotten. */
  lost = false;

  push(cell: number, before: number): void {
    if (this.count === this.pairs.length) this.#makeRoom();
    this.pairs[this.count] = cell;
    this.pairs[this.count + 1] = before;
    this.count += 2;
  }

  /** Empties it. */
  clear(): void {
    this.count = 0;
    this.lost = false;
  }

  /** Lets go of the first `count` integers. */
  drop(count: number): void {
    this.pairs.copyWithin(0, count, this.count);
    this.count -= count;
  }

  #makeRoom(): void {
    if (this.pairs.length < MAX_INTEGERS) {
      const pairs = new Int32Array(this.pairs.length * 2);
      pairs.set(this.pairs);
      this.pairs = pairs;
      return;
    }
    this.lost = true;
    this.count = 0;
  }
}
