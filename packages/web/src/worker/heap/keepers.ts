/** Who keeps an object alive: a shortest path from a root, its dominator, and what refers to it. */
import { NONE, OUTSIDE, referrersOf, retainingPath } from '@heaptape/replay';
import type { HeapFacts } from './heapfacts.ts';

export interface NamedObject {
  readonly id: number;
  readonly type: string;
}

/** A step of a path: the word leads to the next step; null in the last. */
export interface PathStep extends NamedObject {
  readonly word: number | null;
}

export interface Referrer extends NamedObject {
  readonly word: number;
}

export interface Keepers {
  readonly object: number;
  /** The state that this is about: after this event. */
  readonly event: number;
  /** Objects that are alive as far as the collector knows, and pointers between them. */
  readonly live: number;
  readonly pointers: number;
  /** The root that a shortest path begins at; null where none leads to the object. */
  readonly root: string | null;
  /** First and last steps of that path; `leftOut` are missing between them, after `path[cut - 1]`. */
  readonly path: readonly PathStep[];
  readonly cut: number;
  readonly leftOut: number;
  readonly dominator: NamedObject | null;
  /** Bytes that would be free without it; 0 where no root leads to it. */
  readonly retained: number;
  /** Roots, then objects that refer to it, the first of each; and how many there are in all. */
  readonly rootReferrers: readonly string[];
  readonly referrers: readonly Referrer[];
  readonly rootReferrerCount: number;
  readonly referrerCount: number;
}

const MOST_STEPS = 60;
const MOST_REFERRERS = 100;

export function keepersOf(facts: HeapFacts, ordinal: number): Keepers {
  const { graph, event } = facts;
  const base = { object: ordinal, event, live: graph.count, pointers: graph.targets.length };
  const object = graph.ordinals.indexOf(ordinal);
  if (object === NONE) return { ...base, ...NOBODY };
  const named = (one: number): NamedObject => ({
    id: graph.ordinals[one],
    type: facts.typeOf(one),
  });
  const { objects, words, roots } = referrersOf(graph, facts.reverse, object);
  const path = retainingPath(graph, facts.paths, object);
  const dominator = path === undefined ? OUTSIDE : facts.dominators.dominator[object];
  const steps = path?.objects ?? [];
  const leftOut = Math.max(0, steps.length - MOST_STEPS);
  const cut = leftOut === 0 ? steps.length : MOST_STEPS / 2;
  const shown = steps.map((_, i) => i).filter((i) => i < cut || i >= cut + leftOut);
  return {
    ...base,
    root: path === undefined ? null : facts.rootText(path.root),
    path: shown.map((i) => ({ ...named(steps[i]), word: path?.words[i] ?? null })),
    cut,
    leftOut,
    dominator: dominator < 0 ? null : named(dominator),
    retained: path === undefined ? 0 : facts.retained[object],
    rootReferrers: Array.from(roots.subarray(0, MOST_REFERRERS), (root) => facts.rootText(root)),
    rootReferrerCount: roots.length,
    referrers: Array.from(objects.subarray(0, MOST_REFERRERS), (from, i) => ({
      ...named(from),
      word: words[i],
    })),
    referrerCount: objects.length,
  };
}

const NOBODY = {
  root: null,
  path: [],
  cut: 0,
  leftOut: 0,
  dominator: null,
  retained: 0,
  rootReferrers: [],
  rootReferrerCount: 0,
  referrers: [],
  referrerCount: 0,
} as const;
