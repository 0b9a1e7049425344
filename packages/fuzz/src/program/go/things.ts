/**
 * What a program over the runtime's interface knows of its own values, in plain JavaScript.
 *
 * A thing is one value that a variable can hold: a struct, a slice, a map, a channel and so on. It says
 * what it refers to, so that what the program can still reach is a walk over things. That walk is a lower
 * bound: what the runtime holds for an operation that is under way is not in it.
 */
import type {
  Chan,
  GoMap,
  GoString,
  Iface,
  Obj,
  Slice,
  UniqueHandle,
  WeakPointer,
} from '@heaptape/core';

/** A finalizer as the program knows it. */
export interface FinalizerNote {
  readonly thing: Thing;
  readonly captured: Thing | null;
  state: 'set' | 'cleared' | 'ran';
}

/** A cleanup likewise. */
export interface CleanupNote {
  readonly thing: Thing;
  readonly arg: Thing | null;
  readonly captured: Thing | null;
  state: 'set' | 'stopped' | 'ran';
}

export abstract class Thing {
  /** The object that a variable with this value points to; null where there is none. */
  abstract readonly obj: Obj | null;
  /** How a listing calls it. */
  abstract readonly kind: string;
  abstract refs(): Iterable<Thing>;

  /** What its finalizer keeps: all that it refers to but itself. */
  contents(): Thing[] {
    return behind(this, this.refs());
  }
}

/** These, without pointers back to the object of `thing`: an interface can be one, a slice of an array too. */
function behind(thing: Thing, refs: Iterable<Thing>): Thing[] {
  const seen = new Set([thing]);
  const found: Thing[] = [];
  const waiting = [...refs];
  for (let to = waiting.pop(); to !== undefined; to = waiting.pop()) {
    if (seen.has(to)) continue;
    seen.add(to);
    const isBack = to.obj !== null && to.obj.id === thing.obj?.id;
    if (isBack) waiting.push(...to.refs());
    else found.push(to);
  }
  return found;
}

/** Words of a piece of a large object: only from the first one a pointer to the start is to itself. */
const PIECE_WORDS = 16_384;

export class StructThing extends Thing {
  readonly kind: string;
  readonly obj: Obj;
  /** Pointer words of its type. */
  readonly words: readonly number[];
  readonly fields: Map<number, Thing> = new Map();

  constructor(kind: string, obj: Obj, words: readonly number[]) {
    super();
    this.kind = kind;
    this.obj = obj;
    this.words = words;
  }

  refs(): Iterable<Thing> {
    return this.fields.values();
  }

  override contents(): Thing[] {
    const fields = [...this.fields];
    const fromPieces = fields.filter(([word]) => word >= PIECE_WORDS).map(([, to]) => to);
    return [...fromPieces, ...behind(this, this.refs())];
  }
}

/** The array behind slices. */
export class ArrayThing extends Thing {
  readonly kind = 'array';
  readonly obj: Obj | null;
  readonly elems: (Thing | null)[];

  constructor(obj: Obj | null, elems: (Thing | null)[]) {
    super();
    this.obj = obj;
    this.elems = elems;
  }

  refs(): Iterable<Thing> {
    return this.elems.filter((elem) => elem !== null);
  }
}

export class SliceThing extends Thing {
  readonly kind = '[]*T';
  readonly slice: Slice;
  readonly array: ArrayThing;

  constructor(slice: Slice, array: ArrayThing) {
    super();
    this.slice = slice;
    this.array = array;
  }

  get obj(): Obj | null {
    return this.slice.array;
  }

  /** Its elements, as the program has stored them. */
  get elems(): (Thing | null)[] {
    const { start, len } = this.slice;
    return Array.from({ length: len }, (_, i) => this.array.elems[start + i] ?? null);
  }

  refs(): Iterable<Thing> {
    return [this.array];
  }
}

/** A key of a map: an integer, a string, or a pointer to a thing. */
export type MapKey = number | string | Thing;

export class MapThing extends Thing {
  readonly kind: string;
  readonly map: GoMap;
  readonly entries: Map<MapKey, Thing | null> = new Map();

  constructor(kind: string, map: GoMap) {
    super();
    this.kind = kind;
    this.map = map;
  }

  get obj(): Obj {
    return this.map.object;
  }

  *refs(): Iterable<Thing> {
    for (const [key, elem] of this.entries) {
      if (key instanceof Thing) yield key;
      if (elem !== null) yield elem;
    }
  }
}

export class ChanThing extends Thing {
  readonly kind: string;
  readonly chan: Chan;
  /** What was sent and not received, in the order of sending. */
  readonly sent: (Thing | number)[] = [];
  /** What selects under way would send. */
  readonly offered: (Thing | number)[] = [];
  closed = false;

  constructor(kind: string, chan: Chan) {
    super();
    this.kind = kind;
    this.chan = chan;
  }

  get obj(): Obj | null {
    return this.chan.header;
  }

  refs(): Iterable<Thing> {
    return this.sent.filter((value) => value instanceof Thing);
  }
}

/** A value that refers to some others and never changes: a function value, an interface, a string. */
export class FixedThing extends Thing {
  readonly kind: string;
  readonly obj: Obj | null;
  readonly value: GoString | Iface | null;
  readonly #refs: readonly Thing[];

  constructor(
    kind: string,
    obj: Obj | null,
    refs: readonly Thing[],
    value: GoString | Iface | null = null,
  ) {
    super();
    this.kind = kind;
    this.obj = obj;
    this.value = value;
    this.#refs = refs;
  }

  refs(): Iterable<Thing> {
    return this.#refs;
  }
}

export class UniqueThing extends Thing {
  readonly kind = 'unique.Handle';
  readonly handle: UniqueHandle;
  readonly text: string;

  constructor(handle: UniqueHandle, text: string) {
    super();
    this.handle = handle;
    this.text = text;
  }

  get obj(): Obj | null {
    return this.handle.object;
  }

  refs(): Iterable<Thing> {
    return [];
  }
}

/** A weak pointer: whoever holds it holds its handle, not the target. */
export class WeakThing extends Thing {
  readonly kind = 'weak.Pointer';
  readonly weak: WeakPointer;
  readonly target: Thing;
  /** Once nil, always nil. */
  gone = false;

  constructor(weak: WeakPointer, target: Thing) {
    super();
    this.weak = weak;
    this.target = target;
  }

  get obj(): Obj | null {
    return this.weak.handle;
  }

  refs(): Iterable<Thing> {
    return [];
  }
}

/** All that these things lead to, themselves included. */
export function reachFrom(from: Iterable<Thing | null>): Set<Thing> {
  const seen = new Set<Thing>();
  const waiting = [...from];
  while (waiting.length > 0) {
    const thing = waiting.pop() ?? null;
    if (thing === null || seen.has(thing)) continue;
    seen.add(thing);
    waiting.push(...thing.refs());
  }
  return seen;
}

/**
 * What must have been called when nothing but `roots` is left and the collector has had its time: cycle after cycle, whose finalizer is due, whose cleanup. A finalizer is due when
 * neither roots nor any other finalizer, not even its own, lead to its object; a cleanup when
 * also no finalizer is left on it.
 */
export function fateOf(
  roots: Iterable<Thing | null>,
  finalizers: readonly FinalizerNote[],
  cleanups: readonly CleanupNote[],
): Set<FinalizerNote | CleanupNote> {
  const rooted = [...roots];
  const waiting = new Set(finalizers.filter(({ state }) => state === 'set'));
  const due = new Set(cleanups.filter(({ state }) => state === 'set'));
  const fate = new Set<FinalizerNote | CleanupNote>();
  for (;;) {
    const from: (Thing | null)[] = [...rooted];
    for (const { thing, captured } of waiting) {
      from.push(...thing.contents(), captured);
    }
    for (const { arg, captured } of due) from.push(arg, captured);
    const kept = reachFrom(from);
    const alone = [...waiting].filter(({ thing }) => !kept.has(thing));
    const finalized = new Set([...waiting].map(({ thing }) => thing));
    const freed = [...due].filter(({ thing }) => !kept.has(thing) && !finalized.has(thing));
    if (alone.length === 0 && freed.length === 0) return fate;
    for (const note of alone) {
      waiting.delete(note);
      fate.add(note);
    }
    for (const note of freed) {
      due.delete(note);
      fate.add(note);
    }
  }
}
