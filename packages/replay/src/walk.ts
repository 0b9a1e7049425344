/** Walking a tape: every event once, in order, with nothing allocated for it. */
import { CELLS, EventBatch, type TapeReader } from '@heaptape/schema';
import type { Progress } from './fold.ts';

/** Is given an event's tag, the batch that holds it, its argument offset and its sequence number. */
export type EventVisitor = (kind: number, batch: EventBatch, at: number, seq: number) => void;

/** Visits every event of a tape; `onProgress` is told after each segment. */
export function eachEvent(reader: TapeReader, visit: EventVisitor, onProgress?: Progress): void {
  const batch = new EventBatch();
  for (let i = 0; i < reader.segments.length; i += 1) {
    reader.readSegment(i, batch);
    let at = 0;
    for (let event = 0; event < batch.count; event += 1) {
      const kind = batch.kinds[event];
      visit(kind, batch, at, batch.firstSeq + event);
      at += CELLS[kind];
    }
    onProgress?.(batch.firstSeq + batch.count - 1, reader.events);
  }
}
