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
      return spans.spanCached(w, a[at], a[at + 1]);
    case EVENTS.SpanUncached.tag:
      return spans.spanUncached(w, a[at], a[at + 1]);
    case EVENTS.SpanAllocated.tag:
      return makeSpan(w, a[at], a[at + 1], a[at + 2], a[at + 3]);
    case EVENTS.SpanSwept.tag:
      return spans.spanSwept(w, a[at], a[at + 1], a[at + 2]);
    case EVENTS.SpanMarked.tag:
      return spans.spanMarked(w, a[at], a[at + 1], a[at + 2], batch.blob, a[at + 3], a[at + 4]);
    case EVENTS.ProcSwitched.tag:
      s[SCALAR.p] = a[at];
      s[SCALAR.g] = a[at + 1];
      w.reserveProcs(a[at] + 1);
      return;
    case EVENTS.MutatorRan.tag:
    case EVENTS.ClockAdvanced.tag:
      s[SCALAR.timeNs] += a[at];
      return;
    case EVENTS.McacheFlushed.tag:
      return spans.mcacheFlushed(w, a[at]);
    case EVENTS.HeapGrown.tag:
      return growHeap(w, a[at]);
    case EVENTS.Scavenged.tag:
      return scavengePages(w, a[at], a[at + 1]);
    case EVENTS.SweepFinished.tag:
      s[SCALAR.sweeping] = 0;
      return;
    default:
      return evolveCycle(w, kind, batch, at);
  }
}

function evolveCycle(w: World, kind: number, batch: EventBatch, at: number): void {
  const a = batch.args;
  const text = (cell: number): string =>
    decodeUtf8(batch.blob.subarray(a[cell], a[cell] + a[cell + 1]));
  switch (kind) {
    case tag.RunStarted:
      return cycle.runStarted(w, parseConfig(text(at)));
    case tag.SiteDefined:
      return mutator.siteDefined(w, a[at], a[at + 1], a[at + 2], a[at + 3], text(at + 4));
    case EVENTS.GCStarted.tag:
      return cycle.gcStarted(w, a[at], a[at + 1], a[at + 2], a[at + 3], a[at + 4]);
    case EVENTS.MarkAdvanced.tag:
      return cycle.markAdvanced(w, a[at], a[at + 1], a[at + 2], a[at + 3], a[at + 4], a[at + 5]);
    case EVENTS.GCMarkTerminated.tag:
      return cycle.gcMarkTerminated(w, a[at + 2], a[at + 3], a[at + 4], a[at + 5], a[at + 6]);
    case EVENTS.PacerCommitted.tag:
      return cycle.pacerCommitted(w, a[at], a[at + 1], a[at + 2]);
    case EVENTS.GCPercentSet.tag:
      return cycle.gcPercentSet(w, a[at]);
    case EVENTS.MemoryLimitSet.tag:
      return cycle.memoryLimitSet(w, a[at]);
    case EVENTS.PacerPrimed.tag:
      return cycle.pacerPrimed(w, a[at]);
    case EVENTS.RecordedCycleEnded.tag:
      w.scalars[SCALAR.recordedCycles] += 1;
      return;
    case EVENTS.RecordedCycleBegan.tag:
    case EVENTS.GCRequested.tag:
    case EVENTS.GCReturned.tag:
    case EVENTS.MemStatsRead.tag:
      return;
    default:
      throw new HeaptapeError('bad-data', `event tag ${kind} is not of this release`);
  }
}
