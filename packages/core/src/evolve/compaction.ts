/**
 * Evolve, for compaction: one event moves every object at once, so that no state between holds a
 * pointer to a place that its object has left.
 *
 * The moves are pairs of varints in order: the source's word against the source before it
 * (zigzag), then by how many words the object goes down. Spans that are left empty give
 * their pages back, the others are put into the list that fits them.
 */
import { assert, type ByteCursor, readUint, unzigzag } from '@heaptape/schema';
import { produce } from 'immer';
import { FULL, PARTIAL, pushSwept, unlink } from '../heap/lists.ts';
import { type MoveList, moveObjects, noMoves } from '../heap/moves.ts';
import { freeSpan } from '../heap/pages.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import { PAUSE_RING } from './cycle.ts';
import { putSpecials, takeSpecials } from './specials.ts';

export function heapCompacted(
  w: World,
  objects: number,
  pointers: number,
  pauseNs: number,
  moveBytes: Uint8Array,
): void {
  const { scalars } = w;
  assert(scalars[SCALAR.gcphase] === 0 && scalars[SCALAR.unswept] === 0, 'the heap is swept');
  const moves = readMoves(moveBytes);
  assert(moves.count === objects, 'the event counts its moves');
  const spans = spansOf(w, moves);
  const specials = takeSpecials(w, spans);
  assert(moveObjects(w, moves) === pointers, 'the event counts the pointers it updates');
  putSpecials(w, specials);
  relist(w, spans);
  scalars[SCALAR.timeNs] += pauseNs;
  scalars[SCALAR.pauseTotalNs] += pauseNs;
  scalars[SCALAR.lastGCNs] = scalars[SCALAR.timeNs];
  const slot = (scalars[SCALAR.numGC] - 1) % PAUSE_RING;
  w.control = produce(w.control, (draft) => {
    draft.pauseNs[slot] += pauseNs;
    draft.pauseEnd[slot] = scalars[SCALAR.timeNs];
  });
}

function readMoves(bytes: Uint8Array): MoveList {
  const moves = noMoves();
  const cursor: ByteCursor = { bytes, at: 0 };
  let from = 0;
  while (cursor.at < bytes.length) {
    from += unzigzag(readUint(cursor));
    moves.add(from, from - readUint(cursor));
  }
  return moves;
}

/** First pages of the spans that objects leave or enter. */
function spansOf(w: World, moves: MoveList): ReadonlySet<number> {
  const spans = new Set<number>();
  for (let i = 0; i < moves.count; i += 1) {
    spans.add(w.spanAtWord(moves.from[i]));
    spans.add(w.spanAtWord(moves.to[i]));
  }
  return spans;
}

/** Empty spans go, full ones and partial ones change lists. */
function relist(w: World, spans: ReadonlySet<number>): void {
  for (const page of spans) {
    if (w.allocCount[page] === 0) {
      freeSpan(w, page);
      continue;
    }
    w.allocBefore[page] = w.allocCount[page];
    unlink(w, page);
    pushSwept(w, page, w.allocCount[page] === w.nelems[page] ? FULL : PARTIAL);
  }
}
