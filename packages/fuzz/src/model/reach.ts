/** Reachability by a plain walk over the model's objects: who is kept by roots, calls and specials. */
import type { Model } from './model.ts';

/** Everything that these objects lead to, themselves included. */
export function reachFrom(m: Model, from: Iterable<number>): Set<number> {
  const seen = new Set<number>();
  const waiting = [...from];
  while (waiting.length > 0) {
    const ordinal = waiting.pop() ?? 0;
    if (ordinal === 0 || seen.has(ordinal)) continue;
    seen.add(ordinal);
    const object = m.objects.get(ordinal);
    if (object !== undefined) waiting.push(...object.edges.values());
  }
  return seen;
}

/** What the program itself can reach, and what held objects and tiny blocks are. */
const rootsOf = (m: Model): number[] => [...m.roots.values(), ...m.held, ...m.tiny.values()];

/** Go scans large objects in pieces; a pointer from a later one to the object's start keeps it. */
const OBLET_WORDS = 16_384;

/**
 * What must not be freed: all that roots and specials lead to. An object with a finalizer is not in it
 * unless something else leads there; calls queued by the current sweep for `dying` do not count.
 */
export function keptBy(m: Model, dying = 0): Set<number> {
  const edges = (ordinal: number): Iterable<number> =>
    [...(m.objects.get(ordinal)?.edges ?? [])]
      .filter(([word, to]) => to !== ordinal || word >= OBLET_WORDS)
      .map(([, to]) => to);
  return reachFrom(m, [...rootsOf(m), ...m.specials.kept(edges, dying)]);
}

/** `keptBy`, computed again only when something has changed. */
export class Reach {
  #version = -1;
  #kept: ReadonlySet<number> = new Set();

  kept(m: Model): ReadonlySet<number> {
    if (m.version !== this.#version) {
      this.#kept = keptBy(m);
      this.#version = m.version;
    }
    return this.#kept;
  }
}
