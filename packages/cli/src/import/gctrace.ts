/**
 * A gctrace log onto a tape. There is no workload in it: the run allocates nothing and never
 * collects, time passes as recorded, and each logged cycle stands where it happened.
 */
import { configWith, Decider } from '@heaptape/core';
import type { GctraceRow } from '@heaptape/formats';
import { recordRun } from '@heaptape/replay';
import { EVENTS, type TapeWriter } from '@heaptape/schema';
import type { Source } from '../input/source.ts';
import { readGctrace } from '../input/trace.ts';
import type { CycleReport, Imported } from './imported.ts';

const FORCED = 1;

export async function importGctrace(source: Source, writer: TapeWriter): Promise<Imported> {
  const { rows, damagedLines } = await readGctrace(source);
  const config = configWith({ gcPercent: -1, procs: Math.max(1, rows[0].procs) });
  const { events } = recordRun(writer, (sink, started) => {
    const decider = new Decider(config, sink);
    started(decider);
    playLog(decider, rows);
    return decider;
  });
  const cycles = rows.map(cycleOf);
  return {
    report: {
      format: 'gctrace',
      goVersion: null,
      objects: 0,
      bytes: 0,
      events,
      goroutines: 0,
      durationNs: cycles.reduce((latest, { endNs }) => Math.max(latest, endNs), 0),
      cycles,
      warnings:
        damagedLines === 0
          ? []
          : [{ message: 'lines begin like a cycle and do not parse', count: damagedLines }],
      settings: null,
      inputBytes: source.bytesRead(),
    },
    simulated: [],
  };
}

function cycleOf(row: GctraceRow): CycleReport {
  const { n, startNs, wallNs, heapAtStart, heapAtMarkEnd, heapMarked, heapGoal, forced } = row;
  const endNs = startNs + wallNs.sweepTerm + wallNs.mark + wallNs.markTerm;
  return { n, startNs, endNs, heapAtStart, heapAtMarkEnd, heapMarked, heapGoal, forced };
}

/** Time is rounded in a log, so a cycle may seem to begin before the one before it has ended. */
function playLog(decider: Decider, rows: readonly GctraceRow[]): void {
  let now = 0;
  const passTo = (time: number): void => {
    if (time > now) decider.run(time - now);
    now = Math.max(now, time);
  };
  rows.forEach((row, i) => {
    const { startNs, endNs } = cycleOf(row);
    passTo(startNs);
    decider.annotate(EVENTS.RecordedCycleBegan.tag, [
      row.n,
      startNs,
      row.heapAtStart,
      row.heapGoal,
      row.forced ? FORCED : 0,
    ]);
    passTo(endNs);
    decider.annotate(EVENTS.RecordedCycleEnded.tag, [
      row.n,
      endNs,
      row.heapAtMarkEnd,
      row.heapMarked,
      rows[i + 1]?.heapGoal ?? 0,
      row.wallNs.sweepTerm + row.wallNs.markTerm,
      row.cpuNs.assist,
    ]);
  });
  decider.end();
}
