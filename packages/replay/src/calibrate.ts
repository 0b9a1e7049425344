/**
 * Calibration: the settings a recording was made under, and what marking cost in it.
 *
 * 1. GOGC is not in a trace, but each cycle announces the next goal: see `pacing.ts`. Nor is a memory
 *    limit. Where one was in force it is set to what leaves the heap the largest goal that was seen.
 * 2. Marking speed is the CPU time of workers and assists over the units that were alive.
 * 3. How many Ps marked beside the fixed 25 % is the workers' CPU time over the cycles' length.
 * 4. Pauses are kept as quantiles.
 */
import { type CostModel, DEFAULT_CONFIG, DEFAULT_COSTS, type RunConfig } from '@heaptape/core';
import { heapMinimum, inferPacing } from './pacing.ts';
import type { Recording } from './recording.ts';
import type { Survey } from './survey.ts';

const MIB = 1024 * 1024;
const BACKGROUND = 0.25;
/** Every process has some goroutine stacks, those of the runtime's own goroutines at least; bytes. */
const LEAST_ROOTS = 8192;
/** Headroom that Go leaves under a memory limit. */
const LIMIT_HEADROOM = 0.03;

/** What marking cost around one recorded cycle. */
export interface MarkCost {
  /** It holds from this row on: halfway from the cycle before. */
  readonly fromRow: number;
  /** CPU time of one unit, ns. */
  readonly nsPerUnit: number;
  /** Ps that marked in the background while there was work, at least the 25 %. */
  readonly markProcs: number;
  /** Time the cycle took beyond that work, ns: workers that were not scheduled at once. */
  readonly latencyNs: number;
}

/** Weight of the whole recording's cost against one cycle's own, units: small cycles mostly wait. */
const PRIOR_UNITS = 6_000_000;

export interface Calibration {
  readonly config: RunConfig;
  readonly markCosts: readonly MarkCost[];
  /** Bytes that the last cycle before the recording marked; 0 when there was none. */
  readonly heapMarkedBefore: number;
  /** What was assumed for lack of evidence. */
  readonly warnings: readonly string[];
}

function quantiles(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return [0, 0.25, 0.5, 0.75, 1].map((q) => sorted[Math.floor(q * (sorted.length - 1) + 0.5)]);
}

function costsOf(recording: Recording, survey: Survey, rootBytes: number): CostModel {
  const { cycles, gomaxprocs } = recording;
  const free = { allocNs: 0, allocNsPerByte: 0, storeNs: 0 };
  if (cycles.length === 0) return { ...DEFAULT_COSTS, ...free };
  let cpu = 0;
  let units = 0;
  let workers = 0;
  let length = 0;
  for (const c of cycles) {
    const { dedicated, fractional, idle } = c.workerNs;
    workers += dedicated + fractional + idle;
    length += c.endNs - c.startNs - c.stwSweepTermNs;
    cpu += dedicated + fractional + idle + c.assistNs;
    units += survey.units[c.n] + rootBytes;
  }
  const marking = length > 0 ? workers / length : 0;
  return {
    ...DEFAULT_COSTS,
    ...free,
    markNsPerByte: units > 0 && cpu > 0 ? cpu / units : DEFAULT_COSTS.markNsPerByte,
    idleMarkProcs: Math.max(0, marking - BACKGROUND * gomaxprocs),
    sweepTermPauses: quantiles(cycles.map((c) => c.stwSweepTermNs)),
    markTermPauses: quantiles(cycles.map((c) => c.stwMarkTermNs)),
  };
}

/** Marking costs vary with what the program is doing, so each recorded cycle gives its own. */
function markCostsOf(
  recording: Recording,
  survey: Survey,
  rootBytes: number,
  typical: number,
): MarkCost[] {
  const costs: MarkCost[] = [];
  let before = 0;
  for (const c of recording.cycles) {
    const { dedicated, fractional, idle } = c.workerNs;
    const workers = dedicated + fractional + idle;
    const length = c.endNs - c.startNs - c.stwSweepTermNs;
    const units = survey.units[c.n] + rootBytes;
    if (workers > 0 && length > 0 && units > 0) {
      const fromRow = Math.floor((before + c.beginRow) / 2);
      const nsPerUnit = (workers + c.assistNs + typical * PRIOR_UNITS) / (units + PRIOR_UNITS);
      const markProcs = Math.max(workers / length, BACKGROUND * recording.gomaxprocs);
      const latencyNs = Math.max(
        0,
        Math.floor(length - (units * nsPerUnit - c.assistNs) / markProcs),
      );
      costs.push({ fromRow, nsPerUnit, markProcs, latencyNs });
    }
    before = c.endRow;
  }
  return costs;
}

/** The limit that leaves the simulated heap this goal, bytes; 0 for 0. */
function limitFor(goal: number): number {
  if (goal === 0) return 0;
  const headroom = Math.max(MIB, (goal * LIMIT_HEADROOM) / (1 - LIMIT_HEADROOM));
  return Math.ceil(goal + headroom) + DEFAULT_CONFIG.nonHeapBytes;
}

/** What the process had marked before the recording, from the goal in force when it began. */
function markedBefore(recording: Recording, gcPercent: number, rootBytes: number): number {
  const first = recording.cycles[0];
  if (first === undefined || gcPercent < 0) return 0;
  if (first.heapGoal <= heapMinimum(gcPercent)) return 0;
  const share = gcPercent / 100;
  return Math.max(0, Math.floor((first.heapGoal - rootBytes * share) / (1 + share)));
}

/** Derives configuration and cost model. `given` wins over what is inferred. */
export function calibrate(
  recording: Recording,
  survey: Survey,
  given: { readonly gcPercent?: number; readonly memoryLimit?: number },
): Calibration {
  const warnings: string[] = [];
  const pacing = inferPacing(recording.cycles);
  const off = recording.cycles.length === 0;
  if (off) {
    warnings.push('no collection was recorded: no death and no marking cost is known');
  } else if (pacing === null && given.gcPercent === undefined) {
    warnings.push('no recorded goal tells GOGC; 100 is assumed');
  }
  const gcPercent = given.gcPercent ?? pacing?.gcPercent ?? (off ? -1 : 100);
  const memoryLimit = given.memoryLimit ?? limitFor(pacing?.limitedGoal ?? 0);
  if (given.memoryLimit === undefined && memoryLimit > 0) {
    const mib = Math.ceil(memoryLimit / MIB);
    warnings.push(`a memory limit was in force; ${mib} MiB is what its goals point to`);
  }
  const defaultRoots = DEFAULT_CONFIG.stackBytes + DEFAULT_CONFIG.globalsBytes;
  const known = pacing !== null && pacing.gcPercent >= 0;
  const rootBytes = known ? Math.max(LEAST_ROOTS, pacing.rootBytes) : defaultRoots;
  const config: RunConfig = {
    ...DEFAULT_CONFIG,
    gcPercent,
    memoryLimit,
    procs: Math.max(1, recording.gomaxprocs),
    collector: recording.layout === 'go1.26' ? 'greentea' : 'classic',
    layout: recording.layout,
    stackBytes: Math.min(rootBytes, DEFAULT_CONFIG.stackBytes),
    globalsBytes: Math.max(0, rootBytes - DEFAULT_CONFIG.stackBytes),
    costs: costsOf(recording, survey, rootBytes),
  };
  const markCosts = markCostsOf(recording, survey, rootBytes, config.costs.markNsPerByte);
  return {
    config,
    markCosts,
    heapMarkedBefore: markedBefore(recording, gcPercent, rootBytes),
    warnings,
  };
}
