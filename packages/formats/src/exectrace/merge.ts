/**
 * Merging the threads' events of one generation into one order.
 *
 * 1. A thread's own events keep their order, whatever their times say.
 * 2. Between threads the earlier head goes first; equal times go by the order of the threads in the file.
 * 3. Clocks of threads agree to some 0.2 ms only, so being stricter than that gains nothing. A run of
 *    allocations of one thread is therefore followed while it is less than RUN_AHEAD_NS ahead of the other threads'
 *    heads. That keeps the runs long, which the schedule column and caches like. Every other event waits
 *    for its turn: GC and STW events, heap levels, spans and frees are never displaced past each other, and neither
 *    is a P's move between threads, so an allocation cannot overtake the event that created its span.
 * 4. GC events are numbered. One that comes before its predecessor waits for it; if nothing else can go on, the
 *    number is taken as it is, and counted.
 * 5. Threads stamp bursts of events late. A span that is laid out where another one still is, or an object on a
 *    span that is not there, waits with its thread until the spans have changed (see `blocked.ts`).
 *
 * Go's own reader checks events against a model of all goroutines and Ps instead; on real traces both give the same
 * order of allocations, frees and GC events, as long as no thread's clock runs ahead by much.
 */
import type { Batch } from './batches.ts';
import { BlockedStreams, PATIENCE_NS } from './blocked.ts';
import {
  ARGUMENT_COUNT,
  EV_GC_ACTIVE,
  EV_GC_END,
  EV_HEAP_ALLOC,
  EV_HEAP_OBJECT,
  EV_HEAP_OBJECT_ALLOC,
  EV_HEAP_OBJECT_FREE,
  EV_SPAN,
  EV_SPAN_ALLOC,
  EV_SPAN_FREE,
} from './events.ts';
import type { Recorder } from './recorder.ts';
import { spanProblem } from './spans.ts';
import { EventStream, StreamHeap } from './streams.ts';
import type { ThreadState } from './threads.ts';

/** How far a run of allocations may be ahead of the earliest event of another thread, in nanoseconds. */
export const RUN_AHEAD_NS = 50_000;

/** No program's heap is larger: 48 bits of addresses. */
const MAX_HEAP_BYTES = 2 ** 48;

/** After this many GC events out of their sequence, the numbers are not believed any more. */
const MAX_OUT_OF_SEQUENCE = 1000;

/** Merges generations into a recorder. */
export class Merger {
  /** Timed events taken so far, by number. */
  readonly byKind: Float64Array = new Float64Array(256);
  /** GC events that could only be taken out of their sequence. */
  gcOutOfSequence = 0;
  /** Latest time so far, in clock units. */
  now = 0;
  private readonly recorder: Recorder;
  private heap: StreamHeap = new StreamHeap();
  /** Streams whose next event is a GC event that comes too early, by its number. */
  private readonly waiting: Map<number, EventStream> = new Map();
  private lastGcSequence = -1;
  private readonly blocked: BlockedStreams = new BlockedStreams();
  private woken = false;
  private runAhead = 0;
  private patience = 0;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
  }

  /** Merges the event batches of one generation, in the order of the file, whose clock has this frequency. */
  merge(batches: readonly Batch[], frequency: number): void {
    this.runAhead = (RUN_AHEAD_NS * frequency) / 1e9;
    this.patience = (PATIENCE_NS * frequency) / 1e9;
    const streams = new Map<ThreadState, EventStream>();
    for (const batch of batches) {
      const thread = this.recorder.threads.thread(batch.m);
      let stream = streams.get(thread);
      if (stream === undefined) {
        stream = new EventStream(thread, streams.size);
        streams.set(thread, stream);
      }
      stream.add(batch);
    }
    for (const stream of streams.values()) if (stream.advance()) this.heap.push(stream);
    if (this.heap.earliest < Infinity) this.recorder.startClock(this.heap.earliest, frequency);
    for (;;) {
      const stream = this.next();
      if (stream === undefined) return;
      const limit = Math.min(this.heap.earliest, this.deadline());
      if (this.follow(stream, limit)) this.heap.push(stream);
    }
  }

  /** The stream whose turn it is. */
  private next(): EventStream | undefined {
    const overdue = this.heap.earliest > this.deadline() || this.heap.earliest === Infinity;
    if (overdue && this.blocked.any) return this.blocked.takeOverdue();
    return this.heap.pop() ?? this.releaseWaiting();
  }

  /** When the earliest blocked event will be overdue. */
  private deadline(): number {
    return this.blocked.any ? this.blocked.earliest + this.patience : Infinity;
  }

  /** Takes events of one stream while it is their turn. True if the stream goes on later. */
  private follow(stream: EventStream, limit: number): boolean {
    const farLimit = limit + this.runAhead;
    let overdue = stream.overdue;
    stream.overdue = false;
    do {
      const time = stream.head;
      const kind = stream.kind;
      if (time > limit && !overdue && (kind !== EV_HEAP_OBJECT_ALLOC || time > farLimit))
        return true;
      if (time > this.now) this.now = time;
      const from = stream.cursor.pos;
      if (!this.take(stream, kind, overdue)) {
        stream.cursor.pos = from;
        return false;
      }
      this.byKind[kind]++;
      overdue = false;
      if (this.woken) {
        this.woken = false;
        return stream.advance();
      }
    } while (stream.advance());
    return false;
  }

  /** Takes one event. False if it must wait; the stream is then kept elsewhere. */
  private take(stream: EventStream, kind: number, overdue: boolean): boolean {
    const cursor = stream.cursor;
    const recorder = this.recorder;
    if (kind === EV_HEAP_OBJECT_ALLOC) {
      const object = cursor.objectNumber();
      const type = cursor.uvarint();
      const done = recorder.alloc(this.now, stream.thread, object, type, overdue);
      return done || overdue || this.block(stream);
    }
    if (kind === EV_HEAP_OBJECT_FREE) {
      return recorder.rows.free(cursor.objectNumber(), overdue) || overdue || this.block(stream);
    }
    if (kind === EV_HEAP_OBJECT) {
      const object = cursor.objectNumber();
      recorder.startObject(object, cursor.uvarint());
      return true;
    }
    return this.other(stream, kind, overdue);
  }

  /** Decodes and passes on any other event. False if it must wait. */
  private other(stream: EventStream, kind: number, overdue: boolean): boolean {
    const cursor = stream.cursor;
    const count = ARGUMENT_COUNT[kind];
    const a = count > 0 ? cursor.uvarint() : 0;
    const b = count > 1 ? cursor.uvarint() : 0;
    const c = count > 2 ? cursor.uvarint() : 0;
    const d = count > 3 ? cursor.uvarint() : 0;
    if (cursor.pos > cursor.end) throw stream.damaged('event runs past its batch');
    if (kind === EV_SPAN || kind === EV_SPAN_ALLOC) {
      const problem = spanProblem(a, b, c);
      if (problem !== '') throw stream.damaged(problem);
      if (!this.recorder.rows.spans.add(a, b, c, overdue)) return this.block(stream);
      this.wake();
      return true;
    }
    if (kind === EV_HEAP_ALLOC && a > MAX_HEAP_BYTES) throw stream.damaged(`a heap of ${a} bytes`);
    if (kind >= EV_GC_ACTIVE && kind <= EV_GC_END && !this.inSequence(stream, a)) return false;
    this.recorder.event(kind, this.now, stream.thread, a, b, c, d);
    if (kind === EV_SPAN_FREE) this.wake();
    return true;
  }

  /** Sets a stream aside whose next event cannot have happened yet. */
  private block(stream: EventStream): false {
    this.blocked.add(stream);
    return false;
  }

  /** The heap's spans have changed: blocked streams may try again. */
  private wake(): void {
    this.woken = this.blocked.any;
    for (let stream = this.blocked.take(); stream !== undefined; stream = this.blocked.take()) {
      this.heap.push(stream);
    }
  }

  /** Whether a GC event comes after its predecessor; if not, its stream is set aside. */
  private inSequence(stream: EventStream, sequence: number): boolean {
    if (this.mustWait(sequence)) {
      this.waiting.set(sequence, stream);
      return false;
    }
    this.lastGcSequence = sequence;
    const next = this.waiting.get(sequence + 1);
    if (next !== undefined) {
      this.waiting.delete(sequence + 1);
      this.heap.push(next);
    }
    return true;
  }

  private mustWait(sequence: number): boolean {
    const last = this.lastGcSequence;
    if (last < 0 || sequence <= last + 1 || this.waiting.has(sequence)) return false;
    return this.gcOutOfSequence < MAX_OUT_OF_SEQUENCE;
  }

  /** Nothing but waiting streams is left: takes the one with the lowest number as it is. */
  private releaseWaiting(): EventStream | undefined {
    if (this.waiting.size === 0) return undefined;
    let lowest = Infinity;
    for (const sequence of this.waiting.keys()) lowest = Math.min(lowest, sequence);
    const stream = this.waiting.get(lowest);
    this.waiting.delete(lowest);
    this.gcOutOfSequence++;
    this.lastGcSequence = -1;
    return stream;
  }
}
