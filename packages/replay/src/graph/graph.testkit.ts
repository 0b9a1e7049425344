/**
 * Random object graphs, and slow answers about them to compare with.
 */
// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import fc from 'fast-check';
import type { ObjectGraph } from './graph.ts';

/** A graph as rows: the targets of each object's words (-1 for none), sizes, groups and roots. */
export interface Rows {
  readonly words: readonly (readonly number[])[];
  readonly sizes: readonly number[];
  readonly groups: readonly number[];
  readonly roots: readonly number[];
}

export const rows = (most = 24): fc.Arbitrary<Rows> =>
  fc.integer({ min: 1, max: most }).chain((count) => {
    const object = fc.nat(count - 1);
    const fill = { minLength: count, maxLength: count };
    return fc.record({
      words: fc.array(fc.array(fc.oneof(object, fc.constant(-1)), { maxLength: 4 }), fill),
      sizes: fc.array(fc.constantFrom(8, 16, 48, 1024), fill),
      groups: fc.array(fc.integer({ min: -1, max: 3 }), fill),
      roots: fc.array(object, { maxLength: 4 }),
    });
  });

export function graphOfRows({ words, sizes, groups, roots }: Rows): ObjectGraph {
  const offsets = [0];
  const targets: number[] = [];
  const places: number[] = [];
  for (const row of words) {
    row.forEach((target, word) => {
      if (target < 0) return;
      targets.push(target);
      places.push(word);
    });
    offsets.push(targets.length);
  }
  return {
    count: words.length,
    offsets: Int32Array.from(offsets),
    targets: Int32Array.from(targets),
    words: Int32Array.from(places),
    sizes: Float64Array.from(sizes),
    groups: Int32Array.from(groups),
    roots: Int32Array.from(roots),
    rootKind: new Uint8Array(roots.length),
    rootIndex: Int32Array.from(roots.keys()),
  };
}

/** Objects that the roots reach when some object is not there. */
export function reachWithout({ words, roots }: Rows, missing = -1): Set<number> {
  const reached = new Set<number>();
  const todo = [...roots];
  for (let object = todo.pop(); object !== undefined; object = todo.pop()) {
    if (object < 0 || object === missing || reached.has(object)) continue;
    reached.add(object);
    todo.push(...words[object]);
  }
  return reached;
}

/** Every object that `object` dominates, itself included; none where it is not reached. */
export function dominatedBy(graph: Rows, object: number): Set<number> {
  const without = reachWithout(graph, object);
  return new Set([...reachWithout(graph)].filter((other) => !without.has(other)));
}
