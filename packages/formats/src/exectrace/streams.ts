/**
 * The event streams of one generation's threads, and the heap that yields the earliest.
 *
 * A stream is one thread's batches in the order of the file. Its head (the number and the time of its next event) is
 * decoded ahead; the arguments are left to whoever takes the event. Times restart at each batch's own time, which
 * may lie before the end of the batch before it: a thread that emits events faster than the clock ticks runs ahead,
 * one tick an event. For sweeping, whose long bursts run ahead the most, such ticks are not counted: a free never
 * comes too early, for nobody touches a dead object, but it may come too late, when its slot has been taken again.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { Batch } from './batches.ts';
import { ByteCursor } from './bytes.ts';
import {
  ARGUMENT_COUNT,
  EV_GC_SWEEP_BEGIN,
  EV_GC_SWEEP_END,
  EV_HEAP_OBJECT_FREE,
  EV_SPAN_FREE,
  UNKNOWN_EVENT,
} from './events.ts';
import type { ThreadState } from './threads.ts';

/** One thread's events in one generation. */
export class EventStream {
  readonly thread: ThreadState;
  /** Place among the streams of the generation; breaks ties of time. */
  readonly order: number;
  readonly cursor: ByteCursor;
  /** Number and time (clock units) of the next event; the cursor is at its arguments. */
  kind = 0;
  head = 0;
  /** The next event has waited in vain and is to be taken as it is. */
  overdue = false;
  private time = 0;
  private readonly batches: Batch[] = [];
  private nextBatch = 0;

  constructor(thread: ThreadState, order: number) {
    this.thread = thread;
    this.order = order;
    this.cursor = new ByteCursor(new Uint8Array(0), 0, 0);
  }

  /** Appends a batch that is not empty. */
  add(batch: Batch): void {
    this.batches.push(batch);
  }

  /** Moves to the next event; false at the end. The cursor must be behind the arguments of the last one. */
  advance(): boolean {
    const cursor = this.cursor;
    if (cursor.pos >= cursor.end) {
      if (cursor.pos > cursor.end) throw this.damaged('event runs past its batch');
      if (this.nextBatch === this.batches.length) return false;
      const batch = this.batches[this.nextBatch++];
      cursor.bytes = batch.bytes;
      cursor.pos = 0;
      cursor.end = batch.size;
      cursor.offset = batch.offset;
      this.time = batch.time;
      this.head = batch.time;
    }
    const kind = cursor.bytes[cursor.pos++];
    if (ARGUMENT_COUNT[kind] === UNKNOWN_EVENT) throw this.damaged(`unknown event number ${kind}`);
    const step = cursor.uvarint();
    this.time += step;
    // One tick may mean less than one tick; see above.
    if (step !== 1 || !isSweepEvent(kind)) this.head = this.time;
    this.kind = kind;
    return true;
  }

  /** An error that names the place of the last byte read. */
  damaged(what: string): HeaptapeError {
    return new HeaptapeError(
      'bad-data',
      `${what} at offset ${this.cursor.offset + this.cursor.pos - 1}`,
    );
  }
}

function isSweepEvent(kind: number): boolean {
  return (
    kind === EV_HEAP_OBJECT_FREE ||
    kind === EV_SPAN_FREE ||
    kind === EV_GC_SWEEP_BEGIN ||
    kind === EV_GC_SWEEP_END
  );
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
