/**
 * Dropping the dead from the table of objects.
 *
 * 1. An object is there while its slot is taken by it: the newest object whose word lies in a taken slot of
 *    a span in use is the one in it. So entries are looked at from the newest to the oldest, and each
 *    slot that has been met belongs to somebody else from then on.
 * 2. What the collector has found dead and no sweep has come for stays: its slot is still taken. So
 *    which objects are there depends on the state only, not on when somebody looked.
 * 3. The hash of placements is a sum over all objects there ever were, so it takes in the new ones before
 *    any goes (`statehash.ts`).
 */
import { BITMAP_WORDS, SPAN_IN_USE } from './layout.ts';
import { BLOCK_SHIFT, GONE } from './objects.ts';
import { slotAllocated, slotOfWord } from './slots.ts';
import { foldObjects } from './statehash.ts';
import type { World } from './world.ts';

/** Makes room for more objects: that of the dead or, where most are alive, more. */
export function makeRoom(w: World): void {
  const { objects } = w;
  if (objects.blocks.length >= objects.tidyFrom) dropDead(w);
  if (objects.count * 4 > objects.blocks.length) objects.grow(objects.blocks.length * 2);
}

/** Drops the objects whose slots are free or somebody else's. */
export function dropDead(w: World): void {
  const { objects } = w;
  if (objects.keepDead) return;
  foldObjects(w);
  objects.own();
  const { words, sites } = objects;
  const met = new Int32Array(w.pages * BITMAP_WORDS);
  let dropped = 0;
  for (let at = (objects.count << BLOCK_SHIFT) - 1; at >= 1 << BLOCK_SHIFT; at -= 1) {
    const word = words[at];
    if (word === GONE || (word >= 0 && meet(w, met, word))) continue;
    words[at] = GONE;
    sites[at] = 0;
    dropped += 1;
  }
  if (dropped === 0) return;
  objects.version += 1;
  objects.tidy(objects.count);
}

/** Whether a word lies in a taken slot that has not been met; it has been from now on. */
function meet(w: World, met: Int32Array, word: number): boolean {
  const page = w.spanOf[word >> 10] - 1;
  if (page < 0 || w.spanState[page] !== SPAN_IN_USE) return false;
  const index = slotOfWord(w, page, word);
  if (index >= w.nelems[page] || !slotAllocated(w, page, index)) return false;
  const at = page * BITMAP_WORDS + (index >> 5);
  const bit = 1 << (index & 31);
  if ((met[at] & bit) !== 0) return false;
  met[at] |= bit;
  return true;
}
