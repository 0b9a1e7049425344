/** Finalizers, cleanups and weak pointers that are over at an event, from the notes along the tape. */
import type { SpecialNotes } from '../worker/notes/specialnotes.ts';
import type { SpecialKind } from '../worker/specials.ts';

export interface DoneSpecial {
  readonly special: number;
  readonly kind: SpecialKind;
  readonly object: number;
  readonly how: 'ran' | 'cleared' | 'taken off';
  /** Events: when it was over, and when it had become due; 0 is never. */
  readonly ended: number;
  readonly queued: number;
}

/** Go's numbers of kinds. */
const KINDS: Readonly<Record<number, SpecialKind>> = {
  2: 'finalizer',
  3: 'weak pointer',
  7: 'cleanup',
};
const MOST = 100;

/** The latest ones first, and how many there are. */
export function doneSpecials(
  { kind, object, queued, started, ended }: SpecialNotes,
  event: number,
): { readonly latest: readonly DoneSpecial[]; readonly count: number } {
  const over: number[] = [];
  for (let special = 1; special < ended.length; special += 1) {
    if (ended[special] > 0 && ended[special] <= event) over.push(special);
  }
  over.sort((a, b) => ended[b] - ended[a]);
  const latest = over.slice(0, MOST).map((special): DoneSpecial => {
    const name = KINDS[kind[special]] ?? 'finalizer';
    const without = name === 'weak pointer' ? 'cleared' : 'taken off';
    return {
      special,
      kind: name,
      object: object[special],
      how: started[special] > 0 ? 'ran' : without,
      ended: ended[special],
      queued: queued[special],
    };
  });
  return { latest, count: over.length };
}
