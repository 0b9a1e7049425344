/** Walking a tape in slices: every event once, in order, and others have their turn in between. */
import { CELLS, EventBatch, type TapeReader } from '@heaptape/schema';
import type { Task } from './serve.ts';

/** Milliseconds of work between pauses. */
const SLICE_MS = 60;

/** Is given an event's tag, the batch that holds it, its argument offset and its sequence number. */
export type Visitor = (kind: number, batch: EventBatch, at: number, seq: number) => void;

export async function walkTape(reader: TapeReader, task: Task, visit: Visitor): Promise<void> {
  const batch = new EventBatch();
  let until = performance.now() + SLICE_MS;
  for (let i = 0; i < reader.segments.length; i += 1) {
    reader.readSegment(i, batch);
    let at = 0;
    for (let event = 0; event < batch.count; event += 1) {
      const kind = batch.kinds[event];
      visit(kind, batch, at, batch.firstSeq + event);
      at += CELLS[kind];
    }
    if (performance.now() < until) continue;
    task.onProgress(batch.firstSeq + batch.count - 1, reader.events);
    await task.breathe();
    until = performance.now() + SLICE_MS;
  }
}
