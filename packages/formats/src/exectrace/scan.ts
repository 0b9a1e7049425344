/**
 * Counting events without building anything: the quickest way to see what a trace holds, and the floor that
 * the reader's speed is measured against.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { Batch } from './batches.ts';
import { BatchSplitter } from './batches.ts';
import { ByteCursor } from './bytes.ts';
import { ARGUMENT_COUNT, UNKNOWN_EVENT } from './events.ts';
import { isEventBatch } from './tables.ts';

/** What `scanTrace` counted. */
export interface TraceScan {
  readonly format: string;
  readonly bytes: number;
  readonly generations: number;
  readonly batches: number;
  readonly events: number;
  /** Timed events by event number. */
  readonly byKind: Float64Array;
  /** False if the file ends inside a batch. */
  readonly whole: boolean;
}

/** Counts the events of a trace given as chunks, in the order of the file. */
export function scanTrace(chunks: Iterable<Uint8Array>): TraceScan {
  const byKind = new Float64Array(256);
  let batches = 0;
  let events = 0;
  let generations = 0;
  let generation = 0;
  const splitter = new BatchSplitter({
    batch(batch: Batch): void {
      batches++;
      if (batch.generation !== generation) generations++;
      generation = batch.generation;
      if (isEventBatch(batch)) events += countEvents(batch, byKind);
      splitter.recycle();
    },
    endOfGeneration(): void {},
  });
  for (const chunk of chunks) splitter.push(chunk);
  splitter.finish();
  return {
    format: splitter.format,
    bytes: splitter.offset,
    generations,
    batches,
    events,
    byKind,
    whole: splitter.atBoundary(),
  };
}

/** Adds the events of one event batch to `byKind` by number; returns how many there were. */
export function countEvents(batch: Batch, byKind: Float64Array): number {
  const cursor = new ByteCursor(batch.bytes, batch.size, batch.offset);
  let events = 0;
  while (cursor.pos < cursor.end) {
    const kind = batch.bytes[cursor.pos++];
    const count = ARGUMENT_COUNT[kind];
    if (count === UNKNOWN_EVENT) {
      throw new HeaptapeError(
        'bad-data',
        `unknown event number ${kind} at offset ${batch.offset + cursor.pos - 1}`,
      );
    }
    for (let i = 0; i <= count; i++) cursor.uvarint();
    byKind[kind]++;
    events++;
  }
  if (cursor.pos > cursor.end) {
    throw new HeaptapeError('bad-data', `event runs past its batch at offset ${batch.offset}`);
  }
  return events;
}
