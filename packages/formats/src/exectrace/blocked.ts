/**
 * Streams that wait because their next event cannot have happened yet.
 *
 * A thread that emits events faster than the clock ticks stamps them late, by up to a millisecond in long sweeps.
 * Merged by time, another thread may then seem to lay out a span over one that is not freed yet, or to use a span
 * that does not exist. Such an event is held back, and its whole thread with it, until some span event changes the
 * heap. What does not become possible while the other threads go PATIENCE_NS ahead never will (Go 1.23 drops some
 * span events): it is overdue and taken as it is.
 */
import type { EventStream } from './streams.ts';

/** How far the other threads may go on while a stream waits, in nanoseconds. */
export const PATIENCE_NS = 3_000_000;
/** Most streams that wait at a time; more would not be clock errors. */
const MAX_BLOCKED = 64;

export class BlockedStreams {
  private readonly streams: EventStream[] = [];

  get full(): boolean {
    return this.streams.length >= MAX_BLOCKED;
  }

  get any(): boolean {
    return this.streams.length > 0;
  }

  /** Time of the earliest waiting event; Infinity if there is none. */
  get earliest(): number {
    let time = Infinity;
    for (const stream of this.streams) if (stream.head < time) time = stream.head;
    return time;
  }

  add(stream: EventStream): void {
    this.streams.push(stream);
  }

  /** Takes out one stream, in the order in which they were added. */
  take(): EventStream | undefined {
    return this.streams.shift();
  }

  /** Takes out the stream whose event is the earliest, and marks that as overdue. */
  takeOverdue(): EventStream | undefined {
    let at = 0;
    this.streams.forEach((stream, i) => {
      if (stream.head < this.streams[at].head) at = i;
    });
    const stream = this.streams.splice(at, 1)[0];
    if (stream !== undefined) stream.overdue = true;
    return stream;
  }
}
