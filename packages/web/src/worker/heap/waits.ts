/**
 * What each finalizer, cleanup and weak pointer waits for: who keeps its object alive.
 *
 * A finalizer keeps alive what its object refers to. So of a chain of objects with finalizers only the first
 * is due; the next one has to wait until that has run and a later cycle has freed it.
 */
import { NONE, WORLD_ROOT_KINDS } from '@heaptape/replay';
import type { HeapFacts } from './heapfacts.ts';

export interface Wait {
  readonly object: number;
  /** The root that a shortest path leads from; null where none does: the next cycle finds it dead. */
  readonly root: string | null;
  /** That root is a finalizer, a cleanup or a weak handle, and not the program. */
  readonly bySpecial: boolean;
}

/** One answer an object, in the order asked for; objects that are not alive are left out. */
export function waitsOf(facts: HeapFacts, objects: readonly number[]): Wait[] {
  const { graph } = facts;
  const { distance, before, by } = facts.paths;
  return objects.flatMap((ordinal): Wait[] => {
    let at = graph.ordinals.indexOf(ordinal);
    if (at === NONE) return [];
    if (distance[at] === NONE) return [{ object: ordinal, root: null, bySpecial: false }];
    while (before[at] !== NONE) at = before[at];
    const root = by[at];
    const bySpecial = WORLD_ROOT_KINDS[graph.rootKind[root]] === 'special';
    return [{ object: ordinal, root: facts.rootText(root), bySpecial }];
  });
}
