/**
 * Iteration over a map: `for key, elem := range m`.
 *
 * 1. It starts at a random slot and a random table, and goes around once.
 * 2. A table that is replaced meanwhile still says which keys come, in its old order; what they map
 *    to is looked up in the map. So no entry comes twice, deleted ones do not come, and changed ones
 *    come as they are now. Entries added meanwhile may or may not come.
 * 3. The iteration holds the map and the table it is at, as the iterator on a goroutine's stack does.
 *
 * Follows `internal/runtime/maps/table.go` Iter, Go 1.24 to 1.26.
 */
import { type Roots, Slot } from './goroutines.ts';
import type { Heap } from './heap.ts';
import { GROUP_SLOTS, type Groups, isFull } from './mapgroups.ts';
import type { MapHasher } from './maphash.ts';
import type { GoMap } from './maps.ts';
import type { Table } from './maptable.ts';
import type { GoValue } from './values.ts';

/** A key and its element. */
export type MapEntry = readonly [key: GoValue, elem: GoValue];

/** What an iteration needs of the runtime. */
export interface IterationContext {
  readonly heap: Heap;
  readonly roots: Roots;
  readonly hasher: MapHasher;
}

/** The entries of a map. Roots are held until the generator ends or is told to return. */
export function* entriesOf(
  { heap, roots, hasher }: IterationContext,
  map: GoMap,
): Generator<MapEntry, void> {
  if (map.len === 0) return;
  const mapSlot = new Slot(heap, roots.take('map iteration (map)'));
  const tableSlot = new Slot(heap, roots.take('map iteration (table)'));
  try {
    mapSlot.set(map.object);
    const clears = map.clears;
    const start = hasher.random();
    if (map.small !== null) {
      tableSlot.set(map.small.object);
      yield* slotsOf(map, map.small, start, () => map.small === null, clears);
      return;
    }
    for (const table of tablesOf(map, hasher.random())) {
      tableSlot.set(table.object);
      yield* slotsOf(map, table.groups, start, () => table.index < 0, clears);
    }
  } finally {
    for (const slot of [mapSlot, tableSlot]) {
      slot.set(null);
      roots.give(slot.root);
    }
  }
}

/** The tables of a map, which may grow between two of them; `start` says with which to begin. */
function* tablesOf(map: GoMap, start: number): Generator<Table, void> {
  let depth = map.globalDepth;
  let places = map.directory.length;
  let offset = start & (places - 1);
  offset = map.directory[offset].index;
  for (let place = 0; place < places; ) {
    const table = map.directory[(place + offset) & (places - 1)];
    yield table;
    const grown = map.globalDepth - depth;
    depth = map.globalDepth;
    place = (place << grown) + (1 << (depth - table.localDepth));
    offset <<= grown;
    places = map.directory.length;
  }
}

/** The entries of some groups; once these are `replaced`, as the map has them then. */
function* slotsOf(
  map: GoMap,
  groups: Groups,
  start: number,
  replaced: () => boolean,
  clears: number,
): Generator<MapEntry, void> {
  const mask = Math.max(groups.capacity, GROUP_SLOTS) - 1;
  for (let i = 0; i <= mask; i += 1) {
    const slot = (i + start) & mask;
    if (!isFull(groups.controls[slot])) continue;
    const key = groups.keyAt(slot);
    if (!replaced()) {
      yield [key, groups.elemAt(slot)];
      continue;
    }
    const id = groups.keys[slot];
    // A NaN cannot be looked up; it can only have gone by clearing the map.
    const kept = map.clears === clears ? groups.elemAt(slot) : undefined;
    const elem = Number.isNaN(id) ? kept : map.get(key);
    if (elem !== undefined) yield [key, elem];
  }
}
