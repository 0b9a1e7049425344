/**
 * A depth-first walk from the roots, for the dominators.
 *
 * Objects get numbers in the order in which they are reached, from 1; 0 stands for the world outside, from which all
 * roots come. The walk has a stack of its own, because lists of a million objects are usual.
 */
import { NONE, type ObjectGraph } from './graph.ts';

export interface DepthFirst {
  /** Objects reached, and one for the outside. */
  readonly reached: number;
  /** Object of each number; `NONE` at 0. */
  readonly object: Int32Array;
  /** Number of each object; `NONE` where no root reaches it. */
  readonly number: Int32Array;
  /** Number of the object by which each number was reached. */
  readonly parent: Int32Array;
}

export function depthFirst(graph: ObjectGraph): DepthFirst {
  const { count, offsets, targets, roots } = graph;
  const object = new Int32Array(count + 1);
  const number = new Int32Array(count).fill(NONE);
  const parent = new Int32Array(count + 1);
  /** Edge to look at next, of each object on the way. */
  const next = offsets.slice(0, count);
  const stack = new Int32Array(count);
  object[0] = NONE;
  let reached = 1;
  for (let root = 0; root < roots.length; root += 1) {
    if (number[roots[root]] !== NONE) continue;
    let depth = 0;
    number[roots[root]] = reached;
    object[reached++] = roots[root];
    stack[depth++] = roots[root];
    while (depth > 0) {
      const here = stack[depth - 1];
      const edge = next[here];
      if (edge === offsets[here + 1]) {
        depth -= 1;
        continue;
      }
      next[here] = edge + 1;
      const target = targets[edge];
      if (number[target] !== NONE) continue;
      number[target] = reached;
      parent[reached] = number[here];
      object[reached++] = target;
      stack[depth++] = target;
    }
  }
  return { reached, object: object.slice(0, reached), number, parent: parent.slice(0, reached) };
}
