/**
 * A workload: what a program did, ready to be run under any setting.
 *
 * - A recorded workload comes from a real program's trace, or from a tape made of one. Its deaths are
 *   known as intervals only, so a run makes an assumption about them, and its marking costs are
 *   measured, so a run may vary them within what was measured.
 * - A program workload comes from a tape of a program with a pointer graph. Its deaths follow from the
 *   graph, so every assumption gives the same run.
 */
import { type CacheGeometry, Decider, type EventWatcher, type RunConfig } from '@heaptape/core';
import type { TapeReader } from '@heaptape/schema';
import { type Calibration, calibrate } from './calibrate.ts';
import type { Assumption } from './deaths.ts';
import { recordingOf } from './fromtape.ts';
import { likelyMarked } from './pacing.ts';
import type { RecordedCycle, Recording } from './recording.ts';
import { simulate } from './simulate.ts';
import { reading } from './stored.ts';
import { type Survey, survey } from './survey.ts';
import { configOf, playCommands } from './verify.ts';

/** What the recorded program itself showed. Bytes, ns. */
export interface RecordedFigures {
  readonly gogc: number;
  readonly cycles: number;
  readonly peakHeapBytes: number;
  readonly gcCpuFraction: number;
  readonly pauseTotalNs: number;
  readonly maxPauseNs: number;
  readonly assistNs: number;
  readonly durationNs: number;
}

const FIGURES: readonly (keyof RecordedFigures)[] = [
  'gogc',
  'cycles',
  'peakHeapBytes',
  'gcCpuFraction',
  'pauseTotalNs',
  'maxPauseNs',
  'assistNs',
  'durationNs',
];

export interface RunOptions {
  readonly config: RunConfig;
  readonly assumption: Assumption;
  /** Marking costs this many times what was measured. */
  readonly costFactor: number;
  readonly watcher: EventWatcher;
  readonly onProgress?: (share: number) => void;
  /** Counts what marking touches in caches like these; for program workloads only. */
  readonly caches?: CacheGeometry;
}

export interface Workload {
  /** Settings it was recorded under. */
  readonly config: RunConfig;
  /** Deaths are exact: assumptions make no difference. */
  readonly exact: boolean;
  /** Marking-cost factors that span what was measured, the middle one being 1. */
  readonly costFactors: readonly number[];
  readonly recorded: RecordedFigures | null;
  readonly warnings: readonly string[];
  run(options: RunOptions): Decider;
}

/** The workload of a real program's recording. `given` settings win over inferred ones. */
export function recordedWorkload(
  recording: Recording,
  given: { readonly gcPercent?: number; readonly memoryLimit?: number } = {},
): Workload {
  const surveyed = survey(recording);
  return workloadFrom(recording, surveyed, calibrate(recording, surveyed, given));
}

/** The workload that a tape carries. */
export function tapeWorkload(reader: TapeReader): Workload {
  const place = () => 'the recording on the tape';
  const stored = reading(place, () => {
    const found = recordingOf(reader);
    return found === null ? null : { ...found, surveyed: survey(found.recording) };
  });
  if (stored !== null) {
    const workload = workloadFrom(stored.recording, stored.surveyed, stored.calibration);
    return { ...workload, recorded: storedFigures(reader) ?? workload.recorded };
  }
  const config = configOf(reader);
  return {
    config,
    exact: true,
    costFactors: [1],
    recorded: null,
    warnings: [],
    run: (options) => playProgram(reader, options),
  };
}

/** The figures that an importer stored with the tape, if they are whole. */
function storedFigures(reader: TapeReader): RecordedFigures | null {
  const stored = reader.document('recorded');
  if (typeof stored !== 'object' || stored === null) return null;
  const figures = stored as Record<keyof RecordedFigures, unknown>;
  const whole = FIGURES.every((name) => typeof figures[name] === 'number');
  return whole ? (stored as RecordedFigures) : null;
}

function workloadFrom(recording: Recording, surveyed: Survey, calibration: Calibration): Workload {
  return {
    config: calibration.config,
    exact: false,
    costFactors: factorsOf(calibration),
    recorded: recordedFigures(recording, calibration),
    warnings: calibration.warnings,
    run: ({ costFactor, ...options }) =>
      simulate(recording, surveyed, adapted(calibration, surveyed, options.config, costFactor), {
        ...options,
        sink: null,
      }),
  };
}

/**
 * The calibration under other settings: marking costs under another factor and number of Ps, and, as
 * another GOGC would have had it from the start, what had been marked before the recording began.
 */
function adapted(
  calibration: Calibration,
  surveyed: Survey,
  config: RunConfig,
  factor: number,
): Calibration {
  const scale = config.procs / calibration.config.procs;
  const markCosts = calibration.markCosts.map((cost) => ({
    ...cost,
    nsPerUnit: cost.nsPerUnit * factor,
    markProcs: cost.markProcs * scale,
  }));
  const { gcPercent, stackBytes, globalsBytes } = config;
  const heapMarkedBefore =
    gcPercent === calibration.config.gcPercent
      ? calibration.heapMarkedBefore
      : likelyMarked(surveyed.startBytes, gcPercent, stackBytes + globalsBytes);
  return { ...calibration, markCosts, heapMarkedBefore };
}

/** Cost factors from the spread between recorded cycles: their tenth and ninetieth percentile. */
function factorsOf(calibration: Calibration): number[] {
  const costs = calibration.markCosts.map((cost) => cost.nsPerUnit).sort((a, b) => a - b);
  if (costs.length < 3) return [0.8, 1, 1.25];
  const at = (q: number): number => costs[Math.floor(q * (costs.length - 1) + 0.5)] / at50;
  const at50 = costs[costs.length >> 1];
  return [Math.min(0.9, at(0.1)), 1, Math.max(1.1, at(0.9))];
}

/** What a recorded program itself showed; its tape keeps it as the document `recorded`. */
export function recordedFigures(recording: Recording, calibration: Calibration): RecordedFigures {
  const { cycles, durationNs, gomaxprocs } = recording;
  const sum = (of: (c: RecordedCycle) => number): number =>
    cycles.reduce((total, c) => total + of(c), 0);
  const pauses = sum((c) => c.stwSweepTermNs + c.stwMarkTermNs);
  const assistNs = sum((c) => c.assistNs);
  const workers = sum((c) => c.workerNs.dedicated + c.workerNs.fractional);
  const procs = Math.max(1, gomaxprocs);
  let peak = cycles.reduce((most, c) => Math.max(most, c.heapAtStart, c.heapAtMarkEnd), 0);
  const series = recording.heapSeries;
  for (let i = 0; i < (series?.count ?? 0); i += 1) peak = Math.max(peak, series?.heapLive[i] ?? 0);
  const cpu = durationNs * procs;
  return {
    gogc: calibration.config.gcPercent,
    cycles: cycles.length,
    peakHeapBytes: peak,
    gcCpuFraction: cpu > 0 ? (workers + assistNs + pauses * procs) / cpu : 0,
    pauseTotalNs: pauses,
    maxPauseNs: cycles.reduce((a, c) => Math.max(a, c.stwSweepTermNs, c.stwMarkTermNs), 0),
    assistNs,
    durationNs,
  };
}

/** Issues the commands of a tape under other settings. */
function playProgram(reader: TapeReader, options: RunOptions): Decider {
  const decider = new Decider(options.config, null, options.watcher);
  if (options.caches !== undefined) decider.setCacheModel(options.caches);
  playCommands(reader, decider, (done, total) => options.onProgress?.(done / total));
  return decider;
}
