/**
 * The journal: every decision leaves through here. An event is written down (when there is a tape or
 * a listener) and folded at once by the same `evolve` that a replay uses.
 *
 * The hot events have methods of their own, which call the evolve function directly, so that with
 * the tape off an allocation costs no event at all. When the batch is full it goes to the sink
 * before the next event: the world then stands exactly after the batch's last event.
 */
import { CELLS, EVENTS, EventBatch, SEGMENT_EVENTS } from '@heaptape/schema';
import { evolve } from '../evolve/evolve.ts';
import {
  objectAllocated,
  objectReleased,
  pointerStored,
  rootStored,
  tinyAllocated,
} from '../evolve/mutator.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';

const TAG_ALLOCATED = EVENTS.ObjectAllocated.tag;
const TAG_TINY = EVENTS.TinyAllocated.tag;
const TAG_POINTER = EVENTS.PointerStored.tag;
const TAG_ROOT = EVENTS.RootStored.tag;
const TAG_RELEASED = EVENTS.ObjectReleased.tag;

/** Most argument cells of an event; an event that outgrows it fails a test. */
export const MOST_CELLS = 7;

/** Receives full batches, and the last, shorter one. The batch is reused after the call. */
export type BatchSink = (batch: EventBatch) => void;

/** Is told of every event but the five hot ones, after it has been folded. Reads, never writes. */
export type EventWatcher = (world: World, tag: number, args: Float64Array, at: number) => void;

export class Journal {
  readonly world: World;
  readonly batch: EventBatch;
  readonly #sink: BatchSink | null;
  readonly #on: boolean;
  readonly #watcher: EventWatcher | null;

  constructor(world: World, sink: BatchSink | null, watcher: EventWatcher | null) {
    this.world = world;
    this.#sink = sink;
    this.#watcher = watcher;
    this.#on = sink !== null;
    this.batch = new EventBatch(sink === null ? 64 : SEGMENT_EVENTS);
    this.#restart();
  }

  /** Hands over what has been written since the last full batch. */
  flush(): void {
    if (this.batch.count > 0 && this.#sink !== null) this.#sink(this.batch);
    this.#restart();
  }

  objectAllocated(site: number, foundDead: number): void {
    objectAllocated(this.world, site, 0);
    this.world.scalars[SCALAR.seq] += 1;
    if (this.#on) this.#write3(TAG_ALLOCATED, site, foundDead, 0);
  }

  pointerStored(object: number, word: number, target: number): void {
    pointerStored(this.world, object, word, target);
    this.world.scalars[SCALAR.seq] += 1;
    if (this.#on) this.#write3(TAG_POINTER, object, word, target);
  }

  rootStored(root: number, target: number): void {
    rootStored(this.world, root, target);
    this.world.scalars[SCALAR.seq] += 1;
    if (this.#on) this.#write2(TAG_ROOT, root, target);
  }

  objectReleased(object: number): void {
    objectReleased(this.world, object);
    this.world.scalars[SCALAR.seq] += 1;
    if (this.#on) this.#write1(TAG_RELEASED, object);
  }

  tinyAllocated(site: number): void {
    tinyAllocated(this.world);
    this.world.scalars[SCALAR.seq] += 1;
    if (this.#on) this.#write1(TAG_TINY, site);
  }

  /** Any other event without byte strings; fields beyond those it has are ignored. */
  emit(tag: number, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0): void {
    const { batch } = this;
    const at = batch.argCount;
    if (at + MOST_CELLS > batch.args.length) batch.reserveArgs(MOST_CELLS);
    const { args } = batch;
    args[at] = a;
    args[at + 1] = b;
    args[at + 2] = c;
    args[at + 3] = d;
    args[at + 4] = e;
    args[at + 5] = f;
    args[at + 6] = g;
    this.#finish(tag, at);
  }

  /** An event whose last field is a byte string, after up to four numbers. */
  emitBytes(tag: number, bytes: Uint8Array, a = 0, b = 0, c = 0, d = 0): void {
    const { batch } = this;
    const at = batch.argCount;
    if (at + MOST_CELLS > batch.args.length) batch.reserveArgs(MOST_CELLS);
    const { args } = batch;
    args[at] = a;
    args[at + 1] = b;
    args[at + 2] = c;
    args[at + 3] = d;
    const end = at + CELLS[tag];
    args[end - 2] = batch.putBlob(bytes);
    args[end - 1] = bytes.length;
    this.#finish(tag, at);
  }

  /** The event's arguments are in place at `at`: it counts, and is folded. */
  #finish(tag: number, at: number): void {
    const { batch } = this;
    batch.kinds[batch.count] = tag;
    batch.count += 1;
    batch.argCount = at + CELLS[tag];
    evolve(this.world, tag, batch, at);
    if (this.#watcher !== null) this.#watcher(this.world, tag, batch.args, at);
    if (!this.#on) batch.clear(1, 1);
    else if (batch.count === SEGMENT_EVENTS) this.flush();
  }

  #write1(tag: number, a: number): void {
    const { batch } = this;
    if (batch.argCount + 8 > batch.args.length) batch.reserveArgs(8);
    batch.kinds[batch.count] = tag;
    batch.count += 1;
    batch.args[batch.argCount] = a;
    batch.argCount += 1;
    if (batch.count === SEGMENT_EVENTS) this.flush();
  }

  #write2(tag: number, a: number, b: number): void {
    const { batch } = this;
    if (batch.argCount + 8 > batch.args.length) batch.reserveArgs(8);
    batch.kinds[batch.count] = tag;
    batch.count += 1;
    const at = batch.argCount;
    batch.args[at] = a;
    batch.args[at + 1] = b;
    batch.argCount = at + 2;
    if (batch.count === SEGMENT_EVENTS) this.flush();
  }

  #write3(tag: number, a: number, b: number, c: number): void {
    const { batch } = this;
    if (batch.argCount + 8 > batch.args.length) batch.reserveArgs(8);
    batch.kinds[batch.count] = tag;
    batch.count += 1;
    const at = batch.argCount;
    batch.args[at] = a;
    batch.args[at + 1] = b;
    batch.args[at + 2] = c;
    batch.argCount = at + 3;
    if (batch.count === SEGMENT_EVENTS) this.flush();
  }

  #restart(): void {
    const { scalars } = this.world;
    this.batch.clear(scalars[SCALAR.seq] + 1, scalars[SCALAR.nextOrdinal]);
  }
}
