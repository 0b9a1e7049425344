/**
 * The event streams of one generation's threads, and the heap that yields the earliest.
 *
 * A stream is one thread's batches in the order of the file, in the kernel's memory one at a time. Its head (the
 * number and the time of its next event) is decoded ahead; the arguments are left to whoever takes the event.
 * Times restart at each batch's own time, which may lie before the end of the batch before it: a thread that
 * emits events faster than the clock ticks runs ahead, one tick an event. For sweeping, whose long bursts run ahead
 * the most, such ticks are not counted: a free never comes too early, for nobody touches a dead object, but it
 * may come too late, when its slot has been taken again.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { Batch } from './batches.ts';
import { PADDING } from './bytes.ts';
import type { Kernel } from './kernel.ts';
import {
  BATCH_ENDS,
  F64_ARGUMENTS,
  I32_ARGUMENTS_AT,
  PAST_END,
  STREAM_BASE,
  STREAM_BYTES,
  STREAM_END,
  STREAM_HEAD,
  STREAM_KIND,
  STREAM_OVERDUE,
  STREAM_POSITION,
  STREAM_TIME,
  TOO_MANY_ARENAS,
  TOO_MANY_PAGES,
  UNKNOWN_KIND,
} from './layout.ts';
import type { ThreadState } from './threads.ts';

/** Kernel memory for streams, used again for those of the next generation. */
export class StreamPlaces {
  readonly kernel: Kernel;
  private readonly places: StreamPlace[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** The place of the stream of this order. */
  at(order: number): StreamPlace {
    this.places[order] ??= { state: this.kernel.allocate(STREAM_BYTES), bytes: 0, room: 0 };
    return this.places[order];
  }
}

/** Where a stream's state lies, and a batch's bytes. */
interface StreamPlace {
  readonly state: number;
  bytes: number;
  room: number;
}

/** One thread's events in one generation. */
export class EventStream {
  readonly thread: ThreadState;
  /** Place among the streams of the generation; breaks ties of time. */
  readonly order: number;
  /** Number and time (clock units) of the next event. */
  kind = 0;
  head = 0;
  private readonly kernel: Kernel;
  private readonly place: StreamPlace;
  private readonly batches: Batch[] = [];
  private nextBatch = 0;
  /** File offset of the batch's first byte. */
  private offset = 0;

  constructor(thread: ThreadState, order: number, places: StreamPlaces) {
    this.thread = thread;
    this.order = order;
    this.kernel = places.kernel;
    this.place = places.at(order);
    this.set(STREAM_POSITION, 0);
    this.set(STREAM_END, 0);
    this.overdue = false;
  }

  /** Appends a batch that is not empty. */
  add(batch: Batch): void {
    this.batches.push(batch);
  }

  /** The next event has waited in vain and is to be taken as it is. */
  get overdue(): boolean {
    return this.get(STREAM_OVERDUE) !== 0;
  }

  set overdue(value: boolean) {
    this.set(STREAM_OVERDUE, value ? 1 : 0);
  }

  /** Moves to the next event; false at the end. The arguments of the last one must have been read. */
  advance(): boolean {
    const { kernel } = this;
    kernel.reading = this;
    let answer = kernel.call.advance(this.place.state);
    if (answer === BATCH_ENDS) {
      if (this.nextBatch === this.batches.length) return false;
      this.load(this.batches[this.nextBatch++]);
      answer = kernel.call.advance(this.place.state);
    }
    this.readHead();
    this.expect(answer);
    return true;
  }

  /** Takes events of objects while it is their turn; answers with what comes then, see `kernel/`. */
  follow(limit: number, farLimit: number): number {
    const { kernel } = this;
    kernel.reading = this;
    const answer = kernel.call.follow(this.place.state, limit, farLimit);
    kernel.lookAgain();
    this.readHead();
    this.expect(answer);
    return answer;
  }

  /** One of the first four arguments of the event that `follow` answered with. */
  argument(index: number): number {
    return this.kernel.f64[F64_ARGUMENTS + index];
  }

  /** Goes back to the arguments of the event that `follow` answered with. */
  rewind(): void {
    this.set(STREAM_POSITION, this.kernel.i32[I32_ARGUMENTS_AT]);
  }

  offsetOf(at: number): number {
    return at - this.place.bytes + this.offset;
  }

  /** An error that names the place of the last byte read. */
  damaged(what: string): HeaptapeError {
    const offset = this.offset + this.get(STREAM_POSITION) - 1;
    return new HeaptapeError('bad-data', `${what} at offset ${offset}`);
  }

  private load(batch: Batch): void {
    const { kernel, place } = this;
    const length = batch.size + PADDING;
    if (length > place.room) {
      place.room = length * 2;
      place.bytes = kernel.allocate(place.room);
    }
    kernel.u8.set(batch.bytes.subarray(0, length), place.bytes);
    this.offset = batch.offset;
    this.set(STREAM_BASE, place.bytes);
    this.set(STREAM_POSITION, 0);
    this.set(STREAM_END, batch.size);
    kernel.f64[(place.state + STREAM_TIME) >> 3] = batch.time;
    kernel.f64[(place.state + STREAM_HEAD) >> 3] = batch.time;
  }

  private expect(answer: number): void {
    if (answer === PAST_END) throw this.damaged('event runs past its batch');
    if (answer === TOO_MANY_PAGES) throw tooLarge('lays out more than 4 TiB of spans');
    if (answer === TOO_MANY_ARENAS) throw tooLarge('uses more than 512 GiB of address space');
    if (answer !== UNKNOWN_KIND) return;
    const { kernel, place } = this;
    const kind = kernel.u8[place.bytes + this.get(STREAM_POSITION) - 1];
    throw this.damaged(`unknown event number ${kind}`);
  }

  private readHead(): void {
    this.kind = this.get(STREAM_KIND);
    this.head = this.kernel.f64[(this.place.state + STREAM_HEAD) >>> 3];
  }

  private get(field: number): number {
    return this.kernel.i32[(this.place.state + field) >>> 2];
  }

  private set(field: number, value: number): void {
    this.kernel.i32[(this.place.state + field) >>> 2] = value;
  }
}

function tooLarge(what: string): HeaptapeError {
  return new HeaptapeError('too-large', `the recording ${what}`);
}

/** Binary min-heap of streams by the time of their heads. */
export class StreamHeap {
  private readonly items: EventStream[] = [];

  /** Time of the earliest head; Infinity if there is none. */
  get earliest(): number {
    return this.items.length === 0 ? Infinity : this.items[0].head;
  }

  push(stream: EventStream): void {
    const items = this.items;
    let at = items.length;
    items.push(stream);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(stream, items[parent])) break;
      items[at] = items[parent];
      at = parent;
    }
    items[at] = stream;
  }

  pop(): EventStream | undefined {
    const items = this.items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return last;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && before(items[child + 1], items[child])) child++;
      if (!before(items[child], last)) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = last;
    return first;
  }
}

function before(a: EventStream, b: EventStream): boolean {
  return a.head < b.head || (a.head === b.head && a.order < b.order);
}
