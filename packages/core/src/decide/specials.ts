/**
 * Commands about specials: finalizers, cleanups, weak handles, and pools.
 *
 * 1. A change to an object's specials has its span swept first, and so has a weak load, so that no
 *    special is seen on an object that the last mark found dead. Checks come before that: a command
 *    that is refused changes nothing.
 * 2. A special made while marking is marked from at once, as its root job would have done.
 * 3. The finalizer goroutine and the cleanup goroutines ask for the next call here and tell when it has
 *    returned. Which one it was is on the tape. Decided again under other settings the program makes
 *    the calls that it made then, even where this run's collector has not got round to queueing them.
 *
 * Follows `runtime/mfinal.go`, `mcleanup.go` and `mheap.go` addspecial and getOrAddWeakHandle,
 * Go 1.26.
 */
import { EVENTS, HeaptapeError } from '@heaptape/schema';
import { wordAlive } from '../heap/check_pointers.ts';
import { MAX_PROCS } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { slotBytes } from '../heap/slots.ts';
import { findSpecial, SPECIAL_KIND, SPECIAL_STATE } from '../heap/specials.ts';
import type { World } from '../heap/world.ts';
import type { Collector } from './collector.ts';
import type { Journal } from './journal.ts';
import type { Sweeper } from './sweeper.ts';

/** A finalizer to call: function and closure as they were set, and the object it gets. */
export interface FinalizerCall {
  readonly object: number;
  readonly offset: number;
  readonly fn: number;
  readonly closure: number;
}

/** A cleanup to call. */
export interface CleanupCall {
  readonly id: number;
  readonly fn: number;
  readonly arg: number;
  readonly closure: number;
}

const MAX_FN = 2 ** 31 - 1;

function refuse(why: string): never {
  throw new HeaptapeError('refused', why);
}

/** Throws `refused` for a program of another run, which would not have gone on like this one. */
export function refuseOtherWay(why: string): never {
  throw new HeaptapeError(
    'refused',
    `the program would have gone another way: ${why} under these settings`,
    'what weak pointers, finalizers and pools give depends on when the collector comes',
  );
}

export class SpecialCommands {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #collector: Collector;
  readonly #sweeper: Sweeper;
  /** Special of each weak handle that still leads to its object. */
  readonly #handles = new Map<number, number>();

  constructor(journal: Journal, collector: Collector, sweeper: Sweeper) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#collector = collector;
    this.#sweeper = sweeper;
  }

  /**
   * runtime.SetFinalizer: function number `fn` is to be called with the byte `offset` of an object when
   * that is found dead; `closure` is kept alive for it. One at a byte, or `refused`.
   */
  setFinalizer(object: number, offset: number, fn: number, closure: number): void {
    const page = this.#spanAt(object, offset);
    this.#checkReference(closure);
    this.#checkFunction(fn);
    if (findSpecial(this.#world, object, offset, SPECIAL_KIND.finalizer) !== 0) {
      refuse(`object #${object} has a finalizer already`);
    }
    this.#sweeper.ensure(page);
    this.#journal.emit(EVENTS.FinalizerSet.tag, object, offset, fn, closure);
    this.#made();
  }

  /** runtime.SetFinalizer with nil. Whether there was one. */
  clearFinalizer(object: number, offset: number): boolean {
    this.#sweeper.ensure(this.#spanAt(object, offset));
    const special = findSpecial(this.#world, object, offset, SPECIAL_KIND.finalizer);
    this.#journal.emit(EVENTS.FinalizerCleared.tag, object, offset);
    return special !== 0;
  }

  /**
   * runtime.AddCleanup: `fn` is to be called when the object is gone; its argument (boxed in object `arg`)
   * and its closure are kept alive for it; 0 is none. Returns the number of its special, the cleanup's id.
   */
  addCleanup(object: number, offset: number, fn: number, arg: number, closure = 0): number {
    const page = this.#spanAt(object, offset);
    this.#checkReference(arg);
    this.#checkReference(closure);
    this.#checkFunction(fn);
    this.#sweeper.ensure(page);
    this.#journal.emit(EVENTS.CleanupAdded.tag, object, offset, fn, arg, closure);
    this.#made();
    return this.#world.specials.count;
  }

  /** Cleanup.Stop. Whether it came in time. */
  stopCleanup(id: number): boolean {
    const t = this.#world.specials;
    this.#checkKind(id, SPECIAL_KIND.cleanup);
    if (t.state[id] === SPECIAL_STATE.attached) {
      this.#sweeper.ensure(this.#world.spanAtWord(this.#world.objectWord[t.object[id]]));
    }
    const stopped = t.state[id] === SPECIAL_STATE.attached;
    this.#journal.emit(EVENTS.CleanupStopped.tag, id);
    return stopped;
  }

  /** weak.Make for a byte of an object without a handle: object `handle` becomes its handle. */
  weakHandle(object: number, offset: number, handle: number): void {
    const page = this.#spanAt(object, offset);
    this.#checkReference(handle);
    if (handle === 0) refuse('a weak handle is an object');
    if (findSpecial(this.#world, object, offset, SPECIAL_KIND.weakHandle) !== 0) {
      refuse(`object #${object} has a weak handle already`);
    }
    if (this.#handles.has(handle)) refuse(`object #${handle} is a weak handle already`);
    this.#sweeper.ensure(page);
    this.#journal.emit(EVENTS.WeakHandleMade.tag, object, offset, handle);
    this.#handles.set(handle, this.#world.specials.count);
    this.#made();
  }

  /** Reads only: the specials of an object that is alive are the same before and after a sweep. */
  weakHandleOf(object: number, offset: number): number {
    this.#spanAt(object, offset);
    const special = findSpecial(this.#world, object, offset, SPECIAL_KIND.weakHandle);
    return special === 0 ? 0 : this.#world.specials.arg[special];
  }

  /** weak.Pointer.Value: the object that a handle leads to, 0 once it was found dead. */
  weakLoad(handle: number): number {
    const result = this.#target(handle);
    this.#emitLoad(handle, result);
    return result;
  }

  /** The load is known to have given `expected`; the program could not have gone on with another. */
  weakLoadAs(handle: number, expected: number): void {
    const result = this.#target(handle);
    if (result !== expected) refuseOtherWay(`weak handle #${handle} leads to #${result}`);
    this.#emitLoad(handle, result);
  }

  #emitLoad(handle: number, result: number): void {
    this.#journal.emit(EVENTS.WeakLoaded.tag, handle, result);
    if (result !== 0 && this.#collector.marking) {
      this.#collector.marker.greyObjects(Int32Array.of(result), this.#world.scalars[SCALAR.p]);
    }
  }

  /** The object that a weak handle leads to, once the object's span has been swept; 0 is nil. */
  #target(handle: number): number {
    this.#checkReference(handle);
    const w = this.#world;
    const special = this.#handles.get(handle) ?? 0;
    if (special === 0) return 0;
    const t = w.specials;
    if (t.state[special] === SPECIAL_STATE.attached) {
      this.#sweeper.ensure(w.spanAtWord(w.objectWord[t.object[special]]));
    }
    if (t.state[special] === SPECIAL_STATE.attached) return t.object[special];
    this.#handles.delete(handle);
    return 0;
  }

  /** Every cycle moves what root `localRoot` holds to `victimRoot` from now on (sync.Pool). */
  registerPool(localRoot: number, victimRoot: number): void {
    if (!(localRoot >= 0 && victimRoot >= 0 && localRoot !== victimRoot)) {
      refuse(`a pool in roots ${localRoot} and ${victimRoot}`);
    }
    this.#journal.emit(EVENTS.PoolRegistered.tag, localRoot, victimRoot);
  }

  /** The finalizer goroutine takes the next finalizer to call; null when none is due. */
  takeFinalizer(): FinalizerCall | null {
    const { finq, finRunning } = this.#world.specials;
    const list = finRunning.length > 0 ? finRunning : finq;
    return list.length === 0 ? null : this.startFinalizer(list[list.length - 1]);
  }

  /** The finalizer goroutine calls this very finalizer, named by the number of its special. */
  startFinalizer(special: number): FinalizerCall {
    const t = this.#world.specials;
    this.#checkKind(special, SPECIAL_KIND.finalizer);
    if (t.finCurrent !== 0) refuse('the finalizer goroutine is busy');
    this.#checkDue(special);
    // An object that was found dead lives once more, even if its finalizer starts before it is queued.
    if (t.state[special] === SPECIAL_STATE.attached) {
      this.#sweeper.ensure(this.#world.spanAtWord(this.#world.objectWord[t.object[special]]));
    }
    const attached = t.state[special] === SPECIAL_STATE.attached;
    this.#journal.emit(EVENTS.FinalizerStarted.tag, special);
    const call = {
      object: t.object[special],
      offset: t.offset[special],
      fn: t.fn[special],
      closure: t.closure[special],
    };
    if (attached && this.#collector.marking) {
      this.#collector.marker.greyObjects(
        Int32Array.of(call.object, call.closure),
        this.#world.scalars[SCALAR.p],
      );
    }
    return call;
  }

  finalizerReturned(): void {
    if (this.#world.specials.finCurrent === 0) refuse('no finalizer is running');
    this.#journal.emit(EVENTS.FinalizerReturned.tag);
  }

  /** Cleanup goroutine `worker`, from 0, takes the next cleanup to call; null when none is due. */
  takeCleanup(worker = 0): CleanupCall | null {
    this.#checkWorker(worker);
    const { cleanupWorkers, cleanupBlocks } = this.#world.specials;
    let block = cleanupWorkers[worker]?.block ?? [];
    if (block.length === 0) block = cleanupBlocks[cleanupBlocks.length - 1] ?? [];
    return block.length === 0 ? null : this.startCleanup(worker, block[0]);
  }

  /** A cleanup goroutine calls this very cleanup. */
  startCleanup(worker: number, id: number): CleanupCall {
    const t = this.#world.specials;
    this.#checkWorker(worker);
    this.#checkKind(id, SPECIAL_KIND.cleanup);
    if ((t.cleanupWorkers[worker]?.running ?? 0) !== 0) {
      refuse(`cleanup goroutine ${worker} is busy`);
    }
    this.#checkDue(id);
    const attached = t.state[id] === SPECIAL_STATE.attached;
    this.#journal.emit(EVENTS.CleanupStarted.tag, worker, id);
    const call = { id, fn: t.fn[id], arg: t.arg[id], closure: t.closure[id] };
    if (attached && this.#collector.marking) {
      this.#collector.marker.greyObjects(
        Int32Array.of(call.arg, call.closure),
        this.#world.scalars[SCALAR.p],
      );
    }
    return call;
  }

  cleanupReturned(id: number): void {
    this.#checkKind(id, SPECIAL_KIND.cleanup);
    if (this.#world.specials.state[id] !== SPECIAL_STATE.running) {
      refuse(`cleanup ${id} is not running`);
    }
    this.#journal.emit(EVENTS.CleanupReturned.tag, id);
  }

  /** Marks from the special just made, while marking. */
  #made(): void {
    this.#collector.specialMade(this.#world.specials.count);
  }

  /** The span of an object that is there and has this byte. */
  #spanAt(object: number, offset: number): number {
    const w = this.#world;
    this.#checkReference(object);
    const word = object === 0 ? -1 : w.objectWord[object];
    if (!wordAlive(w, word)) refuse(`no object #${object}`);
    const page = w.spanAtWord(word);
    const room = slotBytes(w, page) - (((word - (page << 10)) * 8) % slotBytes(w, page));
    if (!(Number.isInteger(offset) && offset >= 0 && offset < room)) {
      refuse(`object #${object} has no byte ${offset}`);
    }
    return page;
  }

  #checkReference(object: number): void {
    if (!(object >= 0 && object < this.#world.scalars[SCALAR.nextOrdinal])) {
      refuse(`no object #${object}`);
    }
  }

  #checkFunction(fn: number): void {
    if (!(Number.isInteger(fn) && fn >= 0 && fn <= MAX_FN)) refuse(`no function ${fn}`);
  }

  #checkKind(special: number, kind: number): void {
    const t = this.#world.specials;
    if (!(special > 0 && special <= t.count && t.kind[special] === kind)) {
      refuse(`special ${special} is not of that kind`);
    }
  }

  /** A special that is gone, or runs, cannot start. */
  #checkDue(special: number): void {
    const state = this.#world.specials.state[special];
    if (state === SPECIAL_STATE.attached || state === SPECIAL_STATE.queued) return;
    refuse(`special ${special} has run, runs, or has been taken back`);
  }

  #checkWorker(worker: number): void {
    if (!(Number.isInteger(worker) && worker >= 0 && worker < MAX_PROCS)) {
      refuse(`no cleanup goroutine ${worker}`);
    }
  }
}
