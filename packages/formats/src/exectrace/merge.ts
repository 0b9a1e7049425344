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
import { EV_GC_ACTIVE, EV_GC_END, EV_HEAP_ALLOC, EV_SPAN, EV_SPAN_ALLOC } from './events.ts';
import {
  BLOCKED,
  F64_NOW,
  FULL,
  I32_ANY_BLOCKED,
  I32_FIRST_ALLOC_ROW,
  LATER,
  OTHER,
  SPANS_CHANGED,
} from './layout.ts';
import type { Recorder } from './recorder.ts';
import { EventStream, StreamHeap, StreamPlaces } from './streams.ts';
import type { ThreadState } from './threads.ts';

/** How far a run of allocations may be ahead of the earliest event of another thread, in nanoseconds. */
export const RUN_AHEAD_NS = 50_000;

/** After this many GC events out of their sequence, the numbers are not believed any more. */
const MAX_OUT_OF_SEQUENCE = 1000;

/** Merges generations into a recorder. */
export class Merger {
  /** Timed events taken so far, by number, without those that the kernel takes. */
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
  private readonly places: StreamPlaces;
  private runAhead = 0;
  private patience = 0;

  constructor(recorder: Recorder) {
    this.recorder = recorder;
    this.places = new StreamPlaces(recorder.rows.kernel);
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
        stream = new EventStream(thread, streams.size, this.places);
        streams.set(thread, stream);
      }
      stream.add(batch);
    }
    for (const stream of streams.values()) if (stream.advance()) this.heap.push(stream);
    const { earliest } = this.heap;
    // A forged trace may go back in time where it changes its clock; ours never does.
    if (earliest < Infinity) this.recorder.startClock(Math.max(this.now, earliest), frequency);
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
    if (overdue && this.blocked.any) {
      const stream = this.blocked.takeOverdue();
      this.recorder.rows.kernel.i32[I32_ANY_BLOCKED] = this.blocked.any ? 1 : 0;
      return stream;
    }
    return this.heap.pop() ?? this.releaseWaiting();
  }

  /** When the earliest blocked event will be overdue. */
  private deadline(): number {
    return this.blocked.any ? this.blocked.earliest + this.patience : Infinity;
  }

  /** Takes events of one stream while it is their turn. True if the stream goes on later. */
  private follow(stream: EventStream, limit: number): boolean {
    const farLimit = limit + this.runAhead;
    const { rows } = this.recorder;
    const { kernel } = rows;
    for (;;) {
      const answer = stream.follow(limit, farLimit);
      this.now = kernel.f64[F64_NOW];
      this.recorder.followed(stream.thread, kernel.i32[I32_FIRST_ALLOC_ROW]);
      if (answer === LATER) return true;
      if (answer === BLOCKED) return this.block(stream);
      if (answer === FULL) {
        rows.drain();
        continue;
      }
      if (answer === OTHER && !this.take(stream)) {
        stream.rewind();
        return false;
      }
      if (answer === SPANS_CHANGED) {
        this.wake();
        return stream.advance();
      }
      if (!stream.advance()) return false;
    }
  }

  /** Takes an event that the kernel does not. False if it must wait; the stream is then kept elsewhere. */
  private take(stream: EventStream): boolean {
    const { kind } = stream;
    const a = stream.argument(0);
    const b = stream.argument(1);
    const c = stream.argument(2);
    const d = stream.argument(3);
    if (kind === EV_SPAN || kind === EV_SPAN_ALLOC) {
      throw stream.damaged(`span ${a} of ${b} pages and kind ${c}`);
    }
    if (kind === EV_HEAP_ALLOC) throw stream.damaged(`a heap of ${a} bytes`);
    if (kind >= EV_GC_ACTIVE && kind <= EV_GC_END && !this.inSequence(stream, a)) return false;
    this.recorder.event(kind, this.now, stream.thread, a, b, c, d);
    this.byKind[kind]++;
    stream.overdue = false;
    return true;
  }

  /** Sets a stream aside whose next event cannot have happened yet. */
  private block(stream: EventStream): false {
    this.blocked.add(stream);
    this.recorder.rows.kernel.i32[I32_ANY_BLOCKED] = 1;
    return false;
  }

  /** The heap's spans have changed: blocked streams may try again. */
  private wake(): void {
    for (let stream = this.blocked.take(); stream !== undefined; stream = this.blocked.take()) {
      this.heap.push(stream);
    }
    this.recorder.rows.kernel.i32[I32_ANY_BLOCKED] = 0;
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
