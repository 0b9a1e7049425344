/**
 * Goal and trigger from the pacer's figures, by the formulas that the collector itself uses. What GOGC would
 * make of them is what debug.SetGCPercent would commit if the program called it at this very place.
 *
 * 1. GOGC's goal, not below the heap minimum.
 * 2. The memory limit's goal, not below the marked heap. If that is less, it is the goal.
 * 3. Otherwise, while spans are left to sweep, the sweeper gets room: 1 MiB from the live heap on; and while
 *    marking there is at least the least runway from where the cycle began.
 */
import {
  gcPercentGoal,
  heapMinimumFor,
  MIN_RUNWAY,
  memoryLimitGoal,
  SWEEP_MIN_HEAP_DISTANCE,
  triggerFor,
} from '@heaptape/core';

/** Bytes. `gcPercent` -1 is off, `memoryLimit` 0 is none. */
export interface PacerInputs {
  readonly gcPercent: number;
  readonly memoryLimit: number;
  readonly heapMarked: number;
  readonly lastStackScan: number;
  readonly globalsBytes: number;
  readonly heapLive: number;
  readonly sweeping: boolean;
  readonly marking: boolean;
  /** heapLive when the running cycle began. */
  readonly triggered: number;
  readonly runway: number;
  readonly mappedReady: number;
  readonly heapFree: number;
  readonly objectBytes: number;
}

/** What a goal is the goal of. */
export type GoalBound = 'GOGC' | 'heap minimum' | 'memory limit' | 'sweep distance' | 'runway';

export interface Paced {
  /** GOGC's goal before the minimum, and the minimum. */
  readonly gogcGoal: number;
  readonly heapMinimum: number;
  /** What the limit leaves; null without one. */
  readonly limitGoal: number | null;
  readonly heapGoal: number;
  readonly trigger: number;
  readonly bound: GoalBound;
}

/** The largest figure that a tape holds: stands for no goal. */
const LARGEST = Number.MAX_SAFE_INTEGER;

function limitGoalOf(inputs: PacerInputs): number | null {
  const { memoryLimit, mappedReady, heapFree, objectBytes, heapMarked } = inputs;
  if (memoryLimit === 0) return null;
  const nonHeap = mappedReady - heapFree - objectBytes;
  return Math.max(memoryLimitGoal(memoryLimit, mappedReady, nonHeap), heapMarked);
}

/** Goal and trigger if they were committed here, under some GOGC. */
export function pacedAt(inputs: PacerInputs, gcPercent: number): Paced {
  const { heapMarked, lastStackScan, globalsBytes, heapLive, runway } = inputs;
  const gogcGoal = gcPercentGoal(heapMarked, lastStackScan + globalsBytes, gcPercent);
  const heapMinimum = heapMinimumFor(gcPercent);
  const limitGoal = limitGoalOf(inputs);
  const base = Math.max(gogcGoal, heapMinimum);
  const limited = limitGoal !== null && limitGoal < base;
  const sweepMinimum = inputs.sweeping ? heapLive + SWEEP_MIN_HEAP_DISTANCE : 0;
  const runwayMinimum = inputs.marking ? inputs.triggered + MIN_RUNWAY : 0;
  const free = Math.max(base, sweepMinimum, runwayMinimum);
  const heapGoal = limited ? limitGoal : free;
  let bound: GoalBound = gogcGoal >= heapMinimum ? 'GOGC' : 'heap minimum';
  if (limited) bound = 'memory limit';
  else if (free > base) bound = free === sweepMinimum ? 'sweep distance' : 'runway';
  const trigger = triggerFor(heapGoal, limited ? 0 : sweepMinimum, heapMarked, runway);
  return {
    gogcGoal: Math.min(gogcGoal, LARGEST),
    heapMinimum: Math.max(0, heapMinimum),
    limitGoal: limitGoal === null ? null : Math.min(limitGoal, LARGEST),
    heapGoal: Math.min(heapGoal, LARGEST),
    trigger: Math.min(trigger, LARGEST),
    bound,
  };
}
