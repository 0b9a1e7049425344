/**
 * Do the predictions come true? Recordings of real Go programs, against what other runs of the same
 * programs really did.
 *
 * Always: Go's compiler at work on a package (the recording that ships with the project). Where the
 * environment names a folder of further recordings (HEAPTAPE_TRACES): esbuild in watch mode at several
 * settings of GOGC, each with the gctrace log of the very same run.
 *
 * Each test prints what was predicted beside what happened. The bounds are what the simulator keeps
 * today, rounded outward, never tighter than two runs of one program differ.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { ExecTraceReader, parseGctrace, type TraceRecording } from '@heaptape/formats';
import { createMemoryTape } from '@heaptape/log';
import {
  type Assumption,
  calibrate,
  type Outcome,
  OutcomeGatherer,
  recordedWorkload,
  recordRun,
  type Scenario,
  type ScenarioResult,
  simulate,
  survey,
  tapeWorkload,
  type Workload,
  whatIf,
} from '@heaptape/replay';
import { describe, expect, test } from 'vitest';

const FIXTURES = fileURLToPath(new URL('../fixtures/traces/', import.meta.url));
const MIB = 1024 * 1024;
const CHUNK = 1 << 20;

interface Truth {
  readonly gogc: number;
  readonly runs: readonly { readonly cyclesInTrace: number; readonly peakHeapLive: number }[];
}

function load(path: string): TraceRecording {
  const bytes = gunzipSync(readFileSync(path));
  const reader = new ExecTraceReader();
  for (let at = 0; at < bytes.length; at += CHUNK) reader.push(bytes.subarray(at, at + CHUNK));
  return reader.finish();
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** The recording's own settings, run once. */
function again(workload: Workload, assumption: Assumption): Outcome {
  const gatherer = new OutcomeGatherer();
  const { config } = workload;
  const watcher = gatherer.watcher();
  const { world } = workload.run({ config, assumption, costFactor: 1, watcher });
  return gatherer.outcome(world);
}

/**
 * Median error of heapLive at the start of a cycle: of each recorded cycle against the simulated one
 * that began nearest to it in allocation volume. (By number one cycle more or less would put every
 * later pair out of step.)
 */
function startError(recording: TraceRecording, outcome: Outcome): number {
  const { beginVolume } = survey(recording);
  const errors = recording.cycles.map(({ n, heapAtStart }) => {
    const distance = (volume: number): number => Math.abs(volume - beginVolume[n]);
    const nearest = outcome.cycles.reduce((best, c) =>
      distance(c.volume) < distance(best.volume) ? c : best,
    );
    return Math.abs(nearest.heapAtStart / heapAtStart - 1);
  });
  return median(errors);
}

/** The same by number, to be read with care: see above. */
function startErrorByNumber(recording: TraceRecording, { cycles }: Outcome): number {
  const pairs = recording.cycles.slice(0, cycles.length);
  return median(pairs.map((c, i) => Math.abs(cycles[i].heapAtStart / c.heapAtStart - 1)));
}

const scenario = ({ config }: Workload, gogc: number): Scenario => ({
  gogc,
  memoryLimit: 0,
  procs: config.procs,
  collector: config.collector,
});

const mib = (bytes: number): string => (bytes / MIB).toFixed(1);

function print(title: string, rows: readonly string[]): void {
  console.log([title, ...rows.map((row) => `  ${row}`)].join('\n'));
}

function ownRow(name: string, recording: TraceRecording, outcome: Outcome): string {
  const peak = Math.max(...recording.cycles.map((c) => c.heapAtMarkEnd));
  const percent = (share: number): string => (share * 100).toFixed(1);
  const error = `${percent(startError(recording, outcome))} % (${percent(startErrorByNumber(recording, outcome))} % by number)`;
  const cycles = `${outcome.cycles.length} cycles of ${recording.cycles.length}`;
  return `${name}: ${cycles}, heap at start off by ${error}, peak ${mib(outcome.peakHeapBytes)} of ${mib(peak)} MiB`;
}

function whatIfRow(result: ScenarioResult, cycles: string, peak: string): string {
  const { cycles: c, peakHeapBytes: p } = result;
  const predicted = `${c.mid} (${c.low}–${c.high}) cycles, peak ${mib(p.mid)} (${mib(p.low)}–${mib(p.high)}) MiB`;
  return `GOGC=${result.gogc}: ${predicted}; in truth ${cycles} cycles, ${peak} MiB`;
}

describe('Go’s compiler, recorded at GOGC=20', () => {
  const recording = load(join(FIXTURES, 'compile-regexp.trace.gz'));
  const workload = recordedWorkload(recording);
  const { truths } = JSON.parse(
    readFileSync(join(FIXTURES, 'compile-regexp.truth.json'), 'utf8'),
  ) as {
    truths: readonly Truth[];
  };

  test('its settings are found in its goals', () => {
    expect(workload.config).toMatchObject({ gcPercent: 20, memoryLimit: 0, procs: 2 });
    expect(workload.warnings).toEqual([]);
  });

  test('at its own GOGC the run comes out again', () => {
    const outcome = again(workload, 'middle');
    print('compile-regexp, run again', [ownRow('middle', recording, outcome)]);
    expect(Math.abs(outcome.cycles.length - recording.cycles.length)).toBeLessThanOrEqual(1);
    expect(startError(recording, outcome)).toBeLessThan(0.05);
    const peak = Math.max(...recording.cycles.map((c) => c.heapAtMarkEnd));
    expect(Math.abs(outcome.peakHeapBytes / peak - 1)).toBeLessThan(0.08);
  });

  test('at other GOGCs it does what the program did there', () => {
    const { scenarios } = whatIf(
      workload,
      truths.map(({ gogc }) => scenario(workload, gogc)),
    );
    const rows: string[] = [];
    scenarios.forEach((result, i) => {
      const cycles = truths[i].runs.map((run) => run.cyclesInTrace);
      const peaks = truths[i].runs.map((run) => run.peakHeapLive);
      const [least, most] = [Math.min(...peaks), Math.max(...peaks)];
      const span = `${Math.min(...cycles)}–${Math.max(...cycles)}`;
      rows.push(whatIfRow(result, span, `${mib(least)}–${mib(most)}`));
      expect(result.cycles.high).toBeGreaterThanOrEqual(Math.min(...cycles) - 1);
      expect(result.cycles.low).toBeLessThanOrEqual(Math.max(...cycles) + 1);
      expect(Math.abs(result.cycles.mid - median(cycles))).toBeLessThanOrEqual(1);
      expect(result.peakHeapBytes.mid).toBeGreaterThan(least * 0.9);
      expect(result.peakHeapBytes.mid).toBeLessThan(most * 1.1);
    });
    print('compile-regexp, from GOGC=20', rows);
  });

  test('its tape gives the same answers, to the last digit', () => {
    const surveyed = survey(recording);
    const calibration = calibrate(recording, surveyed, {});
    const { config } = calibration;
    const tape = createMemoryTape();
    recordRun(tape, (sink, onStart) =>
      simulate(recording, surveyed, calibration, { assumption: 'middle', config, sink, onStart }),
    );
    const scenarios = [20, 100].map((gogc) => scenario(workload, gogc));
    const stored = whatIf(tapeWorkload(tape), scenarios, { quick: true });
    expect(stored.scenarios).toEqual(whatIf(workload, scenarios, { quick: true }).scenarios);
  });
});

const TRACES = process.env['HEAPTAPE_TRACES'];
const ESBUILD = ['gogc20', 'gogc100'].map((name) => `esbuild-0.28-watch-${name}-go1.26`);
const present = (name: string): boolean =>
  TRACES !== undefined && existsSync(join(TRACES, `${name}.trace.gz`));

describe.skipIf(!ESBUILD.every(present))('esbuild in watch mode', () => {
  const folder = TRACES ?? '';
  // The body of a skipped suite runs too: nothing is read before a test asks for it.
  const recordings = new Map<string, TraceRecording>();
  const recordingOf = (name: string): TraceRecording => {
    const recording = recordings.get(name) ?? load(join(folder, `${name}.trace.gz`));
    recordings.set(name, recording);
    return recording;
  };
  const [at20, at100] = ESBUILD;

  test.each([at20, at100])('%s: the cycles are those of its gctrace log', (name) => {
    const recording = recordingOf(name);
    const log = parseGctrace(readFileSync(join(folder, `${name}.gctrace.log`), 'utf8'));
    const lines = log.rows.slice(-recording.cycles.length);
    const shift = log.rows.findIndex((_, i) =>
      recording.cycles.every((c, k) => {
        const row = log.rows[i + k];
        return row !== undefined && row.heapMarked === Math.floor(c.heapMarked / MIB) * MIB;
      }),
    );
    expect(lines.length).toBe(recording.cycles.length);
    expect(shift).toBeGreaterThanOrEqual(0);
    recording.cycles.forEach((c, k) => {
      const row = log.rows[shift + k];
      expect(row.heapAtStart).toBe(Math.floor(c.heapAtStart / MIB) * MIB);
      expect(row.heapAtMarkEnd).toBe(Math.floor(c.heapAtMarkEnd / MIB) * MIB);
      expect(row.heapGoal).toBe(Math.floor(c.effectiveGoal / MIB) * MIB);
    });
  });

  test.each([at20, at100])('%s: at its own GOGC the run comes out again', (name) => {
    const recording = recordingOf(name);
    const workload = recordedWorkload(recording);
    expect(workload.config.gcPercent).toBe(Number(/gogc(\d+)/.exec(name)?.[1]));
    const outcome = again(workload, 'middle');
    print('esbuild, run again', [ownRow(name, recording, outcome)]);
    expect(Math.abs(outcome.cycles.length - recording.cycles.length)).toBeLessThanOrEqual(1);
    expect(startError(recording, outcome)).toBeLessThanOrEqual(0.05);
  });

  test('from GOGC=20 it predicts the run at GOGC=100', () => {
    const workload = recordedWorkload(recordingOf(at20));
    const [result] = whatIf(workload, [scenario(workload, 100)]).scenarios;
    const truth = recordingOf(at100).cycles;
    const peak = Math.max(...truth.map((c) => c.heapAtMarkEnd));
    const cycles = truth.length;
    print('esbuild, from GOGC=20', [whatIfRow(result, String(cycles), mib(peak))]);
    expect(Math.abs(result.cycles.mid - cycles)).toBeLessThanOrEqual(1);
    expect(Math.abs(result.peakHeapBytes.mid / peak - 1)).toBeLessThanOrEqual(0.1);
    expect(result.cycles.low).toBeLessThanOrEqual(cycles);
    expect(result.cycles.high).toBeGreaterThanOrEqual(cycles);
    expect(result.peakHeapBytes.low).toBeLessThanOrEqual(peak);
    expect(result.peakHeapBytes.high).toBeGreaterThanOrEqual(peak);
  });
});
