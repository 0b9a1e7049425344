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
import type { Source } from '../input/source.ts';
import { readTrace } from '../input/trace.ts';
import type { Io } from '../io.ts';
import { startTask } from '../report/progress.ts';
import type { GivenSettings } from '../settings.ts';
import { type CycleReport, type Imported, limitOrNull, type Warning } from './imported.ts';

/** Reads the trace and runs its workload onto the tape. `asked` is `--progress`. */
export async function importTrace(
  io: Io,
  source: Source,
  writer: TapeWriter,
  given: GivenSettings,
  asked: boolean | undefined,
): Promise<Imported> {
  const recording = await readTrace(io, source, asked);
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
  const { events } = recordRun(writer, (sink, started) => {
    decided = simulate(recording, surveyed, calibration, {
      assumption: 'middle',
      config,
      sink,
      consume: true,
      watcher: gatherer.watcher(),
      onStart: started,
      onProgress: (share) => task.update(share * recording.allocs.count),
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
