/**
 * Groups of map slots: the memory in which a map's keys and elements lie.
 *
 * A group is a control word and eight slots of a key and an element each. Keys and elements above
 * 128 bytes lie in objects of their own, and the slot points to them. An array of groups is one
 * allocation, free of pointers when neither key nor element has any.
 *
 * 1. A control byte says whether a slot is empty, deleted or full, and for a full one 7 bits of
 *    the key's hash.
 * 2. What a slot points to is in simulated pointer words; keys and elements as data are beside them.
 * 3. Emptying a slot clears its pointers, so that it keeps nothing alive.
 *
 * Follows `internal/runtime/maps/group.go` and `cmd/compile/internal/reflectdata/map.go`
 * MapGroupType, Go 1.24 to 1.26.
 */
import type { Frame } from './frame.ts';
import { structOf } from './gotypes.ts';
import type { Obj } from './heap.ts';
import { arrayLayout, type GoType, layoutOf } from './types.ts';
import { type GoValue, type KeyIdentity, pointersOf } from './values.ts';

/** Slots of a group. */
export const GROUP_SLOTS = 8;
/** Largest key or element that lies in its slot, bytes. */
const MAX_INLINE = 128;
const WORD = 8;

/** Control byte of a slot that was never used since its group was full. */
export const EMPTY = 0x80;
/** Control byte of a slot that was emptied while its group was full. */
export const DELETED = 0xfe;

/** A map type, laid out. */
export interface MapType {
  readonly key: GoType;
  readonly elem: GoType;
  readonly group: GoType;
  readonly indirectKey: boolean;
  readonly indirectElem: boolean;
  /** Words of a slot that hold pointers: of the key, of the element. */
  readonly keyWords: readonly number[];
  readonly elemWords: readonly number[];
  readonly slotWords: number;
  /** Whether assignment to a full table looks for tombstones it can drop before the table grows. */
  readonly prunes: boolean;
}

const NO_WORDS: readonly number[] = [];

/** Assignment has variants for keys compared as 4 or 8 plain bytes, and for strings. */
function hasFastAssign(key: GoType, elem: GoType): boolean {
  if (elem.size > MAX_INLINE || key.kind === 'float') return false;
  if (key.kind === 'string') return true;
  return (key.size === 4 || key.size === 8) && (key.pointers ?? NO_WORDS).length === 0;
}

/** `map[key]elem`. */
export function mapTypeOf(key: GoType, elem: GoType): MapType {
  const pointer = (to: GoType): GoType => ({ name: `*${to.name}`, size: WORD, pointers: [0] });
  const indirectKey = key.size > MAX_INLINE;
  const indirectElem = elem.size > MAX_INLINE;
  const keyField = indirectKey ? pointer(key) : key;
  const elemField = indirectElem ? pointer(elem) : elem;
  const slot = structOf('slot', [keyField, elemField]);
  const control: GoType = { name: 'uint64', size: WORD };
  const name = `map.group[${key.name}]${elem.name}`;
  const keyCount = keyField.pointers?.length ?? 0;
  const words = slot.pointers ?? NO_WORDS;
  return {
    key,
    elem,
    group: structOf(name, [control, ...Array.from({ length: GROUP_SLOTS }, () => slot)]),
    indirectKey,
    indirectElem,
    keyWords: words.slice(0, keyCount),
    elemWords: words.slice(keyCount),
    slotWords: slot.size / WORD,
    prunes: hasFastAssign(key, elem),
  };
}

/** Whether a control byte is that of a full slot. */
export function isFull(control: number): boolean {
  return control < EMPTY;
}

/** An array of groups. Slots are numbered through. */
export class Groups {
  readonly type: MapType;
  readonly object: Obj;
  /** Slots; 8 times a power of two. */
  readonly capacity: number;
  readonly controls: Uint8Array;
  readonly keys: KeyIdentity[] = [];
  readonly #keyValues: GoValue[] = [];
  readonly #elems: GoValue[] = [];

  constructor(frame: Frame, type: MapType, capacity: number) {
    this.type = type;
    this.capacity = capacity;
    const count = capacity / GROUP_SLOTS;
    this.object = frame.allocate(arrayLayout(type.group, count, count * type.group.size));
    this.controls = new Uint8Array(capacity).fill(EMPTY);
  }

  /** First slot of the group that has this control byte; -1 if none has. */
  find(group: number, control: number): number {
    const first = group * GROUP_SLOTS;
    for (let slot = first; slot < first + GROUP_SLOTS; slot += 1) {
      if (this.controls[slot] === control) return slot;
    }
    return -1;
  }

  keyAt(slot: number): GoValue {
    return this.#keyValues[slot];
  }

  elemAt(slot: number): GoValue {
    return this.#elems[slot];
  }

  /** Fills a slot with a new key and element, allocating what lies outside of the slot. */
  insert(
    frame: Frame,
    slot: number,
    control: number,
    id: KeyIdentity,
    key: GoValue,
    elem: GoValue,
  ): void {
    const { type } = this;
    if (type.indirectKey) {
      const object = frame.allocate(layoutOf(type.key));
      this.#point(slot, type.keyWords, [object]);
      fill(object, type.key, key);
    } else {
      this.#point(slot, type.keyWords, pointersOf(type.key, key));
    }
    if (type.indirectElem) {
      const object = frame.allocate(layoutOf(type.elem));
      this.#point(slot, type.elemWords, [object]);
      fill(object, type.elem, elem);
    } else {
      this.#point(slot, type.elemWords, pointersOf(type.elem, elem));
    }
    this.#note(slot, control, id, key, elem);
  }

  /** Overwrites the element of a full slot, and its key by an equal one. */
  update(slot: number, id: KeyIdentity, key: GoValue, elem: GoValue): void {
    const { type } = this;
    if (type.indirectKey) fill(this.#target(slot, type.keyWords), type.key, key);
    else this.#point(slot, type.keyWords, pointersOf(type.key, key));
    if (type.indirectElem) fill(this.#target(slot, type.elemWords), type.elem, elem);
    else this.#point(slot, type.elemWords, pointersOf(type.elem, elem));
    this.#note(slot, this.controls[slot], id, key, elem);
  }

  /** Fills a slot with what a slot of other groups of this type holds. */
  copy(slot: number, control: number, from: Groups, at: number): void {
    const { keyWords, elemWords } = this.type;
    for (const words of [keyWords, elemWords]) {
      for (const word of words) {
        point(this.object, this.#word(slot, word), from.object.get(from.#word(at, word)));
      }
    }
    this.#note(slot, control, from.keys[at], from.keyAt(at), from.elemAt(at));
  }

  /** Empties a slot and leaves a control byte. */
  remove(slot: number, control: number): void {
    const { keyWords, elemWords } = this.type;
    this.#point(slot, keyWords, []);
    this.#point(slot, elemWords, []);
    this.#note(slot, control, Number.NaN, null, null);
  }

  /** Empties every slot. */
  clear(): void {
    for (let slot = 0; slot < this.capacity; slot += 1) {
      if (isFull(this.controls[slot])) this.remove(slot, EMPTY);
    }
    this.controls.fill(EMPTY);
  }

  #note(slot: number, control: number, id: KeyIdentity, key: GoValue, elem: GoValue): void {
    this.controls[slot] = control;
    this.keys[slot] = id;
    this.#keyValues[slot] = key;
    this.#elems[slot] = elem;
  }

  /** Index in the object of a slot's word. */
  #word(slot: number, word: number): number {
    const { group, slotWords } = this.type;
    const at = Math.floor(slot / GROUP_SLOTS) * (group.size / WORD);
    return at + 1 + (slot % GROUP_SLOTS) * slotWords + word;
  }

  #target(slot: number, words: readonly number[]): Obj | null {
    return this.object.get(this.#word(slot, words[0]));
  }

  /** Makes words of a slot point to `targets`; where there is none, to nothing. */
  #point(slot: number, words: readonly number[], targets: readonly (Obj | null)[]): void {
    for (let i = 0; i < words.length; i += 1) {
      point(this.object, this.#word(slot, words[i]), targets[i] ?? null);
    }
  }
}

function point(object: Obj, word: number, target: Obj | null): void {
  if (target !== null || object.get(word) !== null) object.set(word, target);
}

/** Fills an object of its own with a value. */
function fill(object: Obj | null, type: GoType, value: GoValue): void {
  const targets = pointersOf(type, value);
  (type.pointers ?? NO_WORDS).forEach((word, i) => {
    if (object !== null) point(object, word, targets[i] ?? null);
  });
}
