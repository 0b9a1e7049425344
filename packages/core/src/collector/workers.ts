/**
 * The 25 % rule: how many Ps mark in the background.
 *
 * Models the worker split in `gcControllerState.startCycle` and `setMaxIdleMarkWorkers` of
 * `runtime/mgcpacer.go`, Go 1.21 to 1.26.
 *
 * 1. A quarter of the Ps, rounded to whole dedicated workers (half upwards).
 * 2. If rounding is off by more than 30 % (1, 2, 3 and 6 Ps), round down instead and let every P
 *    give a fraction of its time to make up the rest.
 * 3. Idle workers may use all other Ps. A cycle that was started by the clock gets none, for the
 *    program is idle anyway, but one if there is no dedicated worker to guarantee progress.
 * 4. Under GODEBUG=gcstoptheworld every P is dedicated.
 */
import { HeaptapeError } from '@heaptape/schema';
import { BACKGROUND_UTILIZATION } from './pacer_constants.ts';

const MAX_UTILIZATION_ERROR = 0.3;
const MAX_PROCS = 0x7fffffff;

/** Background marking of one cycle. */
export interface MarkWorkers {
  readonly procs: number;
  readonly mode: WorkerMode;
  /** Ps that do nothing but mark. */
  readonly dedicated: number;
  /** Share of its time that each other P should mark in; 0 for none. */
  readonly fractionalGoal: number;
  /** Most workers on otherwise idle Ps at the same time. */
  readonly maxIdle: number;
}

/** What a cycle was started by, as far as workers are concerned. */
export type WorkerMode = 'normal' | 'periodic' | 'stop-the-world';

/** The workers of a cycle on `procs` Ps. Throws `bad-usage` unless that is a positive int32. */
export function splitMarkWorkers(procs: number, mode: WorkerMode = 'normal'): MarkWorkers {
  if (!Number.isInteger(procs) || procs < 1 || procs > MAX_PROCS) {
    throw new HeaptapeError('bad-usage', `not a number of processors: ${procs}`);
  }
  const total = procs * BACKGROUND_UTILIZATION;
  let dedicated = Math.trunc(total + 0.5);
  let fractionalGoal = 0;
  if (Math.abs(dedicated / total - 1) > MAX_UTILIZATION_ERROR) {
    if (dedicated > total) dedicated--;
    fractionalGoal = (total - dedicated) / procs;
  }
  if (mode === 'stop-the-world') {
    return { procs, mode, dedicated: procs, fractionalGoal: 0, maxIdle: 0 };
  }
  const periodicIdle = dedicated > 0 ? 0 : 1;
  const maxIdle = mode === 'periodic' ? periodicIdle : procs - dedicated;
  return { procs, mode, dedicated, fractionalGoal, maxIdle };
}
