/**
 * Background mark workers of one cycle: which Ps mark, and with how much of their time.
 *
 * 1. Dedicated workers take whole Ps, fractional ones a share of every other P: the 25 % rule, see
 *    `collector/workers.ts`. Which P comes first is drawn from the run's seed.
 * 2. Idle workers use what idle Ps leave. How much that is on average is the cost model's to say, or a
 *    recording's; it is spread over as few Ps as can hold it. A periodic cycle has at most one.
 * 3. Where a recording says that its workers got less time than the rule gives, all shares shrink.
 *
 * Follows `runtime/mgcpacer.go` startCycle and assignWaitingGCWorker, Go 1.26. Deviation: a worker has its
 * share all through the cycle, where Go's scheduler starts and stops fractional and idle ones.
 */
import { splitMarkWorkers } from '../collector/workers.ts';
import type { Random } from './random.ts';

/** `MarkWorkerStarted.mode`, with Go's numbers. */
export const WORKER_MODE = { dedicated: 1, fractional: 2, idle: 3 } as const;

export interface MarkWorker {
  readonly p: number;
  readonly mode: number;
  /** Part of the P's time that it gets, up to 1. */
  readonly share: number;
}

/**
 * The workers of a cycle. `idleProcs` is how many Ps idle workers use; `total`, where it is known, how
 * many all workers use together, and then `idleProcs` is not looked at.
 */
export function markWorkers(
  procs: number,
  periodic: boolean,
  idleProcs: number,
  total: number | null,
  random: Random,
): MarkWorker[] {
  const split = splitMarkWorkers(procs, periodic ? 'periodic' : 'normal');
  const start = random.below(procs);
  const workers: MarkWorker[] = [];
  for (let i = 0; i < procs; i += 1) {
    const p = (start + i) % procs;
    if (i < split.dedicated) workers.push({ p, mode: WORKER_MODE.dedicated, share: 1 });
    else if (split.fractionalGoal > 0) {
      workers.push({ p, mode: WORKER_MODE.fractional, share: split.fractionalGoal });
    }
  }
  const background = sharesOf(workers);
  const wanted = total === null ? background + idleProcs : Math.min(total, procs);
  if (wanted < background) {
    return workers.map((worker) => ({ ...worker, share: (worker.share * wanted) / background }));
  }
  const room = total === null ? split.maxIdle : procs;
  const idle = Math.min(wanted - background, room, procs - background);
  const count = Math.min(Math.ceil(idle / (1 - split.fractionalGoal)), procs - split.dedicated);
  for (let i = 0; i < count; i += 1) {
    const p = (start + split.dedicated + i) % procs;
    workers.push({ p, mode: WORKER_MODE.idle, share: idle / count });
  }
  return workers;
}

/** Ps' worth of time that workers get together; of one mode, or of all. */
export function sharesOf(workers: readonly MarkWorker[], mode?: number): number {
  let sum = 0;
  for (const worker of workers) if (mode === undefined || worker.mode === mode) sum += worker.share;
  return sum;
}
