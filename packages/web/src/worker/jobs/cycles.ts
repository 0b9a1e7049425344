/**
 * Every GC cycle of the tape, from its events alone: why it began, the heap around it, its pauses and what
 * the program was made to help. They come in parts, in order.
 */
import { CycleScan, configOf, type TapeCycle } from '@heaptape/replay';
import { CELLS, EVENTS, EventBatch } from '@heaptape/schema';
import type { Task } from '../serve.ts';
import type { SessionHolder } from '../session.ts';

/** A cycle, and how often ending its marking was tried in vain. */
export interface CycleRow extends TapeCycle {
  readonly restarts: number;
}

export interface CyclesPart {
  /** Events that are looked at. */
  readonly done: number;
  readonly cycles: readonly CycleRow[];
}

/** Milliseconds of work between parts. */
const SLICE_MS = 60;

export const cyclesJob =
  (holder: SessionHolder) =>
  async (_: null, task: Task): Promise<null> => {
    const { reader } = holder.get();
    if (reader.events === 0) return null;
    const scan = new CycleScan(configOf(reader).procs);
    const batch = new EventBatch();
    let cycles: CycleRow[] = [];
    let told = 0;
    let restarts = 0;
    let until = performance.now() + SLICE_MS;
    for (let i = 0; i < reader.segments.length; i += 1) {
      reader.readSegment(i, batch);
      for (let event = 0, at = 0; event < batch.count; event += 1) {
        const kind = batch.kinds[event];
        scan.take(kind, batch.args, at, batch.firstSeq + event);
        at += CELLS[kind];
        if (kind === EVENTS.GCStarted.tag) restarts = 0;
        else if (kind === EVENTS.MarkRestarted.tag) restarts += 1;
        if (scan.simulated.length === told) continue;
        cycles.push({ ...scan.simulated[told], restarts });
        told += 1;
      }
      const done = batch.firstSeq + batch.count - 1;
      if (done < reader.events && performance.now() < until) continue;
      task.part({ done, cycles } satisfies CyclesPart);
      cycles = [];
      await task.breathe();
      until = performance.now() + SLICE_MS;
    }
    return null;
  };
