/**
 * mcentral's lists of spans: for each span class, partial and full ones, swept and unswept.
 *
 * Go keeps two sets of each kind and lets them change roles when `sweepgen` rises by 2, so that every
 * swept span becomes an unswept one without being touched. Here a set is a doubly linked list through
 * the page columns; spans are pushed to and taken from its head, the last in being the first out.
 * Follows `runtime/mcentral.go`, Go 1.26, whose sets are also last in, first out.
 */
import { AssertionError } from '@heaptape/schema';
import { SCALAR } from './scalars.ts';
import type { World } from './world.ts';

export const PARTIAL = 0;
export const FULL = 1;

/** Index into `World.lists`. */
function listIndex(w: World, spanClass: number, kind: number, swept: boolean): number {
  const role = (w.scalars[SCALAR.sweepgen] >> 1) & 1;
  return spanClass * 4 + kind * 2 + (swept ? role : 1 - role);
}

/** First page of the span at the head of a list, or -1. */
export function listHead(w: World, spanClass: number, kind: number, swept: boolean): number {
  return w.lists[listIndex(w, spanClass, kind, swept)] - 1;
}

export function pushSwept(w: World, page: number, kind: number): void {
  if (!(w.listOf[page] === 0)) throw new AssertionError(`span ${page} is in a list already`);
  const list = listIndex(w, w.spanClass[page], kind, true);
  const head = w.lists[list];
  w.listOf[page] = list + 1;
  w.listPrev[page] = 0;
  w.listNext[page] = head;
  if (head !== 0) {
    w.listPrev[head - 1] = page + 1;
    w.dirtyPages[head - 1] = 3;
  }
  w.lists[list] = page + 1;
}

/** Takes a span out of the list it is in, if any. */
export function unlink(w: World, page: number): void {
  const list = w.listOf[page];
  if (list === 0) return;
  const before = w.listPrev[page];
  const after = w.listNext[page];
  if (before === 0) w.lists[list - 1] = after;
  else {
    w.listNext[before - 1] = after;
    w.dirtyPages[before - 1] = 3;
  }
  if (after !== 0) {
    w.listPrev[after - 1] = before;
    w.dirtyPages[after - 1] = 3;
  }
  w.listOf[page] = 0;
  w.listPrev[page] = 0;
  w.listNext[page] = 0;
}
