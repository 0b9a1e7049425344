/**
 * Dominators: which one object, if it went away, would take this one along.
 *
 * Object d dominates object o if every way from a root to o leads through d. The nearest such d is o's immediate
 * dominator, and these make a tree below the outside world. What an object retains is its subtree.
 *
 * Lengauer and Tarjan's algorithm with path compression, in O(edges * log objects) whatever the graph looks like:
 *
 * 1. Number the objects depth first (`depthfirst.ts`). All below is in these numbers.
 * 2. From the last to the first, find each one's semidominator: the least number from which a way leads to it through
 *    greater numbers only. `best` answers for a referrer, in the forest of those already done.
 * 3. An object's immediate dominator is its semidominator, or that of the least one on the tree path between; which
 *    of the two is known when its semidominator's child on that path is done, and put right at the end.
 */
import { type DepthFirst, depthFirst } from './depthfirst.ts';
import { NONE, type ObjectGraph, type ReverseGraph } from './graph.ts';

/** `dominator`: only roots together retain the object. */
export const OUTSIDE = -1;
/** `dominator`: no root reaches the object. */
export const UNREACHED = -2;

export interface Dominators {
  /** Immediate dominator of each object, `OUTSIDE` or `UNREACHED`. */
  readonly dominator: Int32Array;
  /** The objects that roots reach; each one comes after its dominator. */
  readonly order: Int32Array;
}

export function dominatorsOf(graph: ObjectGraph, reverse: ReverseGraph): Dominators {
  const walk = depthFirst(graph);
  const idom = new Semidominators(graph, reverse, walk).immediate();
  const dominator = new Int32Array(graph.count).fill(UNREACHED);
  for (let v = 1; v < walk.reached; v += 1) {
    dominator[walk.object[v]] = idom[v] === 0 ? OUTSIDE : walk.object[idom[v]];
  }
  return { dominator, order: walk.object.subarray(1) };
}

class Semidominators {
  readonly #walk: DepthFirst;
  readonly #reverse: ReverseGraph;
  readonly #isRoot: Uint8Array;
  readonly #semi: Int32Array;
  /** Parent in the forest of those done, and the number with the least semidominator on the way up to it. */
  readonly #ancestor: Int32Array;
  readonly #label: Int32Array;
  readonly #stack: Int32Array;

  constructor(graph: ObjectGraph, reverse: ReverseGraph, walk: DepthFirst) {
    this.#walk = walk;
    this.#reverse = reverse;
    this.#isRoot = new Uint8Array(graph.count);
    for (const object of graph.roots) this.#isRoot[object] = 1;
    this.#semi = Int32Array.from(walk.object.keys());
    this.#label = this.#semi.slice();
    this.#ancestor = new Int32Array(walk.reached).fill(NONE);
    this.#stack = new Int32Array(walk.reached);
  }

  /** Immediate dominators, by number. */
  immediate(): Int32Array {
    const { reached, parent } = this.#walk;
    const semi = this.#semi;
    const idom = new Int32Array(reached);
    const bucket = new Int32Array(reached).fill(NONE);
    const nextInBucket = new Int32Array(reached);
    for (let v = reached - 1; v > 0; v -= 1) {
      semi[v] = this.#semidominator(v);
      nextInBucket[v] = bucket[semi[v]];
      bucket[semi[v]] = v;
      const up = parent[v];
      this.#ancestor[v] = up;
      for (let u = bucket[up]; u !== NONE; u = nextInBucket[u]) {
        const least = this.#best(u);
        idom[u] = semi[least] < semi[u] ? least : up;
      }
      bucket[up] = NONE;
    }
    for (let v = 1; v < reached; v += 1) if (idom[v] !== semi[v]) idom[v] = idom[idom[v]];
    return idom;
  }

  #semidominator(v: number): number {
    const { object, number } = this.#walk;
    if (this.#isRoot[object[v]] !== 0) return 0;
    const { offsets, sources } = this.#reverse;
    const semi = this.#semi;
    let least = v;
    const end = offsets[object[v] + 1];
    for (let edge = offsets[object[v]]; edge < end; edge += 1) {
      const referrer = number[sources[edge]];
      if (referrer === NONE) continue;
      const found = semi[this.#best(referrer)];
      if (found < least) least = found;
    }
    return least;
  }

  /** The number with the least semidominator from `v` up to, but not with, the top of its tree in the forest. */
  #best(v: number): number {
    const ancestor = this.#ancestor;
    const label = this.#label;
    const semi = this.#semi;
    const stack = this.#stack;
    if (ancestor[v] === NONE) return v;
    let depth = 0;
    for (let u = v; ancestor[ancestor[u]] !== NONE; u = ancestor[u]) stack[depth++] = u;
    while (depth > 0) {
      const u = stack[--depth];
      const above = ancestor[u];
      if (semi[label[above]] < semi[label[u]]) label[u] = label[above];
      ancestor[u] = ancestor[above];
    }
    return label[v];
  }
}
