/**
 * Evolve: state and event to state. Total on every event of the table, and the only writer of a World.
 *
 * Recording and replaying call this same code, so a replay equals its recording by construction. The
 * two hot events have their own case first; the compiler does not check a switch over tags, a test
 * does: every row of the event table must be folded here.
 */
import { decodeUtf8, EVENTS, type EventBatch, HeaptapeError } from '@heaptape/schema';
import { parseConfig } from '../config.ts';
import { freeStackSpan, growHeap, makeSpan, makeStackSpan, scavengePages } from '../heap/pages.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import { heapCompacted } from './compaction.ts';
import * as cycle from './cycle.ts';
import * as marks from './marks.ts';
import * as mutator from './mutator.ts';
import * as spans from './spans.ts';
import * as specials from './specials.ts';
import * as stacks from './stacks.ts';

const tag = {
  RunStarted: EVENTS.RunStarted.tag,
  SiteDefined: EVENTS.SiteDefined.tag,
  ObjectAllocated: EVENTS.ObjectAllocated.tag,
  TinyAllocated: EVENTS.TinyAllocated.tag,
  PointerStored: EVENTS.PointerStored.tag,
  RootStored: EVENTS.RootStored.tag,
  ObjectReleased: EVENTS.ObjectReleased.tag,
} as const;

/** Events that tell what happened or what comes next, and change nothing themselves. */
const NO_EFFECT: ReadonlySet<number> = new Set(
  (
    [
      'MarkPaced',
      'MarkMeasured',
      'SweepMeasured',
      'ScavengeMeasured',
      'RecordedCycleBegan',
      'AddressRecorded',
      'RootNamed',
      'GCRequested',
      'GCReturned',
      'MemStatsRead',
      'FreeOSMemoryRequested',
      'MarkCostSet',
      'MutatorRan',
      'MarkWorkerStarted',
      'MarkWorkerStopped',
      'BarrierFlushed',
      'RaggedBarrierPassed',
      'Assisted',
      'AssistWaited',
      'CacheModelSet',
      'MarkTouched',
      'MarkStepsSet',
      'WeakLoaded',
      'GCCalled',
      'SweepStepped',
      'SweepWaited',
    ] as const
  ).map((name) => EVENTS[name].tag),
);

/** Folds the event whose arguments start at `at`. */
export function evolve(w: World, kind: number, batch: EventBatch, at: number): void {
  const a = batch.args;
  w.scalars[SCALAR.seq] += 1;
  if (kind === tag.ObjectAllocated) mutator.objectAllocated(w, a[at], a[at + 2]);
  else if (kind === tag.PointerStored) mutator.pointerStored(w, a[at], a[at + 1], a[at + 2]);
  else if (kind === tag.ObjectReleased) mutator.objectReleased(w, a[at]);
  else if (kind === tag.RootStored) mutator.rootStored(w, a[at], a[at + 1]);
  else if (kind === tag.TinyAllocated) mutator.tinyAllocated(w);
  else evolveRare(w, kind, batch, at);
}

function evolveRare(w: World, kind: number, batch: EventBatch, at: number): void {
  const a = batch.args;
  const s = w.scalars;
  switch (kind) {
    case EVENTS.SpanCached.tag:
      spans.spanCached(w, a[at], a[at + 1]);
      return;
    case EVENTS.SpanUncached.tag:
      spans.spanUncached(w, a[at], a[at + 1]);
      return;
    case EVENTS.SpanAllocated.tag:
      makeSpan(w, a[at], a[at + 1], a[at + 2], a[at + 3]);
      return;
    case EVENTS.SpanSwept.tag:
      spans.spanSwept(w, a[at], a[at + 1], a[at + 2]);
      return;
    case EVENTS.SpanMarked.tag:
      spans.spanMarked(w, a[at], a[at + 1], a[at + 2], batch.blob, a[at + 3], a[at + 4]);
      return;
    case EVENTS.ObjectGreyed.tag:
      marks.objectGreyed(w, a[at]);
      return;
    case EVENTS.ObjectBlackened.tag:
      marks.objectBlackened(w, a[at]);
      return;
    case EVENTS.ProcSwitched.tag:
      s[SCALAR.p] = a[at];
      s[SCALAR.g] = a[at + 1];
      w.reserveProcs(a[at] + 1);
      return;
    case EVENTS.ClockAdvanced.tag:
      s[SCALAR.timeNs] += a[at];
      return;
    case EVENTS.TinyBlockSet.tag:
      mutator.tinyBlockSet(w, a[at], a[at + 1]);
      return;
    case EVENTS.McacheFlushed.tag:
      spans.mcacheFlushed(w, a[at]);
      return;
    case EVENTS.HeapGrown.tag:
      growHeap(w, a[at]);
      return;
    case EVENTS.Scavenged.tag:
      scavengePages(w, a[at], a[at + 1]);
      return;
    case EVENTS.SweepFinished.tag:
      s[SCALAR.sweeping] = 0;
      return;
    default:
      if (!evolveStacks(w, kind, a, at)) evolveCycle(w, kind, batch, at);
      return;
  }
}

/** False when the event is none of these. */
function evolveStacks(w: World, kind: number, a: Float64Array, at: number): boolean {
  switch (kind) {
    case EVENTS.GoroutineStarted.tag:
      stacks.goroutineStarted(w, a[at]);
      return true;
    case EVENTS.GoroutineExited.tag:
      stacks.goroutineExited(w, a[at]);
      return true;
    case EVENTS.StackUsed.tag:
      stacks.stackUsed(w, a[at], a[at + 1]);
      return true;
    case EVENTS.StackSpanAllocated.tag:
      makeStackSpan(w, a[at], a[at + 1], a[at + 2], a[at + 3]);
      return true;
    case EVENTS.StackSpanFreed.tag:
      freeStackSpan(w, a[at]);
      return true;
    case EVENTS.StackPlaced.tag:
      stacks.stackPlaced(w, a[at], a[at + 1], a[at + 2], a[at + 3], a[at + 4]);
      return true;
    case EVENTS.StartingStackSet.tag:
      w.scalars[SCALAR.startingStack] = a[at];
      return true;
    case EVENTS.ScavengeWorked.tag:
      w.scalars[SCALAR.scavBackgroundNs] += a[at];
      w.scalars[SCALAR.scavAssistNs] += a[at + 1];
      return true;
    default:
      return false;
  }
}

function evolveCycle(w: World, kind: number, batch: EventBatch, at: number): void {
  const a = batch.args;
  const text = (cell: number): string =>
    decodeUtf8(batch.blob.subarray(a[cell], a[cell] + a[cell + 1]));
  switch (kind) {
    case tag.RunStarted:
      cycle.runStarted(w, parseConfig(text(at)));
      return;
    case tag.SiteDefined:
      mutator.siteDefined(w, a[at], a[at + 1], a[at + 2], a[at + 3], text(at + 4));
      return;
    case EVENTS.GCStarted.tag:
      cycle.gcStarted(w, a[at], a[at + 1], a[at + 2], a[at + 3], a[at + 4]);
      return;
    case EVENTS.MarkAdvanced.tag:
      cycle.markAdvanced(w, a[at], a[at + 1], a[at + 2], a[at + 3], a[at + 4], a[at + 5]);
      return;
    case EVENTS.GCMarkTerminated.tag:
      cycle.gcMarkTerminated(w, a[at + 2], a[at + 3], a[at + 4], a[at + 5], a[at + 6]);
      return;
    case EVENTS.PacerCommitted.tag:
      cycle.pacerCommitted(w, a[at], a[at + 1], a[at + 2]);
      return;
    case EVENTS.GCPercentSet.tag:
      cycle.gcPercentSet(w, a[at]);
      return;
    case EVENTS.MemoryLimitSet.tag:
      cycle.memoryLimitSet(w, a[at]);
      return;
    case EVENTS.ProcsSet.tag:
      cycle.procsSet(w, a[at]);
      return;
    case EVENTS.HeapCompacted.tag: {
      const moves = batch.blob.subarray(a[at + 4], a[at + 4] + a[at + 5]);
      heapCompacted(w, a[at], a[at + 2], a[at + 3], moves);
      return;
    }
    case EVENTS.PacerPrimed.tag:
      cycle.pacerPrimed(w, a[at]);
      return;
    case EVENTS.MarkRestarted.tag:
      cycle.markRestarted(w, a[at]);
      return;
    case EVENTS.MarkDetailSet.tag:
      if (a[at] === 0) marks.forgetGrey(w);
      return;
    case EVENTS.RecordedCycleEnded.tag:
      w.scalars[SCALAR.recordedCycles] += 1;
      return;
    case EVENTS.LimiterEnabled.tag:
      w.scalars[SCALAR.limiterCycle] = w.scalars[SCALAR.numGC] + 1;
      return;
    default:
      if (!NO_EFFECT.has(kind)) evolveSpecials(w, kind, a, at);
  }
}

function evolveSpecials(w: World, kind: number, a: Float64Array, at: number): void {
  switch (kind) {
    case EVENTS.FinalizerSet.tag:
      specials.finalizerSet(w, a[at], a[at + 1], a[at + 2], a[at + 3]);
      return;
    case EVENTS.FinalizerCleared.tag:
      specials.finalizerCleared(w, a[at], a[at + 1]);
      return;
    case EVENTS.CleanupAdded.tag:
      specials.cleanupAdded(w, a[at], a[at + 1], a[at + 2], a[at + 3], a[at + 4]);
      return;
    case EVENTS.CleanupStopped.tag:
      specials.cleanupStopped(w, a[at]);
      return;
    case EVENTS.WeakHandleMade.tag:
      specials.weakHandleMade(w, a[at], a[at + 1], a[at + 2]);
      return;
    case EVENTS.FinalizerStarted.tag:
      specials.finalizerStarted(w, a[at]);
      return;
    case EVENTS.FinalizerReturned.tag:
      specials.finalizerReturned(w);
      return;
    case EVENTS.CleanupStarted.tag:
      specials.cleanupStarted(w, a[at], a[at + 1]);
      return;
    case EVENTS.CleanupReturned.tag:
      specials.cleanupReturned(w, a[at]);
      return;
    default:
      evolveDue(w, kind, a, at);
  }
}

function evolveDue(w: World, kind: number, a: Float64Array, at: number): void {
  switch (kind) {
    case EVENTS.FinalizerQueued.tag:
      specials.finalizerQueued(w, a[at]);
      return;
    case EVENTS.WeakCleared.tag:
      specials.weakCleared(w, a[at]);
      return;
    case EVENTS.CleanupQueued.tag:
      specials.cleanupQueued(w, a[at]);
      return;
    case EVENTS.CleanupBlockFilled.tag:
      specials.cleanupBlockFilled(w, a[at]);
      return;
    case EVENTS.CleanupsFlushed.tag:
      specials.cleanupsFlushed(w);
      return;
    case EVENTS.FinalizersScanned.tag:
      specials.finalizersScanned(w, a[at]);
      return;
    case EVENTS.PoolRegistered.tag:
      specials.poolRegistered(w, a[at], a[at + 1]);
      return;
    case EVENTS.PoolsCleaned.tag:
      specials.poolsCleaned(w);
      return;
    default:
      throw new HeaptapeError('bad-data', `event tag ${kind} is not of this release`);
  }
}
