/**
 * The graph of a simulated heap.
 *
 * 1. Every slot of a span in use gets a place. Going through all ordinals in order, the last one that took a slot is
 *    the object in it, if the slot is allocated and the collector has not found it dead.
 * 2. Live objects are numbered by ordinal. A pointer word refers to the object of the slot that it points into.
 * 3. Roots are the root column, every object that is held, the tiny block of each P, and what specials keep: of a
 *    finalizer its closure and whatever else its object refers to, of a queued one the object; a cleanup's argument;
 *    a weak handle. An mcache is no root: what it caches is free.
 */
import {
  SPECIAL_KIND,
  SPECIAL_STATE,
  slotAlive,
  slotBytes,
  slotOfWord,
  type World,
} from '@heaptape/core';
import { checkEdges, NONE, type ObjectGraph } from './graph.ts';

/** What `rootKind` means here. `rootIndex` is the root's number, the held object's ordinal, the P, or the special's number. */
export const WORLD_ROOT_KINDS: readonly ('root' | 'held' | 'tiny-block' | 'special')[] = [
  'root',
  'held',
  'tiny-block',
  'special',
];

const KIND_ROOT = 0;
const KIND_HELD = 1;
const KIND_TINY_BLOCK = 2;
const KIND_SPECIAL = 3;
const SPAN_IN_USE = 1;
const BITMAP_WORDS = 32;
const PAGE_WORDS = 1024;

/** An object graph whose objects have ordinals; groups are sites. */
export interface WorldGraph extends ObjectGraph {
  /** Ordinal of each object, ascending. */
  readonly ordinals: Int32Array;
}

/** The graph of the objects that are alive as far as the collector knows. */
export function graphOfWorld(world: World): WorldGraph {
  const slots = new Slots(world);
  const ordinals = slots.number();
  const count = ordinals.length;
  const sizes = new Float64Array(count);
  const groups = new Int32Array(count);
  ordinals.forEach((ordinal, object) => {
    sizes[object] = slotBytes(world, world.spanAtWord(world.objects.wordOf(ordinal)));
    groups[object] = world.objects.siteOf(ordinal);
  });
  const offsets = slots.offsets(ordinals);
  return {
    count,
    ordinals,
    sizes,
    groups,
    offsets,
    ...slots.edges(ordinals, offsets),
    ...slots.roots(ordinals),
  };
}

/** Which object is in which slot. */
class Slots {
  readonly #world: World;
  /** Place of the first slot of each span, by its first page. */
  readonly #first: Int32Array;
  /** By slot: ordinal of the object in it while numbering, then the object's number plus 1; 0 is none. */
  readonly #object: Int32Array;

  constructor(world: World) {
    this.#world = world;
    this.#first = new Int32Array(world.pages);
    let slots = 0;
    for (let page = 0; page < world.pages; page += 1) {
      this.#first[page] = slots;
      if (world.spanState[page] === SPAN_IN_USE) slots += world.nelems[page];
    }
    this.#object = new Int32Array(slots);
  }

  /** Finds the live objects; returns their ordinals in order. */
  number(): Int32Array {
    const { objects } = this.#world;
    let live = 0;
    for (const ordinal of objects.ordinals()) {
      const slot = this.#slotAt(objects.wordOf(ordinal));
      if (slot === NONE) continue;
      if (this.#object[slot] === 0) live += 1;
      this.#object[slot] = ordinal;
    }
    const ordinals = this.#object.filter((ordinal) => ordinal !== 0).sort();
    for (let object = 0; object < live; object += 1) {
      this.#object[this.#slotAt(objects.wordOf(ordinals[object]))] = object + 1;
    }
    return ordinals;
  }

  /** The object that a pointer word or root refers to, `NONE` for none. */
  target(reference: number): number {
    const slot = reference === 0 ? NONE : this.#slotAt(reference - 1);
    return slot === NONE ? NONE : this.#object[slot] - 1;
  }

  /** First edge of each object. */
  offsets(ordinals: Int32Array): Int32Array {
    const offsets = new Int32Array(ordinals.length + 1);
    let edges = 0;
    for (let object = 0; object < ordinals.length; object += 1) {
      const first = this.#world.objects.wordOf(ordinals[object]);
      const end = this.#scanEnd(first);
      for (let word = first; word < end; word += 1) {
        if (this.target(this.#world.words[word]) !== NONE) edges += 1;
      }
      checkEdges(edges);
      offsets[object + 1] = edges;
    }
    return offsets;
  }

  edges(ordinals: Int32Array, offsets: Int32Array): { targets: Int32Array; words: Int32Array } {
    const targets = new Int32Array(offsets[ordinals.length]);
    const words = new Int32Array(targets.length);
    let edge = 0;
    for (let object = 0; object < ordinals.length; object += 1) {
      const first = this.#world.objects.wordOf(ordinals[object]);
      const end = this.#scanEnd(first);
      for (let word = first; word < end; word += 1) {
        const target = this.target(this.#world.words[word]);
        if (target === NONE) continue;
        targets[edge] = target;
        words[edge] = word - first;
        edge += 1;
      }
    }
    return { targets, words };
  }

  roots(ordinals: Int32Array): Pick<ObjectGraph, 'roots' | 'rootKind' | 'rootIndex'> {
    const w = this.#world;
    const roots: number[] = [];
    const kinds: number[] = [];
    const indexes: number[] = [];
    const add = (target: number, kind: number, index: number): void => {
      if (target === NONE) return;
      roots.push(target);
      kinds.push(kind);
      indexes.push(index);
    };
    for (let root = 0; root < w.rootCount; root += 1)
      add(this.target(w.roots[root]), KIND_ROOT, root);
    ordinals.forEach((ordinal, object) => {
      if (this.#held(w.objects.wordOf(ordinal))) add(object, KIND_HELD, ordinal);
    });
    w.tinyBlock.forEach((ordinal, p) => {
      if (ordinal !== 0) add(this.target(w.objects.wordOf(ordinal) + 1), KIND_TINY_BLOCK, p);
    });
    this.#specials((target, special) => add(target, KIND_SPECIAL, special));
    return {
      roots: Int32Array.from(roots),
      rootKind: Uint8Array.from(kinds),
      rootIndex: Int32Array.from(indexes),
    };
  }

  /** What specials keep. */
  #specials(keep: (target: number, special: number) => void): void {
    const w = this.#world;
    const { count, state, kind, object, closure, arg } = w.specials;
    const keepObject = (ordinal: number, special: number): void => {
      if (ordinal !== 0) keep(this.target(w.objects.wordOf(ordinal) + 1), special);
    };
    for (let special = 1; special <= count; special += 1) {
      if (state[special] === SPECIAL_STATE.gone) continue;
      keepObject(closure[special], special);
      keepObject(arg[special], special);
      if (kind[special] !== SPECIAL_KIND.finalizer) continue;
      if (state[special] !== SPECIAL_STATE.attached) {
        keepObject(object[special], special);
        continue;
      }
      const first = w.objects.wordOf(object[special]);
      const own = this.target(first + 1);
      const end = this.#scanEnd(first);
      for (let word = first; word < end; word += 1) {
        const target = this.target(w.words[word]);
        if (target !== own) keep(target, special);
      }
    }
  }

  /** Place of the slot that holds a word, `NONE` where nothing alive is there. */
  #slotAt(word: number): number {
    const w = this.#world;
    const page = word >= 0 && word < w.pages * PAGE_WORDS ? w.spanOf[word >> 10] - 1 : NONE;
    if (page < 0 || w.spanState[page] !== SPAN_IN_USE) return NONE;
    const index = slotOfWord(w, page, word);
    if (index >= w.nelems[page] || !slotAlive(w, page, index)) return NONE;
    return this.#first[page] + index;
  }

  #held(word: number): boolean {
    const page = this.#world.spanAtWord(word);
    const index = slotOfWord(this.#world, page, word);
    return (this.#world.heldBits[page * BITMAP_WORDS + (index >> 5)] & (1 << (index & 31))) !== 0;
  }

  /** First word after the pointer words of the object that begins at word `first`. */
  #scanEnd(first: number): number {
    const w = this.#world;
    const page = w.spanAtWord(first);
    if ((w.spanClass[page] & 1) !== 0) return first;
    const slotEnd = page * PAGE_WORDS + (slotOfWord(w, page, first) + 1) * (slotBytes(w, page) / 8);
    return Math.min(slotEnd, w.words.length);
  }
}
