/**
 * The cycle, decided: when it starts, and what happens when it ends.
 *
 * 1. A cycle starts when the heap has reached the trigger, when the program asks for it, or when two
 *    minutes have passed. What is left to sweep is swept first, then the world stops.
 * 2. Virtual time moves with the program, and marking and sweeping with it.
 * 3. When nothing is grey (`marking.ts` says how that is found) the world stops again, the pacer measures the cycle and commits the next
 *    goal, mcaches are flushed, and sweeping begins in the background.
 *
 * Follows `runtime/mgc.go` gcStart, gcMarkDone and gcMarkTermination, and `proc.go` forcegchelper,
 * Go 1.26. Deviation: a finished mark is noticed at once.
 */
import { assert, EVENTS } from '@heaptape/schema';
import { type CacheGeometry, CacheModel, NO_CACHES } from '../collector/cachemodel.ts';
import { pauseOf } from '../collector/costs.ts';
import { FORCE_GC_PERIOD_NS } from '../collector/pacer_constants.ts';
import type { RunConfig } from '../control.ts';
import { TRIGGER } from '../evolve/cycle.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import type { Allocator } from './allocator.ts';
import type { Compactor } from './compactor.ts';
import type { Goroutines } from './goroutines.ts';
import type { Journal } from './journal.ts';
import type { Marker } from './marker.ts';
import { Marking } from './marking.ts';
import { Pacing } from './pacing.ts';
import type { Scavenger } from './scavenger.ts';
import type { Sweeper } from './sweeper.ts';

export class Collector {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #config: RunConfig;
  readonly #allocator: Allocator;
  readonly #sweeper: Sweeper;
  readonly #scavenger: Scavenger;
  readonly #compactor: Compactor;
  readonly #goroutines: Goroutines;
  readonly #pacing: Pacing;
  readonly #marking: Marking;
  #lastSweepNs = 0;
  #sweepCarry = 0;
  #cacheModel: CacheModel | null = null;

  constructor(
    journal: Journal,
    config: RunConfig,
    allocator: Allocator,
    sweeper: Sweeper,
    scavenger: Scavenger,
    goroutines: Goroutines,
    compactor: Compactor,
  ) {
    this.#compactor = compactor;
    this.#world = journal.world;
    this.#journal = journal;
    this.#config = config;
    this.#allocator = allocator;
    this.#sweeper = sweeper;
    this.#scavenger = scavenger;
    this.#goroutines = goroutines;
    this.#pacing = new Pacing(journal, config, sweeper, scavenger);
    this.#marking = new Marking(journal, config, this.#pacing);
  }

  get #now(): number {
    return this.#world.scalars[SCALAR.timeNs];
  }

  get marking(): boolean {
    return this.#world.scalars[SCALAR.gcphase] === 1;
  }

  get marker(): Marker {
    return this.#marking.marker;
  }

  /** Commits the first goal. */
  begin(): void {
    this.#pacing.commit();
  }

  /** The heap has changed size: the pacer is told. */
  heapChanged(): void {
    this.#pacing.sync();
  }

  /**
   * The running goroutine is about to allocate `bytes`. While marking it pays for that first; the
   * program time that took comes back, ns. What it cannot pay itself it waits for.
   */
  assist(bytes: number): number {
    if (!this.marking) return 0;
    const g = this.#world.scalars[SCALAR.g];
    return this.#marking.assists.charge(g, bytes) ? this.#assistNow() : 0;
  }

  #assistNow(): number {
    let ns = this.#marking.assist();
    if (this.#marking.foundEnd) this.#endMark();
    const leads = this.#marking.inDebt || this.#marking.waitNs === 0;
    // The assist's own time comes before whatever it leads to; programs of recordings run on while they wait.
    if (leads && this.#marking.hasPointers) ns = Math.max(0, this.#passMarking(ns));
    if (this.marking && this.#marking.inDebt) this.#waitForCredit();
    while (this.marking && this.#marking.waitNs === 0) this.#step();
    this.#pacing.timePassed(0);
    return ns;
  }

  /** An assist found no work left: its goroutine ends marking, or finds that there is more. */
  #endMark(): void {
    while (this.marking && this.#marking.foundEnd) {
      const wait = this.#marking.waitNs;
      if (wait > 0) this.#pass(wait);
      this.#step();
    }
  }

  /** The goroutine waits until background marking has paid its debt, or marking has ended. */
  #waitForCredit(): void {
    const marking = this.#marking;
    const from = this.#now;
    const debt = -marking.assists.balance;
    while (this.marking && marking.inDebt) {
      const wait = marking.creditWaitNs;
      if (wait > 0) this.#pass(wait);
      if (marking.waitNs === 0) this.#step();
      marking.pay();
    }
    const { scalars } = this.#world;
    this.#journal.emit(EVENTS.AssistWaited.tag, scalars[SCALAR.g], debt, this.#now - from);
  }

  /** A goroutine has ended: its assist credit goes back. */
  goroutineEnded(g: number): void {
    if (this.marking) this.#marking.ended(g);
  }

  /** The write barrier: a pointer store from reference `before` to `after` (word + 1; 0 is nil). */
  barrier(before: number, after: number): void {
    this.marker.barrier(this.#world.scalars[SCALAR.p], before, after);
  }

  /** A special was made: while marking, what it keeps is marked at once. */
  specialMade(special: number): void {
    if (this.marking) this.#marking.specialMade(special);
  }

  /** Program time that may pass before the collector has to get on, ns. */
  get patienceNs(): number {
    return this.marking ? this.#marking.patienceNs : Infinity;
  }

  /** Records marking by object, or by span, from here on. */
  setMarkDetail(fine: boolean): void {
    this.marker.setDetail(fine, this.marking);
  }

  /** Marking stops after single steps, or between rounds, from here on. */
  setMarkSteps(single: boolean): void {
    this.#marking.setSteps(single);
  }

  /** From the next cycle on counts what marking touches in such caches; null: no longer. */
  setCacheModel(geometry: CacheGeometry | null): void {
    const g = geometry ?? NO_CACHES;
    const { l1Bytes, l1Ways, l2Bytes, l2Ways, tlbEntries, tlbWays } = g;
    const tag = EVENTS.CacheModelSet.tag;
    this.#journal.emit(tag, l1Bytes, l1Ways, l2Bytes, l2Ways, tlbEntries, tlbWays);
    this.#cacheModel = geometry === null ? null : new CacheModel(geometry);
  }

  /**
   * Starts a cycle if the heap has reached the trigger. Call after the allocation that changed it:
   * the new object is in the program's registers and so a root of the cycle.
   */
  testTrigger(newest: number): void {
    if (this.marking) return;
    if (this.#world.scalars[SCALAR.heapLive] < this.#pacing.trigger) return;
    this.#start(TRIGGER.heap);
    this.marker.greyObjects(Int32Array.of(newest), this.#world.scalars[SCALAR.p]);
  }

  /**
   * The program computes for `ns`. Each step of marking that falls into it, and the end of marking, come
   * at their own time.
   */
  programRan(ns: number): void {
    const left = this.#passMarking(ns);
    while (this.marking && this.#marking.waitNs === 0) this.#step();
    if (left >= 1) this.#pass(Math.floor(left));
    this.#pacing.timePassed(0);
    if (this.marking) return;
    if (this.#world.scalars[SCALAR.sweeping] !== 0) this.#sweepInBackground();
    this.#testPeriod();
  }

  /** `ns` pass as long as marking goes on, with its steps; returns what is left when it has ended. */
  #passMarking(ns: number): number {
    let left = ns;
    while (this.marking && left > 0) {
      const wait = this.#marking.waitNs;
      if (wait === 0) {
        this.#step();
        continue;
      }
      const wall = Math.min(Math.ceil(left), wait);
      this.#pass(wall);
      left -= wall;
    }
    return left;
  }

  /** `ns` whole nanoseconds pass; the background scavenger works when its time comes. */
  #pass(ns: number): void {
    let left = ns;
    while (left > 0) {
      const step = Math.min(left, Math.ceil(this.#scavenger.waitNs));
      if (step > 0) this.#journal.emit(EVENTS.ClockAdvanced.tag, step);
      left -= step;
      if (this.#scavenger.waitNs === 0) this.#scavenger.run();
    }
  }

  /** runtime.GC(): a whole cycle and its sweep. */
  collect(): void {
    this.#journal.emit(EVENTS.GCRequested.tag);
    this.#collectNow();
  }

  /** debug.FreeOSMemory: a collection, and then no free page stays backed. */
  freeOSMemory(): void {
    this.#journal.emit(EVENTS.FreeOSMemoryRequested.tag);
    this.#collectNow();
    this.#pass(this.#scavenger.everything());
  }

  #collectNow(): void {
    this.#forceCycle();
    this.#sweeper.finish();
    this.#journal.emit(EVENTS.GCReturned.tag);
  }

  #forceCycle(): void {
    this.finishMark();
    this.#start(TRIGGER.forced);
    this.finishMark();
  }

  /** The first half of runtime.GC(), for a program whose other goroutines run while it sweeps. */
  callGC(): void {
    this.#journal.emit(EVENTS.GCCalled.tag);
    this.#forceCycle();
  }

  /** runtime.GC() sweeps a span and yields; false when none is left. */
  stepSweep(): boolean {
    if (this.#world.scalars[SCALAR.sweeping] === 0) return false;
    this.#journal.emit(EVENTS.SweepStepped.tag);
    return this.#sweeper.sweepOne();
  }

  /** runtime.GC() returns: everything is swept. */
  waitSweep(): void {
    this.#journal.emit(EVENTS.SweepWaited.tag);
    this.#sweeper.finish();
    this.#journal.emit(EVENTS.GCReturned.tag);
  }

  /** runtime.GOMAXPROCS. A running mark phase ends first, as stopping the world for it does. */
  setProcs(procs: number): void {
    this.finishMark();
    this.#journal.emit(EVENTS.ProcsSet.tag, procs);
    for (let p = procs; p < this.#world.tinyBlock.length; p += 1) this.#allocator.flush(p);
    this.#pacing.setProcs(procs);
    this.#marking.forgetProcs();
  }

  /** Marking costs this much from here on. */
  setMarkCost(nsPerUnit: number, markProcs: number, latencyNs: number): void {
    this.#marking.setMarkCost(nsPerUnit, markProcs, latencyNs);
  }

  /** Lets time pass until a running mark phase has ended. */
  finishMark(): void {
    while (this.marking) {
      const wait = this.#marking.waitNs;
      if (wait > 0) this.#pass(wait);
      this.#step();
    }
  }

  /** debug.SetGCPercent. Turning collection off waits for a running mark phase. */
  setGCPercent(percent: number): number {
    if (percent < 0) this.finishMark();
    return this.#pacing.setGCPercent(percent);
  }

  /** debug.SetMemoryLimit; 0 is none. */
  setMemoryLimit(bytes: number): void {
    this.#pacing.setMemoryLimit(bytes);
  }

  /** The process had collected before; its last cycle marked this much. */
  prime(heapMarked: number): void {
    this.#pacing.prime(heapMarked);
  }

  #testPeriod(): void {
    const { scalars, control } = this.#world;
    if (scalars[SCALAR.numGC] === 0 || control.pacer.gcPercent < 0) return;
    if (this.#now - scalars[SCALAR.lastGCNs] > FORCE_GC_PERIOD_NS) this.#start(TRIGGER.periodic);
  }

  #start(trigger: number): void {
    const { scalars } = this.#world;
    this.#sweeper.finish();
    // Their stacks count against a memory limit from here on.
    this.#goroutines.startWorkers();
    this.#pacing.sync();
    const n = scalars[SCALAR.numGC] + 1;
    const heapLive = scalars[SCALAR.heapLive];
    const goal = this.#pacing.heapGoal;
    const pause = pauseOf(this.#config.costs.sweepTermPauses, n);
    if (this.#world.specials.pools.length > 0) this.#journal.emit(EVENTS.PoolsCleaned.tag);
    this.#scavenger.wake();
    const { known } = this.#goroutines;
    const stacks = known ? scalars[SCALAR.goroutineStacks] : this.#config.stackBytes;
    this.#pacing.startCycle(stacks, () => {
      this.#journal.emit(EVENTS.GCStarted.tag, n, trigger, heapLive, goal, pause);
    });
    this.marker.setModel(this.#cacheModel);
    this.#cacheModel?.begin();
    this.#marking.begin(known ? this.#goroutines.scan() : [this.#config.stackBytes]);
  }

  #step(): void {
    if (this.#marking.step()) this.#terminate();
  }

  #terminate(): void {
    const { scalars } = this.#world;
    const elapsedNs = this.#now - scalars[SCALAR.cycleStartNs];
    const { workerNs, idleNs, assistNs } = this.#marking.account(elapsedNs);
    this.#pacing.sync();
    const heapAtMarkEnd = scalars[SCALAR.heapLive];
    const goal = this.#pacing.heapGoal;
    const marked = scalars[SCALAR.bytesMarked];
    const n = scalars[SCALAR.numGC] + 1;
    const pause = pauseOf(this.#config.costs.markTermPauses, n);
    const paused = this.#world.control.cycle.pauseNs + pause;
    const cpuNs = workerNs + assistNs + paused * scalars[SCALAR.procs];
    assert(!this.marker.workAvailable, 'marking ends with nothing grey');
    this.#recordTouches(marked);
    this.#goroutines.adaptStartingSize();
    this.#sweeper.begin();
    this.#pacing.endCycle(elapsedNs, assistNs, idleNs, () => {
      const { consMark } = this.#pacing;
      const tag = EVENTS.GCMarkTerminated.tag;
      this.#journal.emit(tag, n, heapAtMarkEnd, marked, goal, pause, consMark, cpuNs);
    });
    this.#scavenger.nextGeneration();
    if (scalars[SCALAR.unswept] === 0) this.#sweeper.done();
    this.#allocator.stacks.freeSpans();
    for (let p = 0; p < this.#world.tinyBlock.length; p += 1) this.#allocator.flush(p);
    if (this.#config.compact !== 0) this.#compact();
    this.#lastSweepNs = this.#now;
    this.#sweepCarry = 0;
  }

  /** The world is still stopped: everything is swept, then objects move. */
  #compact(): void {
    this.#sweeper.finish();
    this.#compactor.run();
  }

  #recordTouches(marked: number): void {
    const { model } = this.marker;
    if (model === null) return;
    const { touches, lines, pages, l1Misses, l2Misses, tlbMisses } = model.figures;
    const tag = EVENTS.MarkTouched.tag;
    this.#journal.emit(tag, marked, touches, lines, pages, l1Misses, l2Misses, tlbMisses);
  }

  #sweepInBackground(): void {
    const spans = (this.#now - this.#lastSweepNs) / this.#config.costs.sweepNsPerSpan;
    this.#lastSweepNs = this.#now;
    this.#sweepCarry += spans;
    while (this.#sweepCarry >= 1) {
      this.#sweepCarry -= 1;
      if (!this.#sweeper.sweepOne()) return;
    }
  }
}
