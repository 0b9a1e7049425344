/** The pacer's figures here, as inputs and outcomes of Go's formulas. Bytes; the panel does the arithmetic. */
import { mappedReady, PHASES, SCALAR } from '@heaptape/core';
import type { PacerInputs } from '../../model/pacer.ts';
import type { Query } from '../query.ts';

export interface PacerAnswer extends PacerInputs {
  readonly event: number;
  /** Figures that the last commit put into force. */
  readonly committed: { readonly heapGoal: number; readonly trigger: number };
  readonly consMark: number;
  readonly phase: string;
  readonly cycle: number;
  readonly procs: number;
  /** Scan work of the running or last cycle. */
  readonly heapWork: number;
  readonly stackWork: number;
  readonly globalsWork: number;
  /** CPU time of marking in it, ns. */
  readonly assistNs: number;
  readonly workerNs: number;
  readonly idleNs: number;
  /** Cycle in which the GC CPU limiter last began to limit; 0 is never. */
  readonly limiterCycle: number;
}

export const pacer: Query<null, PacerAnswer> = ({ travel: { world: w, position } }) => {
  const { scalars: s, control } = w;
  return {
    event: position.event,
    gcPercent: control.pacer.gcPercent,
    memoryLimit: control.pacer.memoryLimit,
    heapMarked: s[SCALAR.heapMarked],
    lastStackScan: s[SCALAR.lastStackScan],
    globalsBytes: control.config?.globalsBytes ?? 0,
    heapLive: s[SCALAR.heapLive],
    sweeping: s[SCALAR.sweeping] === 1,
    marking: s[SCALAR.gcphase] === 1,
    triggered: s[SCALAR.triggered],
    runway: control.pacer.runway,
    mappedReady: mappedReady(w),
    heapFree: s[SCALAR.heapFree],
    objectBytes: s[SCALAR.totalAlloc] - s[SCALAR.totalFree],
    committed: { heapGoal: control.pacer.heapGoal, trigger: control.pacer.trigger },
    consMark: control.pacer.consMark,
    phase: PHASES[s[SCALAR.gcphase]] ?? '',
    cycle: control.cycle.n,
    procs: s[SCALAR.procs],
    heapWork: s[SCALAR.heapScanWork],
    stackWork: s[SCALAR.stackScanWork],
    globalsWork: s[SCALAR.globalsScanWork],
    assistNs: s[SCALAR.assistNs],
    workerNs: s[SCALAR.workerNs],
    idleNs: s[SCALAR.idleNs],
    limiterCycle: s[SCALAR.limiterCycle],
  };
};
