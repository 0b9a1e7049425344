/**
 * Package unique: one canonical copy of each value, held weakly.
 *
 * 1. `Make` looks the value up. A copy that is still there is shared: handles are equal exactly when
 *    their values are.
 * 2. Otherwise the value is copied (a string with its bytes) and an entry is put into the map, which
 *    refers to the copy by a weak pointer; a cleanup on the copy takes the entry out again.
 * 3. So when no handle is left, the next cycle frees copy and handle, and the cleanup the entry.
 * 4. Values of size zero are all the same one, outside the heap.
 *
 * A handle is a JavaScript value; it keeps the copy alive where its `object` is stored.
 * Follows `unique/handle.go` and `canonmap.go`, Go 1.26. Deviation: the map is the root of Go's hash
 * tree with chains instead of a tree of several levels.
 */
import type { Cleanups } from './cleanups.ts';
import { Frame } from './frame.ts';
import { closureType, Func } from './functype.ts';
import { Slot } from './goroutines.ts';
import { GO } from './gotypes.ts';
import type { Heap, Obj } from './heap.ts';
import { type GoType, layoutOf } from './types.ts';
import { type GoValue, type Held, identityOf, type KeyIdentity, pointersOf } from './values.ts';
import type { Weak, WeakPointer } from './weak.ts';

const CHILDREN = 16;
/** Words of the root before its children. */
const CHILD_WORD = 3;
const ROOT = layoutOf({
  name: 'unique.indirect',
  size: 8 * (CHILD_WORD + CHILDREN),
  pointers: [1, ...Array.from({ length: CHILDREN }, (_, i) => CHILD_WORD + i)],
});
const OVERFLOW_WORD = 1;
const KEY_WORD = 2;
const ENTRY = layoutOf({ name: 'unique.entry', size: 32, pointers: [OVERFLOW_WORD, KEY_WORD] });

/** A unique.Handle. */
export class UniqueHandle implements Held {
  readonly #value: GoValue;
  /** The canonical copy; null for values of size zero. */
  readonly object: Obj | null;

  constructor(value: GoValue, object: Obj | null) {
    this.#value = value;
    this.object = object;
  }

  get pointers(): readonly (Obj | null)[] {
    return [this.object];
  }

  get identity(): string {
    return `u${this.object?.id ?? 0}+${this.object?.offset ?? 0}`;
  }

  Value(): GoValue {
    return this.#value;
  }

  /** Go's ==. */
  equals(other: UniqueHandle): boolean {
    return this.object?.address === other.object?.address;
  }
}

interface Entry {
  readonly object: Obj;
  readonly weak: WeakPointer;
  readonly handle: UniqueHandle;
}

/** The map of one type. */
interface CanonMap {
  readonly root: Obj;
  /** Entries of each child of the root, the newest first. */
  readonly chains: Map<KeyIdentity, Entry>[];
}

export class Unique {
  readonly #heap: Heap;
  readonly #weak: Weak;
  readonly #cleanups: Cleanups;
  readonly #frame: Frame;
  readonly #maps = new Map<string, CanonMap>();

  constructor(heap: Heap, weak: Weak, cleanups: Cleanups) {
    this.#heap = heap;
    this.#weak = weak;
    this.#cleanups = cleanups;
    this.#frame = new Frame(heap, heap.roots);
  }

  /** unique.Make. `type` is that of the value, where the value does not say. */
  Make(value: GoValue, type: GoType = typeOf(value)): UniqueHandle {
    if (type.size === 0) return new UniqueHandle(value, null);
    const map = this.#mapOf(type);
    const key = identityOf(value);
    const child = childOf(key);
    const known = map.chains[child].get(key);
    if (known !== undefined && known.weak.Value() !== null) return known.handle;
    return this.#insert(map, child, key, value, type);
  }

  #insert(
    map: CanonMap,
    child: number,
    key: KeyIdentity,
    value: GoValue,
    type: GoType,
  ): UniqueHandle {
    const frame = this.#frame;
    try {
      const copy = this.#copy(value, type);
      const weak = this.#weak.Make(copy);
      const handle = new UniqueHandle(value, copy);
      const object = frame.allocate(ENTRY);
      object.set(KEY_WORD, weak.handle);
      const chain = map.chains[child];
      chain.delete(key);
      map.chains[child] = new Map([[key, { object, weak, handle }], ...chain]);
      this.#link(map, child);
      const closure = frame.allocate(layoutOf(closureType(4)));
      closure.set(2, map.root);
      closure.set(4, weak.handle);
      const forget = (): void => this.#forget(map, child, key, weak);
      this.#cleanups.add(copy, new Func({ params: ['struct {}'] }, forget, closure, []), null);
      return handle;
    } finally {
      frame.leave();
    }
  }

  /** The canonical copy. A string's bytes are copied too, so that they share no larger object. */
  #copy(value: GoValue, type: GoType): Obj {
    const pointers = pointersOf(type, value);
    for (const pointer of pointers) this.#frame.keep(pointer);
    const text = typeof value === 'string' ? value : '';
    const bytes =
      text === '' ? null : this.#frame.allocate(layoutOf({ name: 'string', size: text.length }));
    const copy = this.#frame.allocate(layoutOf(type));
    if (bytes !== null) copy.set(0, bytes);
    else
      for (const [i, word] of (type.pointers ?? []).entries()) copy.set(word, pointers[i] ?? null);
    return copy;
  }

  /** The cleanup of a copy: its entry goes, unless a newer one has taken its place. */
  #forget(map: CanonMap, child: number, key: KeyIdentity, weak: WeakPointer): void {
    if (map.chains[child].get(key)?.weak !== weak) return;
    map.chains[child].delete(key);
    this.#link(map, child);
  }

  /** Stores the entries of a child where the map's memory has them. */
  #link(map: CanonMap, child: number): void {
    let previous: Obj | null = null;
    for (const { object } of map.chains[child].values()) {
      if (previous === null) map.root.set(CHILD_WORD + child, object);
      else previous.set(OVERFLOW_WORD, object);
      previous = object;
    }
    if (previous === null) map.root.set(CHILD_WORD + child, null);
    else previous.set(OVERFLOW_WORD, null);
  }

  #mapOf(type: GoType): CanonMap {
    const known = this.#maps.get(type.name);
    if (known !== undefined) return known;
    const root = this.#heap.allocate(ROOT);
    new Slot(this.#heap, this.#heap.roots.take(`unique map of ${type.name}`)).set(root);
    const chains = Array.from({ length: CHILDREN }, () => new Map<KeyIdentity, Entry>());
    const map = { root, chains };
    this.#maps.set(type.name, map);
    return map;
  }
}

function typeOf(value: GoValue): GoType {
  if (typeof value === 'string') return GO.string;
  if (typeof value === 'boolean') return GO.bool;
  if (value === null) return { name: 'struct {}', size: 0 };
  return GO.int;
}

function childOf(key: KeyIdentity): number {
  let hash = 0;
  const text = String(key);
  for (let i = 0; i < text.length; i += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return (Math.imul(hash, 0x9e3779b9) >>> 28) % CHILDREN;
}
