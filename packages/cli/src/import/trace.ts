/** An execution trace onto a tape: read, survey, calibrate, simulate. */
import type { Decider } from '@heaptape/core';
import type { RecordedCycle, TraceRecording } from '@heaptape/formats';
import {
  type Calibration,
  calibrate,
  configFor,
  OutcomeGatherer,
  recordedFigures,
  recordRun,
  simulate,
  survey,
} from '@heaptape/replay';
import type { TapeWriter } from '@heaptape/schema';
import { collectGarbage } from '../input/garbage.ts';
import type { Source } from '../input/source.ts';
import { readTrace } from '../input/trace.ts';
import type { Io } from '../io.ts';
import { startTask } from '../report/progress.ts';
import type { GivenSettings } from '../settings.ts';
import { type CycleReport, type Imported, limitOrNull, type Warning } from './imported.ts';

/** Rows from which memory matters: those of a recording take six bytes each, and more when they are played. */
const MANY_ROWS = 1 << 23;
/** How often garbage is collected while they are played. */
const COLLECTIONS = 4;

/** Reads the trace and runs its workload onto the tape. `asked` is `--progress`. */
export async function importTrace(
  io: Io,
  source: Source,
  writer: TapeWriter,
  given: GivenSettings,
  asked: boolean | undefined,
): Promise<Imported> {
  const recording = await readTrace(io, source, asked);
  const large = recording.allocs.count >= MANY_ROWS;
  if (large) collectGarbage();
  const surveyed = survey(recording);
  const calibration = calibrate(recording, surveyed, given);
  const base = calibration.config;
  const config = configFor(base, {
    gogc: base.gcPercent,
    memoryLimit: base.memoryLimit,
    procs: given.procs ?? base.procs,
    collector: given.collector ?? base.collector,
  });
  const task = startTask(io, asked, 'simulating', recording.allocs.count, 'allocations');
  const gatherer = new OutcomeGatherer();
  let decided: Decider | undefined;
  let collectAt = large ? 1 / COLLECTIONS : Infinity;
  const { events } = recordRun(writer, (sink, started) => {
    decided = simulate(recording, surveyed, calibration, {
      assumption: 'middle',
      config,
      sink,
      consume: true,
      watcher: gatherer.watcher(),
      onStart: started,
      onProgress: (share) => {
        task.update(share * recording.allocs.count);
        if (share < collectAt) return;
        collectAt += 1 / COLLECTIONS;
        collectGarbage();
      },
    });
    return decided;
  });
  task.end();
  writer.putDocument('recorded', recordedFigures(recording, calibration));
  return {
    report: {
      format: 'exectrace',
      goVersion: `go${recording.goFormat}`,
      objects: recording.allocs.count,
      bytes: surveyed.volume,
      events,
      goroutines: Math.max(0, recording.goroutines.count - 1),
      durationNs: recording.durationNs,
      cycles: recording.cycles.map(cycleOf),
      warnings: warningsOf(recording, calibration),
      settings: {
        gogc: config.gcPercent,
        memoryLimit: limitOrNull(config.memoryLimit),
        procs: config.procs,
        collector: config.collector,
      },
      inputBytes: recording.counts.bytes,
    },
    simulated: decided === undefined ? [] : gatherer.outcome(decided.world).cycles,
  };
}

/** The goal is the one that the pacer worked to, which is what gctrace prints. */
function cycleOf(cycle: RecordedCycle): CycleReport {
  const { n, startNs, endNs, heapAtStart, heapAtMarkEnd, heapMarked, forced } = cycle;
  const heapGoal = cycle.effectiveGoal;
  return { n, startNs, endNs, heapAtStart, heapAtMarkEnd, heapMarked, heapGoal, forced };
}

function warningsOf(recording: TraceRecording, calibration: Calibration): Warning[] {
  const assumed = calibration.warnings.map((message) => ({ message, count: 1 }));
  return [...recording.warnings, ...assumed];
}
