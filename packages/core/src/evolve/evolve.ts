/**
 * Evolve: state and event to state. Total on every event of the table, and the only writer of a World.
 *
 * Recording and replaying call this same code, so a replay equals its recording by construction. The
 * two hot events have their own case first; the compiler does not check a switch over tags, a test
 * does: every row of the event table must be folded here.
 */
import { decodeUtf8, EVENTS, type EventBatch, HeaptapeError } from '@heaptape/schema';
import { parseConfig } from '../config.ts';
import { growHeap, makeSpan, scavengePages } from '../heap/pages.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import * as cycle from './cycle.ts';
import * as marks from './marks.ts';
import * as mutator from './mutator.ts';
import * as spans from './spans.ts';

const tag = {
  RunStarted: EVENTS.RunStarted.tag,
  SiteDefined: EVENTS.SiteDefined.tag,
  ObjectAllocated: EVENTS.ObjectAllocated.tag,
  TinyAllocated: EVENTS.TinyAllocated.tag,
  PointerStored: EVENTS.PointerStored.tag,
  RootStored: EVENTS.RootStored.tag,
  ObjectReleased: EVENTS.ObjectReleased.tag,
} as const;

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
      evolveCycle(w, kind, batch, at);
      return;
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
    case EVENTS.RecordedCycleBegan.tag:
    case EVENTS.GCRequested.tag:
    case EVENTS.GCReturned.tag:
    case EVENTS.MemStatsRead.tag:
    case EVENTS.FreeOSMemoryRequested.tag:
    case EVENTS.MarkCostSet.tag:
    case EVENTS.MutatorRan.tag:
    case EVENTS.MarkWorkerStarted.tag:
    case EVENTS.MarkWorkerStopped.tag:
    case EVENTS.BarrierFlushed.tag:
    case EVENTS.RaggedBarrierPassed.tag:
    case EVENTS.AssistWaited.tag:
    case EVENTS.CacheModelSet.tag:
    case EVENTS.MarkTouched.tag:
      return;
    default:
      throw new HeaptapeError('bad-data', `event tag ${kind} is not of this release`);
  }
}
