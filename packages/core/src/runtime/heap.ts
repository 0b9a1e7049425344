/**
 * What the parts of a runtime share: the decider, handles, and the way back from a word to an object.
 *
 * A handle (`Obj`) is a JavaScript value and no root: only globals, stack slots and fields of heap
 * objects keep a simulated object alive. The object just allocated lives at least until the next
 * command. Using a handle after its object was collected throws `refused`; the simulated program
 * could not have had that pointer.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { RunConfig } from '../control.ts';
import { Decider } from '../decide/decider.ts';
import type { BatchSink, EventWatcher } from '../decide/journal.ts';
import { wordAlive } from '../heap/check_pointers.ts';
import { dropDead } from '../heap/deadobjects.ts';
import { HEAP_BASE } from '../heap/layout.ts';
import { TINY_SIZE } from '../heap/sizeclasses.ts';
import { objectStart } from '../heap/slots.ts';
import { EventFeed } from './feed.ts';
import { Roots, type Slot } from './goroutines.ts';
import { expectRoom } from './room.ts';
import { TinyAllocator } from './tiny.ts';
import type { Layout } from './types.ts';

/** Address of every value of size zero, as Go's runtime.zerobase; outside the heap. */
const ZERO_BASE = 0x5f8000;
/** Fewer layouts than this are not worth a look. */
const FEW_LAYOUTS = 1 << 16;

export class Heap {
  readonly decider: Decider;
  readonly feed: EventFeed = new EventFeed();
  /** Naming a root is no command: what fades until the next one stays. */
  readonly roots: Roots = new Roots((root, name) => {
    this.decider.nameRoot(root, name);
    this.feed.deliver(this.decider.recorded);
  });
  readonly #tiny: TinyAllocator;
  readonly #sites = new Map<string, number>();
  readonly #layouts = new Map<number, Layout>();
  /** Layouts with which those of the dead are looked for. */
  #mostLayouts = FEW_LAYOUTS;
  /** Ordinal of the newest object at a word. */
  #owners = new Map<number, number>();
  /** `World.placementMoves` when `#owners` was true. */
  #moves = 0;
  /** Roots that hold something for the command that comes next only. */
  readonly #fading: Slot[] = [];

  constructor(config: RunConfig, sink: BatchSink | null, watcher: EventWatcher | null = null) {
    const deliver: BatchSink = (batch) => {
      this.feed.deliver(batch);
      this.feed.restart();
      sink?.(batch);
    };
    this.decider = new Decider(config, deliver, watcher);
    this.#tiny = new TinyAllocator(this.decider);
  }

  /** Carries out a command, with what comes before and after each. */
  command<T>(act: (decider: Decider) => T): T {
    this.#tiny.settle();
    const result = act(this.decider);
    if (this.#moves !== this.decider.world.placementMoves) this.#followMoves();
    if (this.#fading.length > 0) this.fade();
    this.feed.deliver(this.decider.recorded);
    return result;
  }

  /** Objects have moved: those that are alive are found at their new places. */
  #followMoves(): void {
    const { objects, placementMoves } = this.decider.world;
    const owners = new Map<number, number>();
    for (const ordinal of this.#owners.values()) {
      const word = objects.wordOf(ordinal);
      if (word >= 0) owners.set(word, ordinal);
    }
    this.#owners = owners;
    this.#moves = placementMoves;
  }

  /**
   * The slots hold what they hold until the next command is done, and are given back then: that is
   * how the result of an operation reaches a program that has yet to store it.
   */
  letFade(slots: readonly Slot[]): void {
    this.#fading.push(...slots);
  }

  /** What was held for the next command is held no longer. */
  fade(): void {
    for (const { root } of this.#fading.splice(0)) {
      this.decider.storeRoot(root, 0);
      this.roots.give(root);
    }
  }

  allocate(layout: Layout): Obj {
    if (layout.size === 0) return new Obj(this, 0, layout, 0);
    expectRoom(this.decider.world, layout.size, layout.scanBytes === 0);
    const site = this.#siteOf(layout);
    if (layout.scanBytes === 0 && layout.size < TINY_SIZE) {
      const { block, offset } = this.command(() => this.#tiny.allocate(site, layout.size));
      this.#owners.set(this.#word(block), block);
      return new Obj(this, block, layout, offset);
    }
    const ordinal = this.command((decider) => decider.allocate(site));
    this.#owners.set(this.#word(ordinal), ordinal);
    if (layout.scanBytes > 0) this.#layouts.set(ordinal, layout);
    if (this.#layouts.size >= this.#mostLayouts) this.#forgetLayouts();
    return new Obj(this, ordinal, layout, 0);
  }

  /** Forgets the layouts of objects that are dead: nothing leads to them. */
  #forgetLayouts(): void {
    const { world } = this.decider;
    dropDead(world);
    for (const ordinal of this.#layouts.keys()) {
      if (world.objects.wordOf(ordinal) < 0) this.#layouts.delete(ordinal);
    }
    this.#mostLayouts = Math.max(FEW_LAYOUTS, this.#layouts.size * 2);
  }

  /** The object that a pointer word or root holds; `reference` is a word index plus 1, or 0. */
  objectAt(reference: number): Obj | null {
    if (reference === 0) return null;
    const ordinal = this.#owners.get(reference - 1) ?? 0;
    const site = this.decider.world.objects.siteOf(ordinal);
    const world = this.decider.world;
    const plain: Layout = {
      name: world.siteNames[site],
      size: world.siteBytes[site],
      scanBytes: 0,
      isPointer: () => false,
    };
    return new Obj(this, ordinal, this.#layouts.get(ordinal) ?? plain, 0);
  }

  /** Throws `refused` unless the object is of this heap. */
  expectOwn(object: Obj): void {
    if (object.isIn(this)) return;
    throw new HeaptapeError(
      'refused',
      `object #${object.id} (${object.layout.name}) belongs to another runtime`,
      'pointers of one process mean nothing in another one',
    );
  }

  /** Whether the object has not been collected. */
  isAlive(object: Obj): boolean {
    if (object.id === 0) return true;
    const word = this.#word(object.id);
    const { world } = this.decider;
    if (this.#owners.get(word) !== object.id || !wordAlive(world, word)) return false;
    // Its pages may belong to slots of another size by now.
    return word === objectStart(world, word);
  }

  /** Throws `refused` unless the object is of this heap and still there. */
  expectAlive(object: Obj): void {
    this.expectOwn(object);
    if (this.isAlive(object)) return;
    throw new HeaptapeError(
      'refused',
      `object #${object.id} (${object.layout.name}) has been collected`,
      'a handle keeps nothing alive: put the object into a global, a stack slot or a field first',
    );
  }

  addressOf(object: Obj): number {
    if (object.id === 0) return ZERO_BASE;
    return HEAP_BASE + this.#word(object.id) * 8 + object.offset;
  }

  #word(ordinal: number): number {
    return this.decider.world.objects.wordOf(ordinal);
  }

  #siteOf({ name, size, scanBytes }: Layout): number {
    const key = `${size}/${scanBytes}/${name}`;
    const known = this.#sites.get(key);
    if (known !== undefined) return known;
    const site = this.command((decider) => decider.defineSite(size, scanBytes, false, name));
    this.#sites.set(key, site);
    return site;
  }
}

/**
 * A pointer to a simulated object or into it. Two of them mean the same when their addresses are
 * equal.
 */
export class Obj {
  readonly #heap: Heap;
  /** Allocation ordinal; of the block for a tiny object; 0 for a value of size zero. */
  readonly id: number;
  /** What it points to. */
  readonly layout: Layout;
  /** Bytes from the start of the object, or of the tiny block. */
  readonly offset: number;
  /** Name of the pointer's own type; empty for plain `*T`. */
  readonly pointerName: string;

  constructor(heap: Heap, id: number, layout: Layout, offset: number, pointerName = '') {
    this.#heap = heap;
    this.id = id;
    this.layout = layout;
    this.offset = offset;
    this.pointerName = pointerName;
  }

  /** The simulated address, bytes. */
  get address(): number {
    return this.#heap.addressOf(this);
  }

  isIn(heap: Heap): boolean {
    return this.#heap === heap;
  }

  /** A pointer to `offset` bytes further on, where a value of that layout is. */
  inside(offset: number, layout: Layout): Obj {
    if (!(Number.isInteger(offset) && offset >= 0 && offset + layout.size <= this.layout.size)) {
      const what = `${layout.name} at byte ${offset}`;
      throw new HeaptapeError('refused', `a ${this.layout.name} has no ${what}`);
    }
    return new Obj(this.#heap, this.id, layout, this.offset + offset);
  }

  /** The same pointer, converted to the named pointer type. */
  as(pointerName: string): Obj {
    return new Obj(this.#heap, this.id, this.layout, this.offset, pointerName);
  }

  /** The object that pointer word `word` points to. Of a tiny block, the block. */
  get(word: number): Obj | null {
    this.#expectPointer(word);
    const { world } = this.#heap.decider;
    const at = world.objects.wordOf(this.id) + this.#wordAt(word);
    return at < world.words.length ? this.#heap.objectAt(world.words[at]) : null;
  }

  /** Makes pointer word `word` point to `target`. */
  set(word: number, target: Obj | null): void {
    this.#expectPointer(word);
    if (target !== null) this.#heap.expectAlive(target);
    const at = this.#wordAt(word);
    this.#heap.command((decider) => decider.storePointer(this.id, at, target?.id ?? 0));
  }

  #wordAt(word: number): number {
    return this.offset / 8 + word;
  }

  #expectPointer(word: number): void {
    this.#heap.expectAlive(this);
    if (!this.layout.isPointer(word)) {
      throw new HeaptapeError('refused', `word ${word} of a ${this.layout.name} is no pointer`);
    }
  }
}
