/**
 * Projection: the mutator's part of a tape, issued again as commands.
 *
 * Deciding them anew under the same configuration gives the same tape, event for event (that is
 * verification); under another configuration it gives the same program's other run (that is a
 * what-if). The collector's events are outcomes and are skipped. Annotations of a recording change
 * no state and are carried over, so that the second tape keeps what was recorded.
 *
 * What a program reaches by pointers is there under any settings. What it got from a weak pointer, a
 * finalizer or a pool need not be: then the program itself would have gone another way, and the run ends
 * with `refused`. Runs without those pay nothing for it.
 */
import {
  assert,
  CELLS,
  cellsOf,
  decodeUtf8,
  EVENTS,
  type EventBatch,
  specOfTag,
} from '@heaptape/schema';
import type { Decider } from './decider.ts';
import { refuseOtherWay } from './specials.ts';

const ANNOTATION = 2;
const COMMAND = 1;

/** By tag: whether an event is a command's, an annotation, or neither. */
const KIND: Uint8Array = Uint8Array.from(CELLS, (_, tag) => {
  const role = specOfTag(tag)?.role;
  if (role === 'mutator') return COMMAND;
  return role === 'annotation' ? ANNOTATION : 0;
});

/** By tag: the argument cells that name an object by its ordinal. */
const OBJECT_CELLS: readonly (readonly number[])[] = Array.from(CELLS, (_, tag) => {
  const cells: number[] = [];
  let cell = 0;
  for (const { name, wire } of specOfTag(tag)?.fields ?? []) {
    if (wire === 'object' || (name === 'object' && wire === 'delta')) cells.push(cell);
    cell += cellsOf(wire);
  }
  return cells;
});

/** Which argument cells of events of this tag name objects by ordinal; 0 in one of them is none. */
export function objectCells(tag: number): readonly number[] {
  return OBJECT_CELLS[tag];
}

/** Whether `applyCommand` takes events of this tag: those of the mutator, and annotations. */
export function isCommand(tag: number): boolean {
  return KIND[tag] !== 0;
}

/**
 * Issues the event whose arguments start at `at` of `batch` as a command. Throws `refused` where the
 * run under way makes the command impossible.
 */
export function applyCommand(decider: Decider, tag: number, batch: EventBatch, at: number): void {
  const a = batch.args;
  if (decider.world.specials.inUse) expectObjects(decider, tag, a, at);
  switch (tag) {
    case EVENTS.ObjectAllocated.tag:
      decider.allocate(a[at], a[at + 1]);
      return;
    case EVENTS.PointerStored.tag:
      decider.storePointer(a[at], a[at + 1], a[at + 2]);
      return;
    case EVENTS.ObjectReleased.tag:
      decider.release(a[at]);
      return;
    case EVENTS.RootStored.tag:
      decider.storeRoot(a[at], a[at + 1]);
      return;
    case EVENTS.TinyAllocated.tag:
      decider.allocateTiny(a[at]);
      return;
    case EVENTS.ProcSwitched.tag:
      decider.switchProc(a[at], a[at + 1]);
      return;
    case EVENTS.MutatorRan.tag:
      decider.run(a[at]);
      return;
    default:
      applyRare(decider, tag, batch, at);
      return;
  }
}

/**
 * Throws `refused` unless every object that a command names is still there. A weak load finds out by
 * itself, and a handle that leads nowhere any more may be gone.
 */
function expectObjects({ owners }: Decider, tag: number, a: Float64Array, at: number): void {
  if (tag === EVENTS.WeakLoaded.tag) return;
  for (const cell of OBJECT_CELLS[tag]) {
    const object = a[at + cell];
    if (object === 0 || owners.isThere(object)) continue;
    refuseOtherWay(`object #${object} is gone`);
  }
}

function applyRare(decider: Decider, tag: number, batch: EventBatch, at: number): void {
  const a = batch.args;
  switch (tag) {
    case EVENTS.SiteDefined.tag: {
      const name = decodeUtf8(batch.blob.subarray(a[at + 4], a[at + 4] + a[at + 5]));
      decider.defineSite(a[at], a[at + 1], a[at + 2] !== 0, name);
      return;
    }
    case EVENTS.RootNamed.tag:
      decider.nameRoot(a[at], decodeUtf8(batch.blob.subarray(a[at + 1], a[at + 1] + a[at + 2])));
      return;
    case EVENTS.GCRequested.tag:
      decider.collect();
      return;
    case EVENTS.GCPercentSet.tag:
      decider.setGCPercent(a[at]);
      return;
    case EVENTS.MemoryLimitSet.tag:
      decider.setMemoryLimit(a[at]);
      return;
    case EVENTS.MemStatsRead.tag:
      decider.readMemStats();
      return;
    case EVENTS.PacerPrimed.tag:
      decider.prime(a[at]);
      return;
    case EVENTS.MarkCostSet.tag:
      decider.setMarkCost(a[at], a[at + 1], a[at + 2]);
      return;
    case EVENTS.TinyBlockSet.tag:
      decider.setTinyBlock(a[at], a[at + 1]);
      return;
    case EVENTS.ProcsSet.tag:
      decider.setProcs(a[at]);
      return;
    case EVENTS.FreeOSMemoryRequested.tag:
      decider.freeOSMemory();
      return;
    case EVENTS.MarkDetailSet.tag:
      decider.setMarkDetail(a[at] !== 0);
      return;
    case EVENTS.MarkStepsSet.tag:
      decider.setMarkSteps(a[at] !== 0);
      return;
    case EVENTS.CacheModelSet.tag: {
      const [l1Bytes, l1Ways, l2Bytes, l2Ways, tlbEntries, tlbWays] = a.subarray(at, at + 6);
      const geometry = { l1Bytes, l1Ways, l2Bytes, l2Ways, tlbEntries, tlbWays };
      decider.setCacheModel(l1Bytes === 0 ? null : geometry);
      return;
    }
    case EVENTS.GoroutineStarted.tag:
      decider.startGoroutine(a[at]);
      return;
    case EVENTS.GoroutineExited.tag:
      decider.exitGoroutine(a[at]);
      return;
    case EVENTS.StackUsed.tag:
      decider.useStack(a[at], a[at + 1]);
      return;
    default:
      applySpecial(decider, tag, batch, at);
  }
}

function applySpecial(decider: Decider, tag: number, batch: EventBatch, at: number): void {
  const a = batch.args;
  switch (tag) {
    case EVENTS.FinalizerSet.tag:
      decider.specials.setFinalizer(a[at], a[at + 1], a[at + 2], a[at + 3]);
      return;
    case EVENTS.FinalizerCleared.tag:
      decider.specials.clearFinalizer(a[at], a[at + 1]);
      return;
    case EVENTS.CleanupAdded.tag:
      decider.specials.addCleanup(a[at], a[at + 1], a[at + 2], a[at + 3], a[at + 4]);
      return;
    case EVENTS.CleanupStopped.tag:
      decider.specials.stopCleanup(a[at]);
      return;
    case EVENTS.WeakHandleMade.tag:
      decider.specials.weakHandle(a[at], a[at + 1], a[at + 2]);
      return;
    case EVENTS.WeakLoaded.tag:
      decider.specials.weakLoadAs(a[at], a[at + 1]);
      return;
    case EVENTS.PoolRegistered.tag:
      decider.specials.registerPool(a[at], a[at + 1]);
      return;
    case EVENTS.FinalizerStarted.tag:
      decider.specials.startFinalizer(a[at]);
      return;
    case EVENTS.FinalizerReturned.tag:
      decider.specials.finalizerReturned();
      return;
    case EVENTS.CleanupStarted.tag:
      decider.specials.startCleanup(a[at], a[at + 1]);
      return;
    case EVENTS.CleanupReturned.tag:
      decider.specials.cleanupReturned(a[at]);
      return;
    case EVENTS.GCCalled.tag:
      decider.callGC();
      return;
    case EVENTS.SweepStepped.tag:
      decider.stepSweep();
      return;
    case EVENTS.SweepWaited.tag:
      decider.waitSweep();
      return;
    default:
      assert(KIND[tag] === ANNOTATION, `event tag ${tag} is no command`);
      decider.annotate(tag, Array.from(a.subarray(at, at + CELLS[tag])));
  }
}
