/**
 * Maps: Go's Swiss tables, with every allocation that they make.
 *
 * 1. A map is a header of 48 bytes. The first entry allocates a lone group of eight slots; the ninth
 *    a table of sixteen and a directory of one. A size hint above eight makes the tables at once.
 * 2. The directory has a place for each value of the hash's top bits; a table may stand in several
 *    places. A table that is split where it stands in one only doubles the directory.
 * 3. Deleting and clearing free nothing but what entries pointed to: groups stay with the map.
 *
 * Header, directory, tables and groups are objects with Go's sizes and pointers, so that what the
 * map keeps alive, and what that costs to scan, is as in Go. The map itself is a JavaScript value,
 * to be stored like a pointer: a map nobody stored is collected.
 *
 * Follows `internal/runtime/maps/map.go`, Go 1.24 to 1.26. Deviation: hashes come from the seed of
 * the run. Which slot an entry gets is thus repeatable; how much a map of more than 896 entries
 * has allocated depends on hashes, in Go too, by a few per cent.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { Frame } from './frame.ts';
import type { Obj } from './heap.ts';
import { EMPTY, GROUP_SLOTS, Groups, isFull, type MapType } from './mapgroups.ts';
import type { MapHasher } from './maphash.ts';
import { cloneGroups, MAX_TABLE_SLOTS, type MapContext, Table } from './maptable.ts';
import { arrayLayout, type GoType, layoutOf } from './types.ts';
import { type GoValue, type Held, identityOf, type KeyIdentity, pointersOf } from './values.ts';

const HEADER = layoutOf({ name: 'maps.Map', size: 48, pointers: [2] });
const DIRECTORY_WORD = 2;
const TABLE_POINTER: GoType = { name: '*maps.table', size: 8, pointers: [0] };

/** Bytes of the address space. */
const MAX_ALLOC = 0x1_0000_0000_0000;

/** Entries of a table for each 8 slots, on average. */
const AVERAGE_LOAD = 7;

/** A Go map. */
export class GoMap implements Held {
  readonly #context: MapContext;
  /** The header. */
  readonly object: Obj;
  /** The lone group, while there is one. */
  #small: Groups | null = null;
  #directory: Table[] = [];
  #directoryObject: Obj | null = null;
  /** Bits of the hash that choose a place in the directory. */
  #globalDepth = 0;
  #used = 0;
  #clears = 0;

  /** Leaves the frame to the caller to leave. */
  constructor(frame: Frame, hasher: MapHasher, type: MapType, hint: number) {
    this.#context = { frame, hasher, type, seed: hasher.random() };
    this.object = frame.allocate(HEADER);
    if (hint > GROUP_SLOTS) this.#makeTables(hint);
  }

  get pointers(): readonly (Obj | null)[] {
    return [this.object];
  }

  get type(): MapType {
    return this.#context.type;
  }

  /** Entries. */
  get len(): number {
    return this.#used;
  }

  /** `m[key]`; undefined if there is none. */
  get(key: GoValue): GoValue | undefined {
    this.#context.frame.heap.expectAlive(this.object);
    const id = identityOf(key);
    const table = this.#seek(id);
    if (table === null) {
      const slot = this.#findSmall(id);
      return slot < 0 ? undefined : this.#small?.elemAt(slot);
    }
    const slot = table.find(id);
    return slot < 0 ? undefined : table.groups.elemAt(slot);
  }

  has(key: GoValue): boolean {
    return this.get(key) !== undefined;
  }

  /** `m[key] = elem`. */
  set(key: GoValue, elem: GoValue): void {
    const { frame, type } = this.#context;
    const id = identityOf(key);
    try {
      frame.keep(this.object);
      for (const object of pointersOf(type.key, key)) frame.keep(object);
      for (const object of pointersOf(type.elem, elem)) frame.keep(object);
      this.#assign(id, key, elem);
    } finally {
      frame.leave();
    }
  }

  /** `delete(m, key)`. Returns whether it was there. */
  delete(key: GoValue): boolean {
    this.#context.frame.heap.expectAlive(this.object);
    const id = identityOf(key);
    const table = this.#seek(id);
    if (table === null) {
      const slot = this.#findSmall(id);
      if (slot < 0) return false;
      this.#small?.remove(slot, EMPTY);
    } else {
      const slot = table.find(id);
      if (slot < 0) return false;
      table.delete(slot);
    }
    this.#used -= 1;
    if (this.#used === 0) this.#context.seed = this.#context.hasher.random();
    return true;
  }

  /** `clear(m)`. */
  clear(): void {
    this.#context.frame.heap.expectAlive(this.object);
    this.#small?.clear();
    for (const table of new Set(this.#directory)) table.clear();
    this.#used = 0;
    this.#clears += 1;
    this.#context.seed = this.#context.hasher.random();
  }

  /** How often the map was cleared; for iterations under way. */
  get clears(): number {
    return this.#clears;
  }

  /** The lone group, or null: for iterations. */
  get small(): Groups | null {
    return this.#small;
  }

  /** Tables in the order of hashes, each in its places: for iterations. */
  get directory(): readonly Table[] {
    return this.#directory;
  }

  get globalDepth(): number {
    return this.#globalDepth;
  }

  /** `maps.Clone(m)`: entries copied, what they point to shared. */
  clone(): GoMap {
    const { frame, hasher, type } = this.#context;
    try {
      frame.keep(this.object);
      const copy = new GoMap(frame, hasher, type, 0);
      copy.#fillFrom(this);
      return copy;
    } finally {
      frame.leave();
    }
  }

  /** The table of a key, its hash in the hasher; null while there is no table. */
  #seek(id: KeyIdentity): Table | null {
    const { hasher, seed } = this.#context;
    if (this.#directory.length === 0) return null;
    hasher.hash(id, seed);
    return this.#tableOfHash();
  }

  #tableOfHash(): Table {
    const { hi } = this.#context.hasher;
    return this.#directory[this.#globalDepth === 0 ? 0 : hi >>> (32 - this.#globalDepth)];
  }

  #findSmall(id: KeyIdentity): number {
    const groups = this.#small;
    if (groups === null) return -1;
    for (let slot = 0; slot < GROUP_SLOTS; slot += 1) {
      if (isFull(groups.controls[slot]) && groups.keys[slot] === id) return slot;
    }
    return -1;
  }

  #assign(id: KeyIdentity, key: GoValue, elem: GoValue): void {
    const { frame, hasher } = this.#context;
    hasher.hash(id, this.#context.seed);
    const { hi, lo } = hasher;
    const control = lo & 0x7f;
    if (this.#directory.length === 0) {
      this.#small ??= this.#firstGroup();
      if (this.#used < GROUP_SLOTS) {
        const found = this.#findSmall(id);
        if (found >= 0) {
          this.#small.update(found, id, key, elem);
        } else {
          this.#small.insert(frame, this.#small.find(0, EMPTY), control, id, key, elem);
          this.#used += 1;
        }
        return;
      }
      this.#toTable(this.#small);
      hasher.hi = hi;
      hasher.lo = lo;
    }
    for (;;) {
      const table = this.#tableOfHash();
      const found = table.find(id);
      if (found >= 0) {
        table.groups.update(found, id, key, elem);
        return;
      }
      const slot = table.place();
      if (slot >= 0) {
        table.groups.insert(frame, slot, control, id, key, elem);
        this.#used += 1;
        return;
      }
      this.#grow(table);
      hasher.hi = hi;
      hasher.lo = lo;
    }
  }

  #firstGroup(): Groups {
    const groups = new Groups(this.#context.frame, this.#context.type, GROUP_SLOTS);
    this.object.set(DIRECTORY_WORD, groups.object);
    return groups;
  }

  /** From a lone group, which is full, to a table. */
  #toTable(small: Groups): void {
    const table = new Table(this.#context, 2 * GROUP_SLOTS, 0, 0);
    table.adopt(small);
    this.#useDirectory([table], this.#newDirectory(1));
    this.#small = null;
  }

  #makeTables(hint: number): void {
    const slots = Math.floor((hint * GROUP_SLOTS) / AVERAGE_LOAD);
    let places = 1;
    let depth = 0;
    for (; places < slots / MAX_TABLE_SLOTS; depth += 1) places *= 2;
    // A hint that no memory could hold is no hint.
    if (places * MAX_TABLE_SLOTS * this.type.group.size > MAX_ALLOC) return;
    this.#globalDepth = depth;
    const object = this.#newDirectory(places);
    const tables: Table[] = [];
    for (let i = 0; i < places; i += 1) {
      const each = Math.floor(slots / places);
      tables.push(new Table(this.#context, each, i, this.#globalDepth));
      object.set(i, tables[i].object);
    }
    this.#useDirectory(tables, object);
  }

  #newDirectory(places: number): Obj {
    return this.#context.frame.allocate(arrayLayout(TABLE_POINTER, places, places * 8));
  }

  /** Makes these tables, and the object for them, the directory. */
  #useDirectory(tables: Table[], object: Obj): void {
    tables.forEach((table, i) => {
      if (object.get(i)?.id !== table.object.id) object.set(i, table.object);
    });
    this.#directory = tables;
    this.#directoryObject = object;
    this.object.set(DIRECTORY_WORD, object);
  }

  /** Replaces a table that is full. */
  #grow(table: Table): void {
    if (table.capacity * 2 <= MAX_TABLE_SLOTS) {
      this.#install(table.doubled());
    } else {
      this.#installSplit(table, table.split());
    }
    table.index = -1;
  }

  /** Puts a table into all its places. */
  #install(table: Table): void {
    const places = 1 << (this.#globalDepth - table.localDepth);
    for (let i = table.index; i < table.index + places; i += 1) {
      this.#directory[i] = table;
      this.#directoryObject?.set(i, table.object);
    }
  }

  #installSplit(old: Table, [left, right]: [Table, Table]): void {
    if (old.localDepth === this.#globalDepth) {
      const tables = this.#directory.flatMap((table) => [table, table]);
      const object = this.#newDirectory(tables.length);
      for (const table of new Set(this.#directory)) table.index *= 2;
      this.#globalDepth += 1;
      this.#useDirectory(tables, object);
    }
    left.index = old.index;
    this.#install(left);
    right.index = left.index + (1 << (this.#globalDepth - left.localDepth));
    this.#install(right);
  }

  #fillFrom(from: GoMap): void {
    const { frame } = this.#context;
    this.#context.seed = from.#context.seed;
    this.#used = from.#used;
    this.#globalDepth = from.#globalDepth;
    if (from.#small !== null) {
      this.#small = this.#firstGroup();
      cloneGroups(frame, from.#small, this.#small);
    } else if (from.#directory.length > 0) {
      const object = this.#newDirectory(from.#directory.length);
      const copies = new Map<Table, Table>();
      const tables = from.#directory.map((table) => {
        const copy = copies.get(table) ?? table.cloneFor(this.#context);
        copies.set(table, copy);
        return copy;
      });
      this.#useDirectory(tables, object);
    }
  }
}

/** `make(map[K]V, hint)`. Throws `bad-usage` for a hint that is no count. */
export function makeMap(frame: Frame, hasher: MapHasher, type: MapType, hint: number): GoMap {
  if (!Number.isSafeInteger(hint)) {
    throw new HeaptapeError('bad-usage', `a size hint is a number of entries, not ${hint}`);
  }
  try {
    return new GoMap(frame, hasher, type, hint);
  } finally {
    frame.leave();
  }
}
