/** An event as checkers see it, and what they throw when a promise is broken. */
import type { MemStats } from '@heaptape/core';
import type { EventBatch } from '@heaptape/schema';

/** One event; the same object is used for the next one. */
export class StreamEvent {
  seq = 0;
  tag = 0;
  readonly batch: EventBatch;
  /** Its first argument cell. */
  at = 0;
  /** What MemStats said right after it; null where nobody asked. */
  memStats: MemStats | null = null;

  constructor(batch: EventBatch) {
    this.batch = batch;
  }

  /** Argument cell `i`; a byte string is two cells, offset and length. */
  arg(i: number): number {
    return this.batch.args[this.at + i];
  }

  /** The byte string whose first cell is `i`. */
  bytes(i: number): Uint8Array {
    const from = this.arg(i);
    return this.batch.blob.subarray(from, from + this.arg(i + 1));
  }
}

/** A property does not hold. `property` is a checker's name; `seq` the event that shows it. */
export class Violation extends Error {
  readonly property: string;
  readonly seq: number;

  constructor(property: string, seq: number, message: string) {
    super(message);
    this.name = 'Violation';
    this.property = property;
    this.seq = seq;
  }
}
