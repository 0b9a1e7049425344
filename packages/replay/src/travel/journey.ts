/**
 * Journeys: searches and long moves that can give way, and can be broken off.
 *
 * A search may look at millions of events. As a generator it stops now and then at a place where nothing
 * is half done; whoever drives it may let other things happen, go on, or leave it there. Then the
 * traveller goes to `rest`: where a search that goes on has got to; where a search that goes back has
 * nothing left to look at behind it.
 *
 * 1. A slice ends after so many events, whatever they cost.
 * 2. A condition can be dear (one that walks the heap). So `due` is asked after every few readings; it may
 *    look at a clock, which is none of this package's business.
 */
import { TAG_COUNT } from '@heaptape/schema';
import type { Progress } from '../fold.ts';
import type { FoldWatcher, Timeline } from '../timeline.ts';
import type { Position } from './position.ts';

/** Where a journey would end if it were broken off now. */
export interface Rest {
  /** So much of the total is done, in events. */
  readonly done: number;
  readonly total: number;
  readonly rest: Position;
  /** Hits of each stop so far; empty where there are none. */
  readonly counts: readonly number[];
}

export type Journey<T> = Generator<Rest, T, undefined>;

/** Whether a journey should give way; asked often. */
export type Due = () => boolean;

export const NEVER_DUE: Due = () => false;

/** Goes to the end of a journey without giving way. */
export function arrive<T>(journey: Journey<T>, onProgress?: Progress): T {
  for (;;) {
    const step = journey.next();
    if (step.done === true) return step.value;
    onProgress?.(step.value.done, step.value.total);
  }
}

/** Events of a slice that folds, and of one that only looks. */
export const FOLD_SLICE: number = 1 << 15;
export const LOOK_SLICE: number = 1 << 19;
/** Readings between two questions to `due`: a power of two. */
export const DUE_EVERY: number = 16;

const NOBODY: FoldWatcher = { kinds: new Uint8Array(TAG_COUNT), folded: () => false };

/**
 * A timeline's seek, in slices. A seek of the usual length is one slice; only where no state is known for
 * long before the target is it cut into several.
 */
export function* seekSlowly(
  timeline: Timeline,
  event: number,
  rest: (timeline: Timeline) => Rest,
): Generator<Rest, void, undefined> {
  const known = timeline.knownBefore(event + 1);
  const from = timeline.seq <= event ? Math.max(timeline.seq, known) : known;
  if (event - from > FOLD_SLICE) {
    timeline.seek(from);
    while (event - timeline.seq > FOLD_SLICE) {
      timeline.advance(timeline.seq + FOLD_SLICE, NOBODY);
      yield rest(timeline);
    }
  }
  timeline.seek(event);
}
