/**
 * An object graph in columns, and what all questions about it start with.
 *
 * Objects are 0 to count - 1. The references of object `i` are the edges `offsets[i]` to `offsets[i + 1] - 1`, in the
 * order of their words; there may be several from one object to another. Roots refer to objects from outside; several
 * may refer to the same one. Nothing here knows where a graph comes from: see `world.ts` for a simulated heap and
 * `dump.ts` for a heap dump.
 *
 * Bounds: 2^31 - 1 edges.
 */
import { HeaptapeError } from '@heaptape/schema';

/** No object, root or group. */
export const NONE = -1;

const MAX_EDGES = 2 ** 31 - 1;

export interface ObjectGraph {
  readonly count: number;
  /** First edge of each object; one entry more than objects. */
  readonly offsets: Int32Array;
  /** Object that an edge leads to. */
  readonly targets: Int32Array;
  /** Word of the object that an edge lies in, counted from the object's beginning. */
  readonly words: Int32Array;
  /** Bytes of each object's slot. */
  readonly sizes: Float64Array;
  /** Type or allocation site of each object; `NONE` if that is not known. */
  readonly groups: Int32Array;
  /** Object that each root refers to. */
  readonly roots: Int32Array;
  /** What each root is, as a number of whoever made the graph. */
  readonly rootKind: Uint8Array;
  /** Which one of its kind each root is, likewise. */
  readonly rootIndex: Int32Array;
}

/** Throws `too-large` for more edges than a graph may have. */
export function checkEdges(edges: number): void {
  if (edges <= MAX_EDGES) return;
  throw new HeaptapeError(
    'too-large',
    `an object graph of ${edges} edges; ${MAX_EDGES} is the most`,
  );
}

/** Every object's referrers: edges turned around. */
export interface ReverseGraph {
  /** First reverse edge of each object; one entry more than objects. */
  readonly offsets: Int32Array;
  /** Object that refers, ascending for each object; and which of the graph's edges it is. */
  readonly sources: Int32Array;
  readonly edges: Int32Array;
}

export function reverseOf(graph: ObjectGraph): ReverseGraph {
  const { count, offsets, targets } = graph;
  const starts = new Int32Array(count + 1);
  for (let edge = 0; edge < targets.length; edge += 1) starts[targets[edge] + 1] += 1;
  for (let object = 0; object < count; object += 1) starts[object + 1] += starts[object];
  const next = starts.slice(0, count);
  const sources = new Int32Array(targets.length);
  const edges = new Int32Array(targets.length);
  for (let object = 0; object < count; object += 1) {
    for (let edge = offsets[object]; edge < offsets[object + 1]; edge += 1) {
      const at = next[targets[edge]];
      next[targets[edge]] = at + 1;
      sources[at] = object;
      edges[at] = edge;
    }
  }
  return { offsets: starts, sources, edges };
}

/** What refers to one object. */
export interface Referrers {
  /** Objects that refer to it, and the word of each that does; ascending, the object itself included. */
  readonly objects: Int32Array;
  readonly words: Int32Array;
  /** Roots that refer to it, as places in the graph's columns of roots. */
  readonly roots: Int32Array;
}

/** What refers to an object. Throws `not-found` where there is no such object. */
export function referrersOf(graph: ObjectGraph, reverse: ReverseGraph, object: number): Referrers {
  checkObject(graph, object);
  const from = reverse.offsets[object];
  const to = reverse.offsets[object + 1];
  const roots: number[] = [];
  graph.roots.forEach((target, root) => {
    if (target === object) roots.push(root);
  });
  return {
    objects: reverse.sources.slice(from, to),
    words: reverse.edges.slice(from, to).map((edge) => graph.words[edge]),
    roots: Int32Array.from(roots),
  };
}

/** Throws `not-found` unless the graph has this object. */
export function checkObject(graph: ObjectGraph, object: number): void {
  if (Number.isInteger(object) && object >= 0 && object < graph.count) return;
  throw new HeaptapeError('not-found', `no object ${object}: the graph has ${graph.count}`);
}
