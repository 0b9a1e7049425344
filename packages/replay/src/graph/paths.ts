/**
 * Why is this object alive? The shortest way from any root to it.
 *
 * One breadth-first walk from all roots at once gives every object the edge by which it was first reached; following
 * these back from an object gives a shortest path. Among equally short ones, that of the earliest root, then of the
 * earliest edge, is taken, so that the answer is always the same.
 */
import { checkObject, NONE, type ObjectGraph } from './graph.ts';

/** The result of a walk from the roots. */
export interface ShortestPaths {
  /** Edges between each object and its nearest root; `NONE` where no root reaches it. */
  readonly distance: Int32Array;
  /** Object before it on the path, `NONE` where a root refers to it; and the edge from that object, or the root. */
  readonly before: Int32Array;
  readonly by: Int32Array;
}

/** A path from a root to an object. */
export interface RetainingPath {
  /** Place of the root in the graph's columns. */
  readonly root: number;
  /** From the object that the root refers to, to the object asked for. */
  readonly objects: readonly number[];
  /** Word of each object but the last that holds the reference to the next. */
  readonly words: readonly number[];
}

export function shortestPaths(graph: ObjectGraph): ShortestPaths {
  const { count, offsets, targets, roots } = graph;
  const distance = new Int32Array(count).fill(NONE);
  const before = new Int32Array(count).fill(NONE);
  const by = new Int32Array(count).fill(NONE);
  const queue = new Int32Array(count);
  let last = 0;
  for (let root = 0; root < roots.length; root += 1) {
    const object = roots[root];
    if (distance[object] !== NONE) continue;
    distance[object] = 0;
    by[object] = root;
    queue[last++] = object;
  }
  for (let first = 0; first < last; first += 1) {
    const object = queue[first];
    const end = offsets[object + 1];
    for (let edge = offsets[object]; edge < end; edge += 1) {
      const target = targets[edge];
      if (distance[target] !== NONE) continue;
      distance[target] = distance[object] + 1;
      before[target] = object;
      by[target] = edge;
      queue[last++] = target;
    }
  }
  return { distance, before, by };
}

/** A shortest path to an object; undefined where no root reaches it. Throws `not-found` where there is no such object. */
export function retainingPath(
  graph: ObjectGraph,
  paths: ShortestPaths,
  object: number,
): RetainingPath | undefined {
  checkObject(graph, object);
  if (paths.distance[object] === NONE) return undefined;
  const objects = [object];
  const words: number[] = [];
  let at = object;
  while (paths.before[at] !== NONE) {
    words.push(graph.words[paths.by[at]]);
    at = paths.before[at];
    objects.push(at);
  }
  return { root: paths.by[at], objects: objects.reverse(), words: words.reverse() };
}
