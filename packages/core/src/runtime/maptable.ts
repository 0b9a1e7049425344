/**
 * A table: the groups of a map, or of the part of a map that its directory sends there.
 *
 * 1. Probing goes from the group that the hash names in steps of 1, 2, 3 … groups, and ends at a
 *    group with an empty slot.
 * 2. A table takes 7 entries for every 8 slots, deleted ones counted. Then it is replaced by one of
 *    twice the slots, or above 1,024 slots split in two by the next bit of the hash.
 * 3. Deleting from a group that was never full empties the slot; from a full one it leaves a
 *    tombstone. Tombstones that no probe needs are dropped before growing, when they are a tenth of
 *    the slots or more.
 *
 * A replaced table stays as it is, for iterations that are under way on it.
 *
 * Follows `internal/runtime/maps/table.go`, Go 1.26; 1.24 and 1.25 drop no tombstones.
 */
import type { Frame } from './frame.ts';
import type { Obj } from './heap.ts';
import { DELETED, EMPTY, GROUP_SLOTS, Groups, isFull, type MapType } from './mapgroups.ts';
import type { MapHasher } from './maphash.ts';
import { layoutOf } from './types.ts';
import type { KeyIdentity } from './values.ts';

/** Slots above which a table is split instead of doubled. */
export const MAX_TABLE_SLOTS = 1024;

const TABLE = layoutOf({ name: 'maps.table', size: 32, pointers: [2] });
const GROUPS_WORD = 2;

/** Entries that so many slots take. A lone group needs one empty slot. */
function room(capacity: number): number {
  return capacity <= GROUP_SLOTS ? capacity - 1 : (capacity / GROUP_SLOTS) * (GROUP_SLOTS - 1);
}

/** What the operations of a map share. */
export interface MapContext {
  readonly frame: Frame;
  readonly hasher: MapHasher;
  readonly type: MapType;
  /** Seed of the hashes; changes whenever the map becomes empty. */
  seed: number;
}

export class Table {
  readonly #context: MapContext;
  readonly object: Obj;
  readonly groups: Groups;
  /** Bits of the hash that lead here. */
  readonly localDepth: number;
  /** First place in the directory; -1 once replaced. */
  index: number;
  used = 0;
  /** Entries it takes before it grows. */
  growthLeft: number;

  constructor(context: MapContext, slots: number, index: number, localDepth: number) {
    let capacity = GROUP_SLOTS;
    while (capacity < slots) capacity *= 2;
    this.#context = context;
    this.object = context.frame.allocate(TABLE);
    this.groups = new Groups(context.frame, context.type, capacity);
    this.object.set(GROUPS_WORD, this.groups.object);
    this.index = index;
    this.localDepth = localDepth;
    this.growthLeft = room(capacity);
  }

  get capacity(): number {
    return this.groups.capacity;
  }

  /** The slot of the key whose hash the hasher holds; -1 if it is not here. */
  find(id: KeyIdentity): number {
    const { lo } = this.#context.hasher;
    const { keys, controls } = this.groups;
    const mask = this.capacity / GROUP_SLOTS - 1;
    let group = (lo >>> 7) & mask;
    for (let step = 1; ; step += 1) {
      const first = group * GROUP_SLOTS;
      for (let slot = first; slot < first + GROUP_SLOTS; slot += 1) {
        if (controls[slot] === (lo & 0x7f) && keys[slot] === id) return slot;
      }
      if (this.groups.find(group, EMPTY) >= 0) return -1;
      group = (group + step) & mask;
    }
  }

  /**
   * The slot in which to put a new key, whose hash the hasher holds; -1 if the table has to grow
   * first. The caller fills it at once.
   */
  place(): number {
    const { lo } = this.#context.hasher;
    const mask = this.capacity / GROUP_SLOTS - 1;
    let group = (lo >>> 7) & mask;
    let tombstone = -1;
    for (let step = 1; ; step += 1) {
      const empty = this.groups.find(group, EMPTY);
      if (empty >= 0) return this.#take(empty, tombstone);
      if (tombstone < 0) tombstone = this.groups.find(group, DELETED);
      group = (group + step) & mask;
    }
  }

  #take(empty: number, tombstone: number): number {
    if (tombstone >= 0) {
      this.used += 1;
      return tombstone;
    }
    if (this.growthLeft === 0 && this.#context.type.prunes) this.#prune();
    if (this.growthLeft === 0) return -1;
    this.growthLeft -= 1;
    this.used += 1;
    return empty;
  }

  /** Empties a full slot. Returns whether that left a tombstone. */
  delete(slot: number): boolean {
    this.used -= 1;
    const wasFull = this.groups.find(Math.floor(slot / GROUP_SLOTS), EMPTY) < 0;
    if (!wasFull) this.growthLeft += 1;
    this.groups.remove(slot, wasFull ? DELETED : EMPTY);
    return wasFull;
  }

  clear(): void {
    if (this.used === 0 && this.growthLeft === room(this.capacity)) return;
    this.groups.clear();
    this.used = 0;
    this.growthLeft = room(this.capacity);
  }

  /** A table of twice the slots with the same entries. */
  doubled(): Table {
    const grown = new Table(this.#context, this.capacity * 2, this.index, this.localDepth);
    this.#each((slot) => grown.#copy(this.groups, slot));
    return grown;
  }

  /** Two tables that share the entries by the next bit of the hash. */
  split(): [left: Table, right: Table] {
    const depth = this.localDepth + 1;
    const left = new Table(this.#context, MAX_TABLE_SLOTS, -1, depth);
    const right = new Table(this.#context, MAX_TABLE_SLOTS, -1, depth);
    const { hasher } = this.#context;
    this.#each((slot) => {
      const half = (hasher.hi >>> (32 - depth)) & 1;
      (half === 0 ? left : right).#copy(this.groups, slot);
    });
    return [left, right];
  }

  /** Fills a fresh table with the entries of a lone group. */
  adopt(groups: Groups): void {
    const { hasher, seed } = this.#context;
    for (let slot = 0; slot < GROUP_SLOTS; slot += 1) {
      if (!isFull(groups.controls[slot])) continue;
      hasher.hash(groups.keys[slot], seed);
      this.#copy(groups, slot);
    }
  }

  /** A table of another map with the same groups, and what lies outside of them copied as well. */
  cloneFor(context: MapContext): Table {
    const copy = new Table(context, this.capacity, this.index, this.localDepth);
    cloneGroups(context.frame, this.groups, copy.groups);
    copy.used = this.used;
    copy.growthLeft = this.growthLeft;
    return copy;
  }

  /** Calls `visit` for each full slot, its hash in the hasher. */
  #each(visit: (slot: number) => void): void {
    const { controls, keys } = this.groups;
    for (let slot = 0; slot < controls.length; slot += 1) {
      if (!isFull(controls[slot])) continue;
      this.#context.hasher.hash(keys[slot], this.#context.seed);
      visit(slot);
    }
  }

  #copy(from: Groups, at: number): void {
    const { lo } = this.#context.hasher;
    this.groups.copy(this.place(), lo & 0x7f, from, at);
  }

  /** Drops the tombstones that no probe has to pass, if they are a tenth of the slots. */
  #prune(): void {
    const { capacity } = this;
    const { controls } = this.groups;
    const tombstones = (capacity / GROUP_SLOTS) * (GROUP_SLOTS - 1) - this.used - this.growthLeft;
    if (tombstones * 10 < capacity) return;
    const needed = this.#neededGroups();
    const free: number[] = [];
    for (let slot = 0; slot < capacity; slot += 1) {
      const group = Math.floor(slot / GROUP_SLOTS);
      if (needed[group] === 0 && controls[slot] === DELETED) free.push(slot);
    }
    if (free.length * 10 < capacity) return;
    for (const slot of free) controls[slot] = EMPTY;
    this.growthLeft += free.length;
  }

  /** 1 for each group whose tombstones a probe passes, or that has none. */
  #neededGroups(): Uint8Array {
    const { hasher } = this.#context;
    const { hi, lo } = hasher;
    const mask = this.capacity / GROUP_SLOTS - 1;
    const needed = new Uint8Array(mask + 1);
    this.#each((slot) => {
      if (Number.isNaN(this.groups.keys[slot])) return;
      let group = (hasher.lo >>> 7) & mask;
      for (let step = 1; group !== Math.floor(slot / GROUP_SLOTS); step += 1) {
        if (this.groups.find(group, DELETED) >= 0) needed[group] = 1;
        group = (group + step) & mask;
      }
    });
    for (let group = 0; group <= mask; group += 1) {
      if (this.groups.find(group, EMPTY) >= 0) needed[group] = 1;
    }
    hasher.hi = hi;
    hasher.lo = lo;
    return needed;
  }
}

/** Fills fresh groups slot by slot as `from` is filled. */
export function cloneGroups(frame: Frame, from: Groups, to: Groups): void {
  for (let slot = 0; slot < from.capacity; slot += 1) {
    const control = from.controls[slot];
    if (isFull(control)) {
      to.insert(frame, slot, control, from.keys[slot], from.keyAt(slot), from.elemAt(slot));
    } else {
      to.controls[slot] = control;
    }
  }
}
