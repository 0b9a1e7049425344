/** What goroutines owed the collector and paid, from the notes along the tape. */
import type { AssistNotes } from '../worker/notes/pacernotes.ts';
import { firstNotBelow } from './axis.ts';

/** An assist; bytes, ns. `waitedNs` is null where it was paid at once. */
export interface Assist {
  readonly seq: number;
  readonly debt: number;
  readonly stolen: number;
  readonly marked: number;
  readonly credit: number;
  readonly ns: number;
  readonly waitedNs: number | null;
}

/** The latest assist of a goroutine up to an event. */
export function latestAssist(notes: AssistNotes, g: number, event: number): Assist | null {
  for (let at = firstNotBelow(notes.seq, event + 1) - 1; at >= 0; at -= 1) {
    if (notes.g[at] !== g) continue;
    const waitedNs = notes.waitedNs[at];
    return {
      seq: notes.seq[at],
      debt: notes.debt[at],
      stolen: notes.stolen[at],
      marked: notes.marked[at],
      credit: notes.credit[at],
      ns: notes.ns[at],
      waitedNs: Number.isNaN(waitedNs) ? null : waitedNs,
    };
  }
  return null;
}

/** The ratio of the latest assist that paid, between two events: scan work for each allocated byte. */
export function latestRatio(
  notes: AssistNotes,
  from: number,
  to: number,
): { readonly seq: number; readonly ratio: number } | null {
  for (let at = firstNotBelow(notes.seq, to + 1) - 1; at >= 0; at -= 1) {
    if (notes.seq[at] < from) return null;
    if (!Number.isNaN(notes.ratio[at])) return { seq: notes.seq[at], ratio: notes.ratio[at] };
  }
  return null;
}
