/**
 * Sweeping the specials of a span, before the span itself: what becomes of the records of dead objects.
 *
 * 1. An object that is marked keeps its specials.
 * 2. One that is not marked and has a finalizer lives once more: its finalizers are queued and its weak
 *    handles go nil; cleanups stay until it dies for good. Tiny objects share one slot, so all
 *    their finalizers are queued together.
 * 3. Any other is dead: weak handles go nil, cleanups are queued.
 *
 * Follows `runtime/mgcsweep.go` sweepLocked.sweep, Go 1.26.
 */
import { EVENTS } from '@heaptape/schema';
import { BITMAP_WORDS } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { slotOfWord } from '../heap/slots.ts';
import { CLEANUP_BLOCK, SPECIAL_KIND } from '../heap/specials.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';

/** Index of the slot that a special is about. */
function slotOf(w: World, page: number, special: number): number {
  return slotOfWord(w, page, w.objects.wordOf(w.specials.object[special]));
}

export function sweepSpecials(journal: Journal, page: number): void {
  const w = journal.world;
  const { next } = w.specials;
  let at = w.spanSpecials[page];
  while (at !== 0) {
    const index = slotOf(w, page, at);
    const marked = w.markBits[page * BITMAP_WORDS + (index >> 5)] & (1 << (index & 31));
    const revived = marked === 0 && hasFinalizer(w, page, index, at);
    while (at !== 0 && slotOf(w, page, at) === index) {
      const after = next[at];
      if (marked === 0) takeOff(journal, at, revived);
      at = after;
    }
  }
}

function hasFinalizer(w: World, page: number, index: number, from: number): boolean {
  const { kind, next } = w.specials;
  for (let at = from; at !== 0 && slotOf(w, page, at) === index; at = next[at]) {
    if (kind[at] === SPECIAL_KIND.finalizer) return true;
  }
  return false;
}

function takeOff(journal: Journal, special: number, revived: boolean): void {
  const w = journal.world;
  const kind = w.specials.kind[special];
  if (kind === SPECIAL_KIND.finalizer) {
    journal.emit(EVENTS.FinalizerQueued.tag, special);
  } else if (kind === SPECIAL_KIND.weakHandle) {
    journal.emit(EVENTS.WeakCleared.tag, special);
  } else if (!revived) {
    journal.emit(EVENTS.CleanupQueued.tag, special);
    const p = w.scalars[SCALAR.p];
    if (w.specials.local(p).length === CLEANUP_BLOCK) {
      journal.emit(EVENTS.CleanupBlockFilled.tag, p);
    }
  }
}

/** The last span of the cycle has been swept: cleanups that wait in a block of a P may run. */
export function flushCleanups(journal: Journal): void {
  const { cleanupLocal } = journal.world.specials;
  if (cleanupLocal.some((block) => block.length > 0)) journal.emit(EVENTS.CleanupsFlushed.tag);
}
