/**
 * What goes away with an object: its retained size, and the largest by that measure.
 *
 * An object retains itself and all that it dominates. Retained sizes of two objects overlap where one dominates the
 * other, so those of a group of objects must not be added up: a group counts those members only that no other member
 * dominates, which is the bytes of all their subtrees, each byte once. What only several members together keep alive is in
 * none of these subtrees and is not counted.
 */
import { type Dominators, OUTSIDE, UNREACHED } from './dominators.ts';
import { NONE, type ObjectGraph } from './graph.ts';

/** Bytes that each object retains, itself included; 0 where no root reaches it. */
export function retainedSizes(graph: ObjectGraph, { dominator, order }: Dominators): Float64Array {
  const retained = new Float64Array(graph.count);
  for (const object of order) retained[object] = graph.sizes[object];
  for (let i = order.length - 1; i >= 0; i -= 1) {
    const above = dominator[order[i]];
    if (above !== OUTSIDE) retained[above] += retained[order[i]];
  }
  return retained;
}

/** The `most` objects that retain most, largest first; of equals, the lower number first. Unreached ones are left out. */
export function topRetained(
  { dominator }: Dominators,
  retained: Float64Array,
  most: number,
): Int32Array {
  const heap = new LeastFirst(retained, Math.min(most, retained.length));
  for (let object = 0; object < retained.length; object += 1) {
    if (dominator[object] !== UNREACHED) heap.offer(object);
  }
  return heap.sorted();
}

/** The best of a stream of objects, the worst of them on top. */
class LeastFirst {
  readonly #keys: Float64Array;
  readonly #items: Int32Array;
  #count = 0;

  constructor(keys: Float64Array, capacity: number) {
    this.#keys = keys;
    this.#items = new Int32Array(Math.max(0, capacity));
  }

  offer(object: number): void {
    const items = this.#items;
    if (this.#count < items.length) {
      items[this.#count] = object;
      this.#count += 1;
      this.#rise(this.#count - 1);
    } else if (items.length > 0 && this.#worse(items[0], object)) {
      items[0] = object;
      this.#sink();
    }
  }

  sorted(): Int32Array {
    return this.#items.slice(0, this.#count).sort((a, b) => (this.#worse(a, b) ? 1 : -1));
  }

  #worse(a: number, b: number): boolean {
    const difference = this.#keys[a] - this.#keys[b];
    return difference < 0 || (difference === 0 && a > b);
  }

  #rise(from: number): void {
    const items = this.#items;
    let at = from;
    while (at > 0) {
      const up = (at - 1) >> 1;
      if (!this.#worse(items[at], items[up])) return;
      this.#swap(at, up);
      at = up;
    }
  }

  #sink(): void {
    const items = this.#items;
    for (let at = 0; ; ) {
      let least = at;
      for (let child = 2 * at + 1; child <= 2 * at + 2 && child < this.#count; child += 1) {
        if (this.#worse(items[child], items[least])) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    const item = items[a];
    items[a] = items[b];
    items[b] = item;
  }
}

/** One group of objects; all figures are of reached objects. */
export interface GroupRow {
  /** Number of the group, `NONE` for the objects that have none. */
  readonly group: number;
  readonly objects: number;
  /** Bytes of the objects themselves. */
  readonly bytes: number;
  /** Bytes of everything that one of them dominates, themselves included. */
  readonly retained: number;
}

/** Every group that has a reached object, by retained bytes, largest first; of equals, the lower number first. */
export function retainedByGroup(
  graph: ObjectGraph,
  dominators: Dominators,
  retained: Float64Array,
): GroupRow[] {
  const { groups, sizes } = graph;
  const outermost = outermostOfGroup(graph, dominators);
  const rows = new Map<number, { objects: number; bytes: number; retained: number }>();
  for (const object of dominators.order) {
    const row = rows.get(groups[object]) ?? { objects: 0, bytes: 0, retained: 0 };
    rows.set(groups[object], row);
    row.objects += 1;
    row.bytes += sizes[object];
    if (outermost[object] !== 0) row.retained += retained[object];
  }
  return [...rows]
    .map(([group, row]) => ({ group, ...row }))
    .sort((a, b) => b.retained - a.retained || a.group - b.group);
}

/** A 1 for each reached object that no other object of its group dominates. */
function outermostOfGroup({ count, groups }: ObjectGraph, dominators: Dominators): Uint8Array {
  const { dominator, order } = dominators;
  const { first, next } = childrenOf(count, dominators);
  const outermost = new Uint8Array(count);
  /** How many objects of each group the walk is inside of; place 0 is for those without a group. */
  const inside = new Int32Array(groups.reduce((most, group) => Math.max(most, group), NONE) + 2);
  for (const top of order) {
    if (dominator[top] !== OUTSIDE) continue;
    for (let object = top; object !== NONE; ) {
      if (inside[groups[object] + 1] === 0) outermost[object] = 1;
      inside[groups[object] + 1] += 1;
      let after = first[object];
      for (let leaving = object; after === NONE; ) {
        inside[groups[leaving] + 1] -= 1;
        if (leaving === top) break;
        after = next[leaving];
        leaving = dominator[leaving];
      }
      object = after;
    }
  }
  return outermost;
}

/** The dominator tree downwards: first child of each object, and next child of the same one. */
function childrenOf(
  count: number,
  { dominator, order }: Dominators,
): { first: Int32Array; next: Int32Array } {
  const first = new Int32Array(count).fill(NONE);
  const next = new Int32Array(count).fill(NONE);
  for (const object of order) {
    const above = dominator[object];
    if (above === OUTSIDE) continue;
    next[object] = first[above];
    first[above] = object;
  }
  return { first, next };
}
