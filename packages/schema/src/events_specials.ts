/**
 * Events of specials: finalizers, cleanups and weak handles, their queues, and the pools that a cycle
 * empties. Also a runtime.GC() that lets the goroutines that run them have their turn as it sweeps.
 *
 * A special is a record beside an object, named by a running number from 1 that is never used again.
 * Only commands hand numbers out, so the same program gets the same numbers under other settings. The
 * number of a cleanup's special is also the cleanup's id. Functions are numbers of the program's own.
 */
import type { EventSpec } from './events.ts';
import { field } from './fields.ts';
import { row } from './row.ts';

const object = field('object', 'object', 'the object it is about');
const offset = field('offset', 'uint', 'byte in that object, counted from its start');
const fn = field('fn', 'uint', 'number of the function to call');
const closure = field('closure', 'object', 'closure of that function, kept alive; 0 is none');
const special = field('special', 'uint', 'number of the special');

export type SpecialEventName =
  | 'FinalizerSet'
  | 'FinalizerCleared'
  | 'CleanupAdded'
  | 'CleanupStopped'
  | 'WeakHandleMade'
  | 'WeakLoaded'
  | 'PoolRegistered'
  | 'FinalizerStarted'
  | 'FinalizerReturned'
  | 'CleanupStarted'
  | 'CleanupReturned'
  | 'GCCalled'
  | 'SweepStepped'
  | 'SweepWaited'
  | 'FinalizerQueued'
  | 'WeakCleared'
  | 'CleanupQueued'
  | 'CleanupBlockFilled'
  | 'CleanupsFlushed'
  | 'PoolsCleaned'
  | 'FinalizersScanned';

export const SPECIAL_EVENTS: Readonly<Record<SpecialEventName, EventSpec>> = {
  FinalizerSet: row(48, 'mutator', 'runtime.SetFinalizer gave an object a finalizer.', [
    object,
    offset,
    fn,
    closure,
  ]),
  FinalizerCleared: row(49, 'mutator', 'runtime.SetFinalizer(x, nil) took a finalizer off.', [
    object,
    offset,
  ]),
  CleanupAdded: row(50, 'mutator', 'runtime.AddCleanup gave an object a cleanup.', [
    object,
    offset,
    fn,
    field('arg', 'object', 'box of its argument, kept alive; 0 is none'),
    closure,
  ]),
  CleanupStopped: row(51, 'mutator', 'Cleanup.Stop was called.', [
    field('special', 'uint', 'number of the special; one that is queued runs all the same'),
  ]),
  WeakHandleMade: row(52, 'mutator', 'weak.Make gave an address its handle.', [
    object,
    offset,
    field('handle', 'object', 'the object that stands for the address'),
  ]),
  WeakLoaded: row(53, 'mutator', 'weak.Pointer.Value was called.', [
    field('handle', 'object', 'the handle'),
    field('result', 'object', 'the object it still leads to; 0 is nil'),
  ]),
  PoolRegistered: row(54, 'mutator', 'A sync.Pool is emptied by cycles from now on.', [
    field('localRoot', 'uint', 'root that holds its primary cache'),
    field('victimRoot', 'uint', 'root that holds its victim cache'),
  ]),
  FinalizerStarted: row(55, 'mutator', 'The finalizer goroutine calls a finalizer.', [special]),
  FinalizerReturned: row(56, 'mutator', 'The finalizer that ran has returned.'),
  CleanupStarted: row(57, 'mutator', 'A cleanup goroutine calls a cleanup.', [
    field('worker', 'uint', 'which of the cleanup goroutines'),
    special,
  ]),
  CleanupReturned: row(58, 'mutator', 'A cleanup has returned.', [special]),
  GCCalled: row(59, 'mutator', 'runtime.GC() was called: a whole cycle up to its sweep.'),
  SweepStepped: row(60, 'mutator', 'runtime.GC() sweeps a span, and then others have their turn.'),
  SweepWaited: row(61, 'mutator', 'runtime.GC() sweeps what is left, and returns.'),
  FinalizerQueued: row(64, 'collector', 'A sweep found an object dead: its finalizer is due.', [
    special,
  ]),
  WeakCleared: row(65, 'collector', 'A sweep found an object dead: its weak handle is nil.', [
    special,
  ]),
  CleanupQueued: row(66, 'collector', 'A sweep found an object dead: its cleanup is due.', [
    special,
  ]),
  CleanupBlockFilled: row(67, 'collector', 'The cleanups that a P has queued may run.', [
    field('p', 'uint', 'P'),
  ]),
  CleanupsFlushed: row(68, 'collector', 'The sweep is over: every queued cleanup may run.'),
  PoolsCleaned: row(69, 'collector', 'Primary caches of pools became victims, victims went.'),
  FinalizersScanned: row(70, 'collector', 'Contents of objects with finalizers were marked from.', [
    field('bytes', 'uint', 'their slots, which count as marked'),
  ]),
};
