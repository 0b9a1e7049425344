/**
 * Root marking for specials: what must live on account of records outside the heap.
 *
 * 1. The finalizer queue and the cleanup queues: their objects, closures and arguments.
 * 2. A finalizer: everything that its object leads to, but not the object itself, so that the object
 *    can be found dead and yet be whole when the finalizer gets it; and the closure.
 * 3. A cleanup: its closure and argument. A weak handle: the handle.
 *
 * Pointers of an object to itself are not followed, so an object that only it refers to is found dead
 * all the same; a longer cycle through it never is. Follows `runtime/mgcmark.go` markroot,
 * markrootSpans, gcScanFinalizer and gcScanCleanup, and `mgcmark_greenteagc.go` scanObject, Go 1.26.
 */
import { slotBytes, slotOfWord } from '../heap/slots.ts';
import { SPECIAL_KIND, type SpecialTable } from '../heap/specials.ts';
import type { World } from '../heap/world.ts';

/** Words of a piece of a large object: pointers within one piece count as pointers to itself. */
const OBLET_WORDS = 16384;

/** What marking offers: to mark the object that holds a word, and to count scan work in bytes. */
export interface RootSink {
  greyWord(word: number): void;
  countScan(bytes: number): void;
}

function greyObject(w: World, sink: RootSink, object: number): void {
  if (object !== 0) sink.greyWord(w.objectWord[object]);
}

/** Marks what one special keeps; returns the bytes of the slot it had scanned. */
export function markSpecial(w: World, sink: RootSink, special: number): number {
  const t = w.specials;
  const finalizer = t.kind[special] === SPECIAL_KIND.finalizer;
  const bytes = finalizer ? scanContents(w, sink, w.objectWord[t.object[special]]) : 0;
  greyObject(w, sink, t.closure[special]);
  greyObject(w, sink, t.arg[special]);
  return bytes;
}

/**
 * Marks what the slot that holds `word` leads to; returns the bytes of the slot, 0 without pointers. Each piece
 * of a large object counts as scan work up to its own last pointer.
 */
function scanContents(w: World, sink: RootSink, word: number): number {
  const page = w.spanAtWord(word);
  if ((w.spanClass[page] & 1) !== 0) return 0;
  const bytes = slotBytes(w, page);
  const start = (page << 10) + slotOfWord(w, page, word) * (bytes >> 3);
  const end = Math.min(start + (bytes >> 3), w.words.length);
  let words = 0;
  for (let from = start; from < end; from += OBLET_WORDS) {
    let last = from;
    for (let at = from; at < Math.min(from + OBLET_WORDS, end); at += 1) {
      const target = w.words[at] - 1;
      if (target < 0) continue;
      last = at + 1;
      if (piece(target, start, end) !== piece(at, start, end)) sink.greyWord(target);
    }
    words += last - from;
  }
  sink.countScan(words << 3);
  return bytes;
}

/** Which piece of the slot [start, end) a word lies in; -1 outside. */
function piece(word: number, start: number, end: number): number {
  return word >= start && word < end ? Math.floor((word - start) / OBLET_WORDS) : -1;
}

/** Marks what the specials of the span at `page` keep; returns the bytes of slots scanned. */
export function markSpanSpecials(w: World, sink: RootSink, page: number): number {
  let bytes = 0;
  for (let at = w.spanSpecials[page]; at !== 0; at = w.specials.next[at]) {
    bytes += markSpecial(w, sink, at);
  }
  return bytes;
}

/** Marks what queued and running finalizers and cleanups keep. */
export function markQueues(w: World, sink: RootSink): void {
  const t = w.specials;
  for (const list of [t.finRunning, t.finq, [t.finCurrent]]) {
    for (const special of list) {
      greyObject(w, sink, t.object[special]);
      greyObject(w, sink, t.closure[special]);
    }
  }
  for (const list of cleanupLists(t)) {
    for (const special of list) {
      greyObject(w, sink, t.closure[special]);
      greyObject(w, sink, t.arg[special]);
    }
  }
}

function* cleanupLists(t: SpecialTable): Generator<readonly number[]> {
  yield* t.cleanupLocal;
  yield* t.cleanupBlocks;
  for (const { block, running } of t.cleanupWorkers) {
    yield block;
    yield [running];
  }
}
