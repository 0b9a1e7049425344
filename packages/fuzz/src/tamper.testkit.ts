/** Runs whose tapes have been tampered with: what a checker must notice. */
import { CELLS, EVENT_NAMES, EventBatch, type TapeReader } from '@heaptape/schema';
import type { Run } from './run.ts';

/** Receives an event's cells (byte strings as cells of the old blob); null drops the event. */
export type Change = (event: string, cells: number[]) => number[] | null;

function changed(from: EventBatch, change: Change): EventBatch {
  const to = new EventBatch();
  to.clear(from.firstSeq, from.firstOrdinal);
  to.putBlob(from.blob.subarray(0, from.blobLength));
  let at = 0;
  for (let i = 0; i < from.count; i += 1) {
    const tag = from.kinds[i];
    const cells = change(EVENT_NAMES[tag] ?? '', [...from.args.subarray(at, at + CELLS[tag])]);
    if (cells !== null) to.push(tag, cells);
    at += CELLS[tag];
  }
  return to;
}

/** The run as it would be seen if `change` had happened to its tape. */
export function tamperWith(run: Run, change: Change): Run {
  const batches = run.tape.segments.map((_, i) => {
    const batch = new EventBatch();
    run.tape.readSegment(i, batch);
    return changed(batch, change);
  });
  const tape: TapeReader = {
    events: run.tape.events,
    segments: run.tape.segments,
    snapshots: [],
    readSegment: (index, into) => {
      const from = batches[index];
      if (from === undefined) throw new Error(`there is no segment ${index}`);
      into.clear(from.firstSeq, from.firstOrdinal);
      into.putBlob(from.blob.subarray(0, from.blobLength));
      let at = 0;
      for (let i = 0; i < from.count; i += 1) {
        into.push(from.kinds[i], [...from.args.subarray(at, at + CELLS[from.kinds[i]])]);
        at += CELLS[from.kinds[i]];
      }
    },
    readSnapshot: (seq) => run.tape.readSnapshot(seq),
    document: (name) => run.tape.document(name),
  };
  return { ...run, tape, claims: run.claims === null ? null : { ...run.claims, tape } };
}
