/**
 * The overview of a whole tape: heap, goal, trigger, live heap and limit over time, and phases.
 *
 * First coarse: one pass over the events gives the phases and the heap at their edges. Then fine: a fold
 * gives the curves at even distances between them. Both go in slices and are sent as they come, and others
 * have their turn in between.
 */
import { readMemStats, SCALAR, type World } from '@heaptape/core';
import { beginningOf, configOf, cutOf, foldBatch, worldAtBeginning } from '@heaptape/replay';
import { CELLS, EVENTS, EventBatch, TAG_COUNT } from '@heaptape/schema';
import { PhaseScan } from '../overview/phases.ts';
import { type Band, type Series, SeriesSink } from '../overview/series.ts';
import type { Task } from '../serve.ts';
import type { Session, SessionHolder } from '../session.ts';

export interface OverviewPart {
  readonly pass: 'coarse' | 'fine';
  /** Events of this pass that are done. */
  readonly done: number;
  readonly points: Series;
  /** Of the coarse pass. */
  readonly bands: readonly Band[];
}

/** Points of a curve, about. */
const FINE_POINTS = 4096;
/** Milliseconds of work between parts. */
const SLICE_MS = 60;

async function scanned(session: Session, task: Task): Promise<void> {
  const { reader } = session;
  const { procs, memoryLimit } = configOf(reader);
  const scan = new PhaseScan(procs, memoryLimit, cutOf(reader)?.timeNs ?? 0);
  const batch = new EventBatch();
  let until = performance.now() + SLICE_MS;
  for (let i = 0; i < reader.segments.length; i += 1) {
    reader.readSegment(i, batch);
    for (let event = 0, at = 0; event < batch.count; event += 1) {
      const kind = batch.kinds[event];
      scan.take(kind, batch, at, batch.firstSeq + event);
      at += CELLS[kind];
    }
    const done = batch.firstSeq + batch.count - 1;
    if (done === reader.events) scan.end(done);
    if (done < reader.events && performance.now() < until) continue;
    const bands = scan.bands.splice(0);
    task.part({ pass: 'coarse', done, points: scan.points.take(), bands } satisfies OverviewPart);
    await task.breathe();
    until = performance.now() + SLICE_MS;
  }
}

function sample(sink: SeriesSink, world: World): void {
  const { scalars, control } = world;
  sink.add(
    scalars[SCALAR.seq],
    scalars[SCALAR.timeNs],
    scalars[SCALAR.heapLive],
    control.pacer.heapGoal,
    control.pacer.trigger,
    scalars[SCALAR.heapMarked],
    control.pacer.memoryLimit,
    readMemStats(world).TotalAlloc,
  );
}

/** Events after which the curves have corners. */
const CORNERS: Uint8Array = (() => {
  const kinds = new Uint8Array(TAG_COUNT);
  for (const { tag } of [EVENTS.GCStarted, EVENTS.GCMarkTerminated, EVENTS.PacerCommitted]) {
    kinds[tag] = 1;
  }
  return kinds;
})();

/** Where to stop next among the events from `from` on: before a corner, behind one, or at `to`. */
function nextStop({ kinds }: EventBatch, from: number, to: number): number {
  if (CORNERS[kinds[from]] === 1) return from + 1;
  for (let i = from + 1; i < to; i += 1) if (CORNERS[kinds[i]] === 1) return i;
  return to;
}

async function folded(session: Session, task: Task): Promise<void> {
  const { reader } = session;
  const begin = beginningOf(reader);
  const distance = Math.max(1, Math.ceil((reader.events - begin) / FINE_POINTS));
  const sink = new SeriesSink();
  const world = worldAtBeginning(reader);
  const batch = new EventBatch();
  let due = begin + distance;
  let until = performance.now() + SLICE_MS;
  sample(sink, world);
  for (let i = 0; i < reader.segments.length; i += 1) {
    reader.readSegment(i, batch);
    for (let at = 0; at < batch.count; ) {
      const end = Math.min(batch.count, Math.max(at + 1, due - batch.firstSeq + 1));
      const to = nextStop(batch, at, end);
      foldBatch(world, batch, at, to);
      sample(sink, world);
      at = to;
      if (batch.firstSeq + at > due) due += distance;
    }
    const done = batch.firstSeq + batch.count - 1;
    if (done < reader.events && performance.now() < until) continue;
    task.part({ pass: 'fine', done, points: sink.take(), bands: [] } satisfies OverviewPart);
    await task.breathe();
    until = performance.now() + SLICE_MS;
  }
}

export const overviewJob =
  (holder: SessionHolder) =>
  async (_: null, task: Task): Promise<null> => {
    const session = holder.get();
    if (session.reader.events === 0) return null;
    await scanned(session, task);
    await folded(session, task);
    return null;
  };
