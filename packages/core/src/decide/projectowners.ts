/**
 * Whose a slot is: for programs that are decided again under settings that are not their own.
 *
 * A program whose tape has weak pointers, finalizers or pools may have used an object because the
 * collector had not come for it. Under other settings it may be gone by then, and a newer object may lie
 * in its slot. What the ordinal says is then a place in memory that is somebody else's.
 *
 * 1. The owner of a slot is the newest object that took it, as long as the slot is alive.
 * 2. `isThere` first takes in what was allocated since it was last asked. An older layout of the same
 *    pages may leave entries behind that mean nothing; a slot that is alive was taken after those, so
 *    its true owner has overwritten them.
 * 3. When objects have changed places all is taken in anew. Those that were dead then have been dropped,
 *    so that here too the newest one counts.
 *
 * Nothing is kept until something is asked.
 */
import { wordAlive } from '../heap/check_pointers.ts';
import { slotStart } from '../heap/moves.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';

export class Owners {
  readonly #world: World;
  /** By first word of a slot: the newest object that took it; 0 is none. */
  #newest = new Int32Array(0);
  /** The first object that has not been taken in, and `World.placementMoves` at the time. */
  #next = 1;
  #moves = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether an object is alive as far as the collector knows, and lies where its ordinal says. */
  isThere(object: number): boolean {
    const w = this.#world;
    const word = w.objects.wordOf(object);
    if (!wordAlive(w, word)) return false;
    this.#catchUp();
    return this.#newest[slotStart(w, word)] === object;
  }

  #catchUp(): void {
    const w = this.#world;
    const end = w.scalars[SCALAR.nextOrdinal];
    if (this.#next === end && this.#moves === w.placementMoves) return;
    if (this.#newest.length < w.spanOf.length << 10) {
      const grown = new Int32Array(w.spanOf.length << 10);
      grown.set(this.#newest);
      this.#newest = grown;
    }
    if (this.#moves !== w.placementMoves) {
      this.#newest.fill(0);
      this.#next = 1;
      this.#moves = w.placementMoves;
    }
    for (const object of w.objects.ordinals(this.#next)) {
      const word = w.objects.wordOf(object);
      if (w.spanOf[word >> 10] === 0) continue;
      this.#newest[slotStart(w, word)] = object;
    }
    this.#next = end;
  }
}
