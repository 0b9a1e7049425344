/** Safety: nothing alive refers to memory that is free or condemned. See `check.ts`. */
import { SPAN_IN_USE } from './layout.ts';
import { CLASS_BYTES } from './sizeclasses.ts';
import { slotAlive, slotOfWord } from './slots.ts';
import type { World } from './world.ts';

/** Whether a word lies in an object that is alive as far as the collector knows. */
export function wordAlive(w: World, word: number): boolean {
  const base = word >= 0 && word < w.pages << 10 ? w.spanOf[word >> 10] - 1 : -1;
  if (base < 0) return false;
  const index = slotOfWord(w, base, word);
  return index < w.nelems[base] && slotAlive(w, base, index);
}

export function checkPointers(w: World, report: (problem: string) => void): void {
  for (let root = 0; root < w.rootCount; root += 1) {
    if (w.roots[root] !== 0 && !wordAlive(w, w.roots[root] - 1)) {
      report(`root ${root} points to word ${w.roots[root] - 1}, which is not alive`);
    }
  }
  for (let p = 0; p < w.tinyBlock.length; p += 1) {
    const block = w.tinyBlock[p];
    if (block !== 0 && !wordAlive(w, w.objects.wordOf(block))) {
      report(`the tiny block of P ${p} is not alive`);
    }
  }
  for (let page = 0; page < w.pages; page += 1) {
    const scan = w.spanState[page] === SPAN_IN_USE && (w.spanClass[page] & 1) === 0;
    if (scan && page << 10 < w.words.length) checkSpanWords(w, page, report);
  }
}

function checkSpanWords(w: World, page: number, report: (problem: string) => void): void {
  const spanClass = w.spanClass[page];
  const slotWords = spanClass < 2 ? w.spanPages[page] << 10 : CLASS_BYTES[spanClass >> 1] >> 3;
  for (let index = 0; index < w.nelems[page]; index += 1) {
    if (!slotAlive(w, page, index)) continue;
    const start = (page << 10) + index * slotWords;
    for (let word = start; word < start + slotWords; word += 1) {
      const reference = w.words[word];
      if (reference !== 0 && !wordAlive(w, reference - 1)) {
        report(`word ${word} of span ${page} points to word ${reference - 1}, which is not alive`);
      }
    }
  }
}
