/** Whose roots are: those of goroutines and those of none, by the names that they have at an event. */
import type { RootNotes } from '../worker/notes/rootnotes.ts';
import type { RootView } from '../worker/queries/goroutines.ts';

export interface NamedRoot extends RootView {
  readonly name: string;
}

/** Roots by goroutine, 0 for the others: the first ones of each, and how many there are. */
export type RootsBy = ReadonlyMap<number, { readonly shown: NamedRoot[]; readonly count: number }>;

const MOST_EACH = 60;
const MOST_OTHERS = 300;
const OF_GOROUTINE = /^goroutine (\d+) /;

/** The names of some roots after an event; those without one are left out. */
function namesAt(
  { seq, root, name, names }: RootNotes,
  wanted: ReadonlySet<number>,
  event: number,
): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (let i = 0; i < seq.length && seq[i] <= event; i += 1) {
    if (wanted.has(root[i])) found.set(root[i], names[name[i]]);
  }
  return found;
}

/** Without notes roots have numbers only. */
export function rootsBy(
  roots: readonly RootView[],
  notes: RootNotes | undefined,
  event: number,
): RootsBy {
  const wanted = new Set(roots.map(({ root }) => root));
  const names = notes === undefined ? new Map<number, string>() : namesAt(notes, wanted, event);
  const found = new Map<number, { shown: NamedRoot[]; count: number }>();
  for (const view of roots) {
    const name = names.get(view.root) ?? `root ${view.root}`;
    const g = Number(OF_GOROUTINE.exec(name)?.[1] ?? 0);
    const list = found.get(g) ?? { shown: [], count: 0 };
    found.set(g, list);
    list.count += 1;
    if (list.shown.length < (g === 0 ? MOST_OTHERS : MOST_EACH)) list.shown.push({ ...view, name });
  }
  return found;
}
