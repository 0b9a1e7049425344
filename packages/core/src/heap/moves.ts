/**
 * Moves of objects from slot to slot, as columns, and the pointers that follow them.
 *
 * A move names two slots by their first words. The destination of a move is free when its turn comes,
 * though it may have been the source of an earlier one.
 */
import { AssertionError } from '@heaptape/schema';
import { BITMAP_WORDS } from './layout.ts';
import { BLOCK_SHIFT, GONE } from './objects.ts';
import { CLASS_BYTES } from './sizeclasses.ts';
import { slotOfWord } from './slots.ts';
import { changePlacement, changeRoot, changeWord, foldObjects } from './statehash.ts';
import { DIRTY_ALL, ROOT_CHUNK_SHIFT, WORD_CHUNK_SHIFT, type World } from './world.ts';

/** A growing list of moves. */
export interface MoveList {
  from: Int32Array;
  to: Int32Array;
  count: number;
  add(from: number, to: number): void;
}

export function noMoves(): MoveList {
  const moves: MoveList = {
    from: new Int32Array(1024),
    to: new Int32Array(1024),
    count: 0,
    add(from, to) {
      if (moves.count === moves.from.length) {
        const [olds, news] = [moves.from, moves.to];
        moves.from = new Int32Array(olds.length * 2);
        moves.to = new Int32Array(olds.length * 2);
        moves.from.set(olds);
        moves.to.set(news);
      }
      moves.from[moves.count] = from;
      moves.to[moves.count] = to;
      moves.count += 1;
    },
  };
  return moves;
}

/** First word of the slot that holds `word`. */
export function slotStart(w: World, word: number): number {
  const page = w.spanAtWord(word);
  const spanClass = w.spanClass[page];
  if (spanClass < 2) return page << 10;
  return (page << 10) + slotOfWord(w, page, word) * (CLASS_BYTES[spanClass >> 1] >> 3);
}

/** By first word of a slot: where its object goes, plus 1; 0 where it stays. */
function forwarding(w: World, moves: MoveList): Int32Array {
  const forward = new Int32Array(w.pages << 10);
  for (let i = 0; i < moves.count; i += 1) forward[moves.from[i]] = moves.to[i] + 1;
  return forward;
}

/** A reference (word + 1; 0 is nil) after the moves. */
function forwarded(w: World, forward: Int32Array, reference: number): number {
  if (reference === 0) return 0;
  const start = slotStart(w, reference - 1);
  return forward[start] === 0 ? reference : reference - start + forward[start] - 1;
}

/** How many pointer words and roots lead to objects that move. */
export function countPointersTo(w: World, moves: MoveList): number {
  const forward = forwarding(w, moves);
  let count = 0;
  const limit = Math.min(w.words.length, w.pages << 10);
  for (let word = 0; word < limit; word += 1) {
    const reference = w.words[word];
    if (reference === 0 || !mayPoint(w, word)) continue;
    if (forwarded(w, forward, reference) !== reference) count += 1;
  }
  for (let root = 0; root < w.rootCount; root += 1) {
    if (forwarded(w, forward, w.roots[root]) !== w.roots[root]) count += 1;
  }
  return count;
}

/** Whether a word lies in an object with pointers; free and pointer-free slots keep stale words. */
function mayPoint(w: World, word: number): boolean {
  const base = w.spanOf[word >> 10];
  if (base === 0) return false;
  return (w.spanClass[base - 1] & 1) === 0 && isTaken(w, word);
}

/** Whether the slot that holds a word of a span holds an object. Every span is swept. */
function isTaken(w: World, word: number): boolean {
  const page = w.spanAtWord(word);
  const index = slotOfWord(w, page, word);
  if (w.spanClass[page] < 2) return w.allocCount[page] === 1;
  if (index >= w.nelems[page]) return false;
  return (w.allocBits[page * BITMAP_WORDS + (index >> 5)] & (1 << (index & 31))) !== 0;
}

/** Carries the moves out: slots, contents, pointers, placement. Returns the pointers updated. */
export function moveObjects(w: World, moves: MoveList): number {
  const forward = forwarding(w, moves);
  const updated = updatePointers(w, forward);
  moveOrdinals(w, forward);
  for (let i = 0; i < moves.count; i += 1) moveSlot(w, moves.from[i], moves.to[i]);
  return updated;
}

function updatePointers(w: World, forward: Int32Array): number {
  let count = 0;
  const limit = Math.min(w.words.length, w.pages << 10);
  for (let word = 0; word < limit; word += 1) {
    const before = w.words[word];
    if (before === 0 || !mayPoint(w, word)) continue;
    const after = forwarded(w, forward, before);
    if (after === before) continue;
    changeWord(w, word, before, after);
    w.words[word] = after;
    w.dirtyWords[word >> WORD_CHUNK_SHIFT] = DIRTY_ALL;
    count += 1;
  }
  for (let root = 0; root < w.rootCount; root += 1) {
    const before = w.roots[root];
    const after = forwarded(w, forward, before);
    if (after === before) continue;
    changeRoot(w, root, before, after);
    w.roots[root] = after;
    w.dirtyRoots[root >> ROOT_CHUNK_SHIFT] = DIRTY_ALL;
    count += 1;
  }
  return count;
}

/** `forward`: the object of this slot has been found. */
const SEEN = -1;

/**
 * The newest object of a taken slot is the one in it, and moves with it. All others are dead: an
 * object that moves could come to lie where a younger one was. So they are dropped, or their words become
 * negative (-1 - word), which keeps the rule true for the next time.
 */
function moveOrdinals(w: World, forward: Int32Array): void {
  foldObjects(w);
  const { objects } = w;
  objects.own();
  const { words, sites, blocks } = objects;
  for (let at = (objects.count << BLOCK_SHIFT) - 1; at >= 1 << BLOCK_SHIFT; at -= 1) {
    const word = words[at];
    if (word < 0) continue;
    const start = w.spanOf[word >> 10] === 0 ? -1 : slotStart(w, word);
    if (start < 0 || forward[start] === SEEN || !isTaken(w, start)) {
      words[at] = objects.keepDead ? -1 - word : GONE;
      continue;
    }
    const to = forward[start] - 1;
    forward[start] = SEEN;
    if (to < 0) continue;
    words[at] = word - start + to;
    const ordinal = (blocks[at >> BLOCK_SHIFT] << BLOCK_SHIFT) | (at & ((1 << BLOCK_SHIFT) - 1));
    changePlacement(w, ordinal, sites[at], word, words[at]);
    const from = w.spanAtWord(start);
    const own = w.spanAtWord(to);
    const index = slotOfWord(w, from, start);
    if ((w.heldBits[from * BITMAP_WORDS + (index >> 5)] & (1 << (index & 31))) === 0) continue;
    const scan = w.siteScan[sites[at]];
    w.heldScan[from] -= scan;
    w.heldScan[own] += scan;
  }
  objects.version += 1;
  w.placementMoves += 1;
}

function moveSlot(w: World, from: number, to: number): void {
  const source = w.spanAtWord(from);
  const target = w.spanAtWord(to);
  const slotWords = CLASS_BYTES[w.spanClass[source] >> 1] >> 3;
  moveBit(w, w.allocBits, from, to, true);
  moveBit(w, w.heldBits, from, to, false);
  w.allocCount[source] -= 1;
  w.allocCount[target] += 1;
  w.needzero[target] = 1;
  w.needzero[source] = 1;
  w.dirtyPages[source] = DIRTY_ALL;
  w.dirtyPages[target] = DIRTY_ALL;
  if (from >= w.words.length || (w.spanClass[source] & 1) !== 0) return;
  for (let i = 0; i < slotWords; i += 1) moveWord(w, from + i, to + i);
}

function moveWord(w: World, from: number, to: number): void {
  const value = w.words[from];
  const before = to < w.words.length ? w.words[to] : 0;
  if (value !== 0 && to >= w.words.length) w.reserveWords();
  if (before !== value) {
    changeWord(w, to, before, value);
    w.words[to] = value;
    w.dirtyWords[to >> WORD_CHUNK_SHIFT] = DIRTY_ALL;
  }
  if (value !== 0) {
    changeWord(w, from, value, 0);
    w.words[from] = 0;
    w.dirtyWords[from >> WORD_CHUNK_SHIFT] = DIRTY_ALL;
  }
}

/** Takes a slot's bit along. With `must`, it has to be set at the source and clear at the target. */
function moveBit(w: World, bits: Int32Array, from: number, to: number, must: boolean): void {
  const source = w.spanAtWord(from);
  const target = w.spanAtWord(to);
  const a = slotOfWord(w, source, from);
  const b = slotOfWord(w, target, to);
  const at = source * BITMAP_WORDS + (a >> 5);
  const into = target * BITMAP_WORDS + (b >> 5);
  const isSet = (bits[at] & (1 << (a & 31))) !== 0;
  if (must && !(isSet && (bits[into] & (1 << (b & 31))) === 0)) {
    throw new AssertionError(`the object at word ${from} cannot move to word ${to}`);
  }
  bits[at] &= ~(1 << (a & 31));
  if (isSet) bits[into] |= 1 << (b & 31);
}
