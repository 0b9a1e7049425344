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
import type { BatchSink } from '../decide/journal.ts';
import { wordAlive } from '../heap/check_pointers.ts';
import { HEAP_BASE } from '../heap/layout.ts';
import { TINY_SIZE } from '../heap/sizeclasses.ts';
import { EventFeed } from './feed.ts';
import { TinyAllocator } from './tiny.ts';
import type { Layout } from './types.ts';

/** Address of every value of size zero, as Go's runtime.zerobase; outside the heap. */
const ZERO_BASE = 0x5f8000;

export class Heap {
  readonly decider: Decider;
  readonly feed: EventFeed = new EventFeed();
  readonly #tiny: TinyAllocator;
  readonly #sites = new Map<string, number>();
  readonly #layouts = new Map<number, Layout>();
  /** Ordinal of the newest object at a word. */
  readonly #owners = new Map<number, number>();

  constructor(config: RunConfig, sink: BatchSink | null) {
    this.decider = new Decider(config, (batch) => {
      this.feed.deliver(batch);
      this.feed.restart();
      sink?.(batch);
    });
    this.#tiny = new TinyAllocator(this.decider);
  }

  /** Carries out a command, with what comes before and after each. */
  command<T>(act: (decider: Decider) => T): T {
    this.#tiny.settle();
    const result = act(this.decider);
    this.feed.deliver(this.decider.recorded);
    return result;
  }

  allocate(layout: Layout): Obj {
    if (layout.size === 0) return new Obj(this, 0, layout, 0);
    const site = this.#siteOf(layout);
    if (layout.scanBytes === 0 && layout.size < TINY_SIZE) {
      const { block, offset } = this.command(() => this.#tiny.allocate(site, layout.size));
      this.#owners.set(this.#word(block), block);
      return new Obj(this, block, layout, offset);
    }
    const ordinal = this.command((decider) => decider.allocate(site));
    this.#owners.set(this.#word(ordinal), ordinal);
    if (layout.scanBytes > 0) this.#layouts.set(ordinal, layout);
    return new Obj(this, ordinal, layout, 0);
  }

  /** The object that a pointer word or root holds; `reference` is a word index plus 1, or 0. */
  objectAt(reference: number): Obj | null {
    if (reference === 0) return null;
    const ordinal = this.#owners.get(reference - 1) ?? 0;
    const site = this.decider.world.objectSite[ordinal];
    const world = this.decider.world;
    const plain: Layout = {
      name: world.siteNames[site],
      size: world.siteBytes[site],
      scanBytes: 0,
      isPointer: () => false,
    };
    return new Obj(this, ordinal, this.#layouts.get(ordinal) ?? plain, 0);
  }

  /** Throws `refused` unless the object is still there. */
  expectAlive(object: Obj): void {
    if (object.id === 0) return;
    const word = this.#word(object.id);
    if (this.#owners.get(word) === object.id && wordAlive(this.decider.world, word)) return;
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
    return this.decider.world.objectWord[ordinal];
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

/** A handle on a simulated object. Two handles mean the same object when their addresses are equal. */
export class Obj {
  readonly #heap: Heap;
  /** Allocation ordinal; of the block for a tiny object; 0 for a value of size zero. */
  readonly id: number;
  readonly layout: Layout;
  /** Bytes from the start of a tiny block. */
  readonly offset: number;

  constructor(heap: Heap, id: number, layout: Layout, offset: number) {
    this.#heap = heap;
    this.id = id;
    this.layout = layout;
    this.offset = offset;
  }

  /** The simulated address, bytes. */
  get address(): number {
    return this.#heap.addressOf(this);
  }

  /** The object that pointer word `word` points to. Of a tiny block, the block. */
  get(word: number): Obj | null {
    this.#expectPointer(word);
    const { world } = this.#heap.decider;
    const at = world.objectWord[this.id] + word;
    return at < world.words.length ? this.#heap.objectAt(world.words[at]) : null;
  }

  /** Makes pointer word `word` point to `target`. */
  set(word: number, target: Obj | null): void {
    this.#expectPointer(word);
    if (target !== null) this.#heap.expectAlive(target);
    this.#heap.command((decider) => decider.storePointer(this.id, word, target?.id ?? 0));
  }

  #expectPointer(word: number): void {
    this.#heap.expectAlive(this);
    if (!this.layout.isPointer(word)) {
      throw new HeaptapeError('refused', `word ${word} of a ${this.layout.name} is no pointer`);
    }
  }
}
