/**
 * Evolve, for colours: mark bits, and at the fine setting which marked objects are grey.
 *
 * White: no mark bit. Grey: mark bit and grey bit. Black: mark bit alone. At the coarse setting no grey
 * bit is ever set and a marked object may be either. Grey bits are all zero between cycles.
 *
 * Follows the colours as `runtime/mgcwork.go` defines them, Go 1.26.
 */
import { assert } from '@heaptape/schema';
import { BITMAP_WORDS } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { slotBytes, slotOfWord } from '../heap/slots.ts';
import { DIRTY_ALL, type World } from '../heap/world.ts';

/** Marks a slot, if it is not marked, and counts its bytes. */
export function setMark(w: World, page: number, index: number): void {
  const at = page * BITMAP_WORDS + (index >> 5);
  const bit = 1 << (index & 31);
  if ((w.markBits[at] & bit) !== 0) return;
  w.markBits[at] |= bit;
  w.dirtyPages[page] = DIRTY_ALL;
  w.scalars[SCALAR.bytesMarked] += slotBytes(w, page);
}

/** The object at a word is grey from here on. */
export function objectGreyed(w: World, word: number): void {
  const page = w.spanAtWord(word);
  const index = slotOfWord(w, page, word);
  setMark(w, page, index);
  w.reserveGrey();
  const at = page * BITMAP_WORDS + (index >> 5);
  const bit = 1 << (index & 31);
  assert((w.greyBits[at] & bit) === 0, 'an object turns grey once');
  w.greyBits[at] |= bit;
  w.greyCount += 1;
  w.dirtyPages[page] = DIRTY_ALL;
}

/** The object at a word is black from here on. */
export function objectBlackened(w: World, word: number): void {
  const page = w.spanAtWord(word);
  const index = slotOfWord(w, page, word);
  setMark(w, page, index);
  if (w.greyCount === 0) return;
  const at = page * BITMAP_WORDS + (index >> 5);
  const bit = 1 << (index & 31);
  if (at >= w.greyBits.length || (w.greyBits[at] & bit) === 0) return;
  w.greyBits[at] &= ~bit;
  w.greyCount -= 1;
  w.dirtyPages[page] = DIRTY_ALL;
}

/** From here on the state does not say which objects are grey. */
export function forgetGrey(w: World): void {
  if (w.greyCount === 0) return;
  for (let page = 0; page < w.pages; page += 1) {
    const from = page * BITMAP_WORDS;
    const end = Math.min(from + BITMAP_WORDS, w.greyBits.length);
    for (let at = from; at < end; at += 1) {
      if (w.greyBits[at] === 0) continue;
      w.greyBits[at] = 0;
      w.dirtyPages[page] = DIRTY_ALL;
    }
  }
  w.greyCount = 0;
}
