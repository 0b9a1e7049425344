/**
 * sync.Pool: objects kept for reuse, and given up by the collector.
 *
 * 1. A pool has a place for each P: one private value and a chain of shared ones. Put fills the
 *    private place of the P it runs on, else pushes at the head of its chain.
 * 2. Get takes the private value; else from the head of the P's own chain; else from the tails of
 *    the others', in order; else likewise from the victims; else it calls New.
 * 3. When a cycle starts, what the pool has becomes its victims, and the victims before go. A value
 *    nobody takes thus outlives one cycle and is freed by the second.
 * 4. The places are one object of 128 bytes a P. It is made at the first Put or Get after a cycle has
 *    started, or after GOMAXPROCS has grown, whereupon what the old one has is lost.
 * 5. The pools that have places are listed in an array that grows like any slice, and is given up by
 *    cycles in the same way.
 *
 * Follows `sync/pool.go`, Go 1.13 to 1.26. Deviations: a pool stands for a package-level variable, it
 * is no heap object itself; a cycle can start inside a Put or Get that allocates, where Go puts it off
 * until after.
 */
import { SCALAR } from '../heap/scalars.ts';
import type { Frame } from './frame.ts';
import type { Roots } from './goroutines.ts';
import { GO } from './gotypes.ts';
import type { Obj } from './heap.ts';
import { PoolChain, type Pooled } from './pooldequeue.ts';
import { nextCapacity } from './slices.ts';
import { arrayLayout, type GoType } from './types.ts';
import { type GoValue, pointersOf } from './values.ts';

const LOCAL: GoType = { name: 'sync.poolLocal', size: 128, pointers: [0, 1, 2, 3] };
const LOCAL_WORDS = LOCAL.size / 8;
const PRIVATE_DATA_WORD = 1;
const SHARED_WORD = 2;
const POOL_POINTER: GoType = { name: '*sync.Pool', size: 8, pointers: [0] };

/** A variable that every cycle moves to the victim variable beside it. */
class CycleRoot {
  readonly #frame: Frame;
  readonly #local: number;
  readonly #victim: number;

  constructor(frame: Frame, roots: Roots) {
    this.#frame = frame;
    this.#local = roots.take('sync.Pool (primary cache)');
    this.#victim = roots.take('sync.Pool (victim cache)');
    frame.heap.command((decider) => decider.specials.registerPool(this.#local, this.#victim));
  }

  set(object: Obj): void {
    this.#frame.heap.command((decider) => decider.storeRoot(this.#local, object.id));
  }

  isLocal(object: Obj): boolean {
    return this.#holds(this.#local, object);
  }

  isVictim(object: Obj): boolean {
    return this.#holds(this.#victim, object);
  }

  #holds(root: number, object: Obj): boolean {
    const { world } = this.#frame.heap.decider;
    return root < world.rootCount && world.roots[root] === world.objects.wordOf(object.id) + 1;
  }
}

/** The pools of a process that have places: runtime-wide, as Go's allPools. */
export class PoolRegistry {
  readonly frame: Frame;
  readonly roots: Roots;
  readonly #root: CycleRoot;
  #array: Obj | null = null;
  #len = 0;
  #cap = 0;

  constructor(frame: Frame, roots: Roots) {
    this.frame = frame;
    this.roots = roots;
    this.#root = new CycleRoot(frame, roots);
  }

  /** `allPools = append(allPools, p)`. */
  add(): void {
    if (this.#array === null || !this.#root.isLocal(this.#array)) {
      this.#len = 0;
      this.#cap = 0;
    }
    this.#len += 1;
    if (this.#len <= this.#cap) return;
    this.#cap = nextCapacity(this.#len, this.#cap);
    this.#array = this.frame.allocate(arrayLayout(POOL_POINTER, this.#cap, this.#cap * 8));
    this.#root.set(this.#array);
  }
}

/** The place of one P. */
class PoolLocal {
  readonly #array: Obj;
  readonly #word: number;
  readonly shared: PoolChain;
  #private: Pooled | null = null;

  constructor(array: Obj, p: number) {
    this.#array = array;
    this.#word = p * LOCAL_WORDS;
    this.shared = new PoolChain(array, this.#word + SHARED_WORD);
  }

  /** Fills the private place, if it is empty. */
  keep(item: Pooled): boolean {
    if (this.#private !== null) return false;
    this.#private = item;
    if (item.object !== null) this.#array.set(this.#word + PRIVATE_DATA_WORD, item.object);
    return true;
  }

  takePrivate(): Pooled | null {
    const item = this.#private;
    this.#private = null;
    if (item?.object) this.#array.set(this.#word + PRIVATE_DATA_WORD, null);
    return item;
  }
}

/** The places of all Ps. */
interface PoolLocals {
  readonly object: Obj;
  readonly places: readonly PoolLocal[];
}

export interface PoolOptions {
  /** Makes a value when Get has none. */
  readonly New?: () => GoValue;
}

/** Package sync, as far as the memory manager knows it. */
export interface Sync {
  readonly Pool: new (options?: PoolOptions) => Pool;
}

/** sync.Pool. */
export class Pool {
  readonly #registry: PoolRegistry;
  readonly #root: CycleRoot;
  /** Makes a value when Get has none; may be set at any time. */
  New: (() => GoValue) | undefined;
  #locals: PoolLocals | null = null;
  #victims: PoolLocals | null = null;

  constructor(registry: PoolRegistry, { New }: PoolOptions) {
    this.#registry = registry;
    this.New = New;
    this.#root = new CycleRoot(registry.frame, registry.roots);
  }

  /**
   * Adds a value; null is ignored. The pool keeps the object of a pointer, string, map or function;
   * convert other values to an interface first, as Go does.
   */
  Put(value: GoValue): void {
    if (value === null) return;
    const { frame } = this.#registry;
    const object = pointersOf(GO.any, value)[1] ?? null;
    try {
      frame.keep(object);
      const item = { value, object };
      const local = this.#pin();
      if (!local.keep(item)) local.shared.pushHead(frame, item);
    } finally {
      frame.leave();
    }
  }

  /** Takes a value out, or makes one; null if there is no New. Only the caller holds it then. */
  Get(): GoValue {
    const { frame } = this.#registry;
    let item: Pooled | null;
    try {
      const local = this.#pin();
      item = local.takePrivate() ?? local.shared.popHead() ?? this.#steal();
    } finally {
      frame.leave();
    }
    return item === null ? (this.New?.() ?? null) : item.value;
  }

  /** The place of this P. */
  #pin(): PoolLocal {
    this.#followCycles();
    const { frame } = this.#registry;
    const { scalars } = frame.heap.decider.world;
    const p = scalars[SCALAR.p];
    const place = this.#locals?.places[p];
    if (place !== undefined) return place;
    if (this.#locals === null) this.#registry.add();
    const procs = scalars[SCALAR.procs];
    const object = frame.allocate(arrayLayout(LOCAL, procs, procs * LOCAL.size));
    const places = Array.from({ length: procs }, (_, i) => new PoolLocal(object, i));
    this.#locals = { object, places };
    this.#root.set(object);
    return places[p];
  }

  /** Notices what cycles have done to the two variables. */
  #followCycles(): void {
    const locals = this.#locals;
    if (locals !== null && !this.#root.isLocal(locals.object)) {
      this.#victims = locals;
      this.#locals = null;
    }
    const victims = this.#victims;
    if (victims !== null && !this.#root.isVictim(victims.object)) this.#victims = null;
  }

  #steal(): Pooled | null {
    // Making the places may have begun a cycle.
    this.#followCycles();
    const p = this.#registry.frame.heap.decider.world.scalars[SCALAR.p];
    const item = stealFrom(this.#locals, p + 1);
    if (item !== null) return item;
    const victims = this.#victims;
    if (victims === null || p >= victims.places.length) return null;
    const found = victims.places[p].takePrivate() ?? stealFrom(victims, p);
    // What is left are private values of other Ps; nobody looks for them any more.
    if (found === null) this.#victims = null;
    return found;
  }
}

/** The oldest shared value of the first P that has one, from P `first` around. */
function stealFrom(locals: PoolLocals | null, first: number): Pooled | null {
  const count = locals?.places.length ?? 0;
  for (let i = 0; i < count; i += 1) {
    const item = locals?.places[(first + i) % count].shared.popTail() ?? null;
    if (item !== null) return item;
  }
  return null;
}
