/**
 * Slots that references lead to, and which objects lie in them.
 *
 * An object begins with its slot, or a word later: Go puts a header before objects above 512 bytes that have
 * pointers. Looking for an object one by one is a search through all of them, so it is done for many at a
 * time, in one pass.
 */
import { slotBytes, slotOfWord, type World } from '@heaptape/core';

const PAGE_WORDS_SHIFT = 10;
const SPAN_IN_USE = 1;

/** First word of the slot that holds a word, and of the next one; null where no span in use does. */
export function slotAround(w: World, word: number): { from: number; to: number } | null {
  const page = w.spanOf[word >> PAGE_WORDS_SHIFT] - 1;
  if (page < 0 || w.spanState[page] !== SPAN_IN_USE) return null;
  const size = slotBytes(w, page) / 8;
  const from = (page << PAGE_WORDS_SHIFT) + slotOfWord(w, page, word) * size;
  return { from, to: from + size };
}

/** Words of the largest slot whose object has no header before it. */
const NO_HEADER = 64;

/** The objects that references (word plus 1) lead to, in order; 0 is none. */
export function targetsOf(w: World, references: readonly number[]): readonly number[] {
  const beginnings = references.map((reference) => {
    const slot = slotAround(w, reference - 1);
    if (slot === null) return [];
    return slot.to - slot.from > NO_HEADER ? [slot.from, slot.from + 1] : [slot.from];
  });
  const wanted = new Set(beginnings.flat());
  const newest = wanted.size === 0 ? new Map<number, number>() : w.objects.newestAt(wanted);
  return beginnings.map((words) => Math.max(0, ...words.map((word) => newest.get(word) ?? 0)));
}
