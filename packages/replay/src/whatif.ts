/**
 * What if: one workload under each of several settings.
 *
 * A recorded workload runs several times per setting: under the earliest, middle and latest assumption
 * about deaths, each with marking as cheap and as dear as the recording measured it. `low` and `high`
 * are the extremes of all runs, `mid` the median of the middle assumption's. So the band holds both
 * uncertainties, and the middle does not hang on where one cycle happened to fall.
 */
import type { CacheGeometry, RunConfig } from '@heaptape/core';
import type { CompactionReport } from './compaction.ts';
import { ASSUMPTIONS, type Assumption } from './deaths.ts';
import { type HeapPoint, type Outcome, OutcomeGatherer, type SimulatedCycle } from './outcome.ts';
import type { TouchTotals } from './touches.ts';
import type { RecordedFigures, Workload } from './workload.ts';

export interface Scenario {
  /** GOGC; -1 is off. */
  readonly gogc: number;
  /** Bytes; 0 is none. */
  readonly memoryLimit: number;
  readonly procs: number;
  readonly collector: 'classic' | 'greentea';
  /** The experiment: objects are moved together after every mark phase. Left out: as recorded. */
  readonly compact?: boolean;
}

export interface Band {
  readonly low: number;
  readonly mid: number;
  readonly high: number;
}

export interface ScenarioResult extends Scenario {
  readonly cycles: Band;
  readonly peakHeapBytes: Band;
  readonly peakTotalBytes: Band;
  readonly gcCpuFraction: Band;
  readonly pauseTotalNs: Band;
  readonly maxPauseNs: Band;
  readonly assistNs: Band;
  /** Heap curve and cycles of the run in the middle. */
  readonly series: readonly HeapPoint[];
  readonly cycleList: readonly SimulatedCycle[];
  /** What moving objects did in that run; null where nothing moved. */
  readonly compaction: CompactionReport | null;
  /** What marking touched in that run; null where it was not counted. */
  readonly touches: TouchTotals | null;
}

export interface WhatIfAnswer {
  readonly recorded: RecordedFigures | null;
  readonly scenarios: readonly ScenarioResult[];
}

export interface WhatIfOptions {
  /** One run per assumption, marking at its measured cost. */
  readonly quick?: boolean;
  /** Counts what marking touches in caches like these. Recorded workloads have no pointers to follow. */
  readonly caches?: CacheGeometry;
  /** Share of all runs done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

interface Run {
  readonly assumption: Assumption;
  readonly factor: number;
}

function runsOf(workload: Workload, quick: boolean): Run[] {
  if (workload.exact) return [{ assumption: 'middle', factor: 1 }];
  const factors = quick ? [1] : workload.costFactors;
  return ASSUMPTIONS.flatMap((assumption) => factors.map((factor) => ({ assumption, factor })));
}

/** The configuration of a scenario. */
export function configFor(base: RunConfig, scenario: Scenario): RunConfig {
  const { gogc, memoryLimit, procs, collector } = scenario;
  const compact = Number(scenario.compact ?? base.compact);
  const layout = collector === base.collector ? base.layout : layoutOf(collector);
  return { ...base, gcPercent: gogc, memoryLimit, procs, collector, layout, compact };
}

const layoutOf = (collector: 'classic' | 'greentea'): 'go1.22' | 'go1.26' =>
  collector === 'greentea' ? 'go1.26' : 'go1.22';

/** Runs every scenario. */
export function whatIf(
  workload: Workload,
  scenarios: readonly Scenario[],
  options: WhatIfOptions = {},
): WhatIfAnswer {
  const runs = runsOf(workload, options.quick ?? false);
  const total = runs.length * scenarios.length;
  let done = 0;
  const results = scenarios.map((scenario) => {
    const outcomes = runs.map(({ assumption, factor }) => {
      const gatherer = new OutcomeGatherer();
      const decider = workload.run({
        config: configFor(workload.config, scenario),
        assumption,
        costFactor: factor,
        watcher: gatherer.watcher(),
        ...(options.caches === undefined ? {} : { caches: options.caches }),
        onProgress: (share) => options.onProgress?.((done + share) / total),
      });
      done += 1;
      options.onProgress?.(done / total);
      return { assumption, outcome: gatherer.outcome(decider.world) };
    });
    return resultOf(scenario, outcomes);
  });
  return { recorded: workload.recorded, scenarios: results };
}

type Labelled = { readonly assumption: Assumption; readonly outcome: Outcome };

function resultOf(scenario: Scenario, outcomes: readonly Labelled[]): ScenarioResult {
  const middle = outcomes.filter((o) => o.assumption === 'middle').map((o) => o.outcome);
  const band = (of: (o: Outcome) => number): Band => {
    const all = outcomes.map((o) => of(o.outcome));
    const mids = middle.map(of).sort((a, b) => a - b);
    return { low: Math.min(...all), mid: mids[mids.length >> 1], high: Math.max(...all) };
  };
  const peak = band((o) => o.peakHeapBytes);
  const typical = middle.find((o) => o.peakHeapBytes === peak.mid) ?? middle[0];
  return {
    ...scenario,
    cycles: band((o) => o.cycles.length),
    peakHeapBytes: peak,
    peakTotalBytes: band((o) => o.peakTotalBytes),
    gcCpuFraction: band((o) => o.gcCpuFraction),
    pauseTotalNs: band((o) => o.pauseTotalNs),
    maxPauseNs: band((o) => o.maxPauseNs),
    assistNs: band((o) => o.assistNs),
    series: typical.series,
    cycleList: typical.cycles,
    compaction: typical.compaction,
    touches: typical.touches,
  };
}
