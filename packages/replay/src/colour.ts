/**
 * The colour of an object, as marking sees it.
 *
 * White is not (yet) marked; between cycles that is everything alive. Grey is marked and still to be
 * scanned, black is marked and done with. Which objects are grey is known only where marking was
 * recorded object by object (`MarkDetailSet`); elsewhere a marked object counts as black.
 */
import { slotOfWord, type World } from '@heaptape/core';

export type Colour = 'white' | 'grey' | 'black' | 'free';

const BITMAP_WORDS = 32;

const bitOf = (bits: Int32Array, at: number, index: number): boolean =>
  at < bits.length && ((bits[at] >>> (index & 31)) & 1) === 1;

/** Colour of the object that holds a word. The word must lie in a span in use, and the object live. */
export function colourOfWord(w: World, word: number): Exclude<Colour, 'free'> {
  const page = w.spanAtWord(word);
  const index = slotOfWord(w, page, word);
  const at = page * BITMAP_WORDS + (index >> 5);
  if (!bitOf(w.markBits, at, index)) return 'white';
  return bitOf(w.greyBits, at, index) ? 'grey' : 'black';
}
