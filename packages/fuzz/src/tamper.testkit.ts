/** Runs whose tapes have been tampered with: what a checker must notice. */
import type { MemStats } from '@heaptape/core';
import { CELLS, EVENT_NAMES, EventBatch, type TapeReader } from '@heaptape/schema';
import type { Run } from './run.ts';

/** Receives an event's cells (byte strings as cells of the old blob); null drops the event. */
export type Change = (event: string, cells: number[]) => number[] | null;

/** What is told about a run: other events, other figures, or both. */
export interface Lie {
  readonly tape?: Change;
  readonly stats?: (before: MemStats) => MemStats;
}

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

/** The run as a liar tells of it. */
export function tamperWith(run: Run, lie: Lie): Run {
  const stats = lie.stats ?? ((before) => before);
  const readings = run.readings.map(stats);
  const tape = lie.tape === undefined ? run.tape : tamperedTape(run, lie.tape);
  const { claims } = run;
  if (claims === null) return { ...run, readings, tape };
  return { ...run, readings, tape, claims: { ...claims, tape, memStats: stats(claims.memStats) } };
}

function tamperedTape(run: Run, change: Change): TapeReader {
  const batches = run.tape.segments.map((_, i) => {
    const batch = new EventBatch();
    run.tape.readSegment(i, batch);
    return changed(batch, change);
  });
  return {
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
}
