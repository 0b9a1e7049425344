/**
 * Evolve, for the cycle: phases, progress, pacing, settings. These run a few times a cycle and are
 * the only ones that change the control tree, through Immer.
 *
 * Follows `runtime/mgc.go` gcStart and gcMarkTermination and `mgcpacer.go` resetLive, Go 1.26.
 */
import { assert } from '@heaptape/schema';
import { castDraft, produce } from 'immer';
import type { RunConfig } from '../control.ts';
import { countPause } from '../heap/pause_histogram.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';

/** `GCStarted.trigger`. */
export const TRIGGER = { heap: 0, forced: 1, periodic: 2 } as const;
/** Values of `SCALAR.gcphase`, with Go's names. */
export const PHASES = ['_GCoff', '_GCmark', '_GCmarktermination'] as const;
/** Entries of MemStats.PauseNs. */
export const PAUSE_RING = 256;

export function runStarted(w: World, config: RunConfig): void {
  assert(w.control.config === null, 'a run starts once');
  w.reserveProcs(config.procs);
  w.scalars[SCALAR.procs] = config.procs;
  w.control = produce(w.control, (draft) => {
    draft.config = castDraft(config);
    draft.pacer.gcPercent = config.gcPercent;
    draft.pacer.memoryLimit = config.memoryLimit;
  });
}

export function gcStarted(
  w: World,
  n: number,
  trigger: number,
  heapLive: number,
  heapGoal: number,
  pauseNs: number,
): void {
  const { scalars } = w;
  assert(scalars[SCALAR.gcphase] === 0, 'a cycle starts from _GCoff');
  assert(scalars[SCALAR.unswept] === 0, 'a cycle starts when all spans are swept');
  scalars[SCALAR.gcphase] = 1;
  scalars[SCALAR.bytesMarked] = 0;
  scalars[SCALAR.finalizerScanBytes] = 0;
  scalars[SCALAR.heapScanWork] = 0;
  scalars[SCALAR.stackScanWork] = 0;
  scalars[SCALAR.globalsScanWork] = 0;
  scalars[SCALAR.assistNs] = 0;
  scalars[SCALAR.workerNs] = 0;
  scalars[SCALAR.idleNs] = 0;
  scalars[SCALAR.triggered] = heapLive;
  scalars[SCALAR.timeNs] += pauseNs;
  scalars[SCALAR.cpuPauseNs] += pauseNs * scalars[SCALAR.procs];
  countPause(w.pauses, pauseNs);
  scalars[SCALAR.cycleStartNs] = scalars[SCALAR.timeNs];
  w.control = produce(w.control, (draft) => {
    draft.cycle = { n, trigger, heapAtStart: heapLive, heapGoal, pauseNs };
  });
}

export function markAdvanced(
  w: World,
  heap: number,
  stack: number,
  globals: number,
  workerNs: number,
  idleNs: number,
  assistNs: number,
): void {
  const { scalars } = w;
  scalars[SCALAR.heapScanWork] += heap;
  scalars[SCALAR.stackScanWork] += stack;
  scalars[SCALAR.globalsScanWork] += globals;
  scalars[SCALAR.workerNs] += workerNs;
  scalars[SCALAR.idleNs] += idleNs;
  scalars[SCALAR.assistNs] += assistNs;
}

/** Stopping the world to end marking was in vain: its pause counts for the cycle. */
export function markRestarted(w: World, pauseNs: number): void {
  w.scalars[SCALAR.timeNs] += pauseNs;
  w.scalars[SCALAR.cpuPauseNs] += pauseNs * w.scalars[SCALAR.procs];
  countPause(w.pauses, pauseNs);
  w.control = produce(w.control, (draft) => {
    draft.cycle.pauseNs += pauseNs;
  });
}

export function gcMarkTerminated(
  w: World,
  heapMarked: number,
  heapGoal: number,
  pauseNs: number,
  consMark: number,
  cpuNs: number,
): void {
  const { scalars } = w;
  assert(scalars[SCALAR.gcphase] === 1, 'marking terminates once');
  assert(scalars[SCALAR.bytesMarked] === heapMarked, 'heapMarked is the sum of marked slots');
  assert(w.greyCount === 0, 'marking terminates with nothing grey');
  scalars[SCALAR.timeNs] += pauseNs;
  scalars[SCALAR.gcphase] = 0;
  scalars[SCALAR.heapMarked] = heapMarked;
  scalars[SCALAR.heapLive] = heapMarked;
  scalars[SCALAR.heapScan] = scalars[SCALAR.heapScanWork];
  scalars[SCALAR.scanAlloc] = 0;
  scalars[SCALAR.revivedBytes] = 0;
  scalars[SCALAR.sweepgen] += 2;
  scalars[SCALAR.unswept] = scalars[SCALAR.spans];
  scalars[SCALAR.sweeping] = 1;
  scalars[SCALAR.pagesSwept] = 0;
  scalars[SCALAR.lastHeapInUse] = scalars[SCALAR.heapInUse];
  scalars[SCALAR.numGC] += 1;
  scalars[SCALAR.lastGCNs] = scalars[SCALAR.timeNs];
  scalars[SCALAR.gcCpuNs] += cpuNs;
  scalars[SCALAR.cpuPauseNs] += pauseNs * scalars[SCALAR.procs];
  countPause(w.pauses, pauseNs);
  countCpu(w);
  scalars[SCALAR.cpuAtGCNs] = scalars[SCALAR.cpuNs];
  countKinds(scalars);
  const slot = (scalars[SCALAR.numGC] - 1) % PAUSE_RING;
  const paused = w.control.cycle.pauseNs + pauseNs;
  w.control = produce(w.control, (draft) => {
    draft.pauseNs[slot] = paused;
    draft.pauseEnd[slot] = scalars[SCALAR.timeNs];
    draft.pacer.consMark = consMark;
    draft.lastHeapGoal = heapGoal;
  });
  scalars[SCALAR.pauseTotalNs] += paused;
  if (w.control.cycle.trigger === TRIGGER.forced) scalars[SCALAR.numForcedGC] += 1;
}

/** The CPU time of the cycle that ends, by kind; and what it scanned of the roots. */
function countKinds(scalars: Float64Array): void {
  scalars[SCALAR.cpuAssistNs] += scalars[SCALAR.assistNs];
  scalars[SCALAR.cpuWorkerNs] += scalars[SCALAR.workerNs];
  scalars[SCALAR.cpuIdleMarkNs] += scalars[SCALAR.idleNs];
  scalars[SCALAR.cpuScavBackgroundNs] = scalars[SCALAR.scavBackgroundNs];
  scalars[SCALAR.cpuScavAssistNs] = scalars[SCALAR.scavAssistNs];
  const ours =
    scalars[SCALAR.cpuAssistNs] +
    scalars[SCALAR.cpuWorkerNs] +
    scalars[SCALAR.cpuIdleMarkNs] +
    scalars[SCALAR.cpuPauseNs] +
    scalars[SCALAR.cpuScavBackgroundNs] +
    scalars[SCALAR.cpuScavAssistNs];
  // Assists are charged before the time they take has passed.
  scalars[SCALAR.cpuUserNs] = Math.max(0, scalars[SCALAR.cpuAtGCNs] - ours);
  scalars[SCALAR.cpuTotalNs] = scalars[SCALAR.cpuUserNs] + ours;
  scalars[SCALAR.lastStackScan] = scalars[SCALAR.stackScanWork];
  scalars[SCALAR.lastGlobalsScan] = scalars[SCALAR.globalsScanWork];
}

/** Counts the CPU time that the Ps have offered since the last time this was asked. */
function countCpu(w: World): void {
  const { scalars } = w;
  const since = scalars[SCALAR.timeNs] - scalars[SCALAR.cpuSinceNs];
  scalars[SCALAR.cpuNs] += since * scalars[SCALAR.procs];
  scalars[SCALAR.cpuSinceNs] = scalars[SCALAR.timeNs];
}

/** GOMAXPROCS changes. Ps that go lose their tiny block; a P that runs and goes hands over to P 0. */
export function procsSet(w: World, procs: number): void {
  const { scalars } = w;
  countCpu(w);
  w.reserveProcs(procs);
  w.tinyBlock.fill(0, procs);
  for (let p = procs; p < w.mspanCache.length; p += 1) {
    scalars[SCALAR.mspans] -= w.mspanCache[p];
    w.mspanCache[p] = 0;
  }
  if (scalars[SCALAR.p] >= procs) scalars[SCALAR.p] = 0;
  scalars[SCALAR.procs] = procs;
}

export function pacerCommitted(w: World, heapGoal: number, trigger: number, runway: number): void {
  w.control = produce(w.control, (draft) => {
    draft.pacer.heapGoal = heapGoal;
    draft.pacer.trigger = trigger;
    draft.pacer.runway = runway;
  });
}

export function gcPercentSet(w: World, percent: number): void {
  w.control = produce(w.control, (draft) => {
    draft.pacer.gcPercent = percent;
  });
}

export function memoryLimitSet(w: World, bytes: number): void {
  w.control = produce(w.control, (draft) => {
    draft.pacer.memoryLimit = bytes;
  });
}

/** The process had collected before: its last cycle marked this much. */
export function pacerPrimed(w: World, heapMarked: number): void {
  w.scalars[SCALAR.heapMarked] = heapMarked;
}
