/**
 * The cycle, decided: when it starts, how marking runs beside the program, when it ends.
 *
 * 1. Virtual time moves with the program. While it does, marking proceeds at the speed of the workers:
 *    25 % of the Ps plus what idle Ps add, at the cost model's price of a unit. A step of work is done
 *    when it begins and the next one follows when its time has passed.
 * 2. Before the heap grows the program pays for it: what it owes beyond the background's credit it
 *    marks itself, an assist, which takes program time.
 * 3. When nothing is grey the world stops, the pacer measures the cycle and commits the next goal,
 *    mcaches are flushed, and sweeping begins in the background.
 *
 * Follows `runtime/mgc.go`, `mgcmark.go` gcAssistAlloc and `mgcpacer.go`, Go 1.26. Deviations: assists
 * are settled before refills and large allocations, not at each small one; credit is one pool; one program thread is running.
 */
import { assert, EVENTS } from '@heaptape/schema';
import { pauseOf } from '../collector/costs.ts';
import { Pacer } from '../collector/pacer.ts';
import { FORCE_GC_PERIOD_NS } from '../collector/pacer_constants.ts';
import type { RunConfig } from '../control.ts';
import { TRIGGER } from '../evolve/cycle.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import type { Allocator } from './allocator.ts';
import type { Journal } from './journal.ts';
import { Marker } from './marker.ts';
import type { Scavenger } from './scavenger.ts';
import type { Sweeper } from './sweeper.ts';

/** Marking is cut into about this many steps a cycle, none smaller than `MIN_STEP_UNITS`. */
const STEPS = 4;
const MIN_STEP_UNITS = 65536;
const BACKGROUND = 0.25;

export class Collector {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #allocator: Allocator;
  readonly #sweeper: Sweeper;
  readonly #scavenger: Scavenger;
  readonly #config: RunConfig;
  readonly #marker: Marker;
  readonly #pacer: Pacer;
  /** CPU time of one unit, ns; Ps that mark in the background; units a nanosecond they mark. */
  #nsPerUnit = 0;
  #markProcs = 0;
  #rate = 0;
  /** Time a cycle takes beyond its work, and what of it the running cycle has still to wait, ns. */
  #latencyNs = 0;
  #latencyLeft = 0;
  /** All work is done and paid for; only latency is left. */
  #idleWait = false;
  /** When the step under way will have been paid for, ns. */
  #nextStepNs = 0;
  #expectedUnits = 0;
  #cycleUnits = 0;
  #cycleScan = 0;
  /** heapScan as the pacer was last told. */
  #scanBasis = 0;
  /** Scan work that the background has in credit, and the time up to which it is counted. */
  #creditNs = 0;
  #credit = 0;
  #assistNs = 0;
  #lastSweepNs = 0;
  #sweepCarry = 0;

  constructor(
    journal: Journal,
    config: RunConfig,
    allocator: Allocator,
    sweeper: Sweeper,
    scavenger: Scavenger,
  ) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#config = config;
    this.#allocator = allocator;
    this.#sweeper = sweeper;
    this.#scavenger = scavenger;
    this.#marker = new Marker(journal);
    this.#pacer = new Pacer({
      gcPercent: config.gcPercent,
      memoryLimit: config.memoryLimit === 0 ? Infinity : config.memoryLimit,
    });
    this.#pacer.setRoots(config.stackBytes, config.globalsBytes);
    const procs = BACKGROUND * config.procs + config.costs.idleMarkProcs;
    this.#setRate(config.costs.markNsPerByte, procs);
  }

  #setRate(nsPerUnit: number, markProcs: number): void {
    this.#nsPerUnit = nsPerUnit;
    this.#markProcs = Math.min(this.#procs, markProcs);
    this.#rate = this.#markProcs / nsPerUnit;
  }

  /** Marking costs this much from here on. */
  setMarkCost(nsPerUnit: number, markProcs: number, latencyNs: number): void {
    this.#journal.emit(EVENTS.MarkCostSet.tag, nsPerUnit, markProcs, latencyNs);
    this.#setRate(nsPerUnit, markProcs);
    this.#latencyNs = latencyNs;
  }

  /** Share of all Ps that dedicated and fractional workers take while marking. */
  get #workerShare(): number {
    return Math.min(BACKGROUND, this.#markProcs / this.#procs);
  }

  get #procs(): number {
    return this.#world.scalars[SCALAR.procs];
  }

  get #now(): number {
    return this.#world.scalars[SCALAR.timeNs];
  }

  get marking(): boolean {
    return this.#world.scalars[SCALAR.gcphase] === 1;
  }

  get marker(): Marker {
    return this.#marker;
  }

  /** Commits the first goal. */
  begin(): void {
    this.#commit();
  }

  /** The heap has changed size: the pacer is told. */
  heapChanged(): void {
    this.#sync();
  }

  /**
   * The heap is about to grow by `bytes` while marking: the program first pays for them. Returns the
   * program time that took, ns. What cannot be paid because no work is left to do, the program waits
   * for: until marking has ended.
   */
  assist(bytes: number): number {
    if (!this.marking) return 0;
    const scanPerUnit = this.#cycleScan / this.#cycleUnits;
    this.#credit += (this.#now - this.#creditNs) * this.#rate * scanPerUnit;
    this.#creditNs = this.#now;
    const debt = bytes * this.#pacer.assistWorkPerByte;
    const stolen = Math.min(debt, this.#credit);
    this.#credit -= stolen;
    const owed = (debt - stolen) / scanPerUnit;
    const units = this.#markForProgram(owed);
    const cpuNs = units * Math.min(this.#nsPerUnit, this.#config.costs.markNsPerByte);
    this.#assistNs += cpuNs;
    if (units < owed) {
      if (this.#idleWait) this.#nextStepNs = this.#now;
      this.#latencyLeft = 0;
      this.finishMark();
    }
    return cpuNs / (this.#procs * (1 - this.#workerShare));
  }

  /**
   * Starts a cycle if the heap has reached the trigger. Call after the allocation that changed it:
   * the new object is in the program's registers and so a root of the cycle.
   */
  testTrigger(newest: number): void {
    if (this.marking) return;
    if (this.#world.scalars[SCALAR.heapLive] < this.#pacer.trigger) return;
    this.#start(TRIGGER.heap);
    this.#marker.greyObjects(Int32Array.of(newest));
  }

  /**
   * The program computes for `ns`. Each step of marking that falls into it, and the end of marking, come
   * at their own time.
   */
  programRan(ns: number): void {
    let left = ns;
    while (this.marking && left > 0) {
      if (this.#now >= this.#nextStepNs) {
        this.#step();
        continue;
      }
      const wall = Math.min(Math.ceil(left), Math.ceil(this.#nextStepNs - this.#now));
      this.#journal.emit(EVENTS.ClockAdvanced.tag, wall);
      left -= wall;
    }
    while (this.marking && this.#now >= this.#nextStepNs) this.#step();
    if (left >= 1) this.#journal.emit(EVENTS.ClockAdvanced.tag, Math.floor(left));
    if (this.marking) return;
    if (this.#world.scalars[SCALAR.sweeping] !== 0) this.#sweepInBackground();
    this.#testPeriod();
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
    this.#scavenger.everything();
  }

  #collectNow(): void {
    this.finishMark();
    this.#start(TRIGGER.forced);
    this.finishMark();
    this.#sweeper.finish();
    this.#journal.emit(EVENTS.GCReturned.tag);
  }

  /** runtime.GOMAXPROCS. A running mark phase ends first, as stopping the world for it does. */
  setProcs(procs: number): void {
    this.finishMark();
    this.#journal.emit(EVENTS.ProcsSet.tag, procs);
    for (let p = procs; p < this.#world.tinyBlock.length; p += 1) this.#allocator.flush(p);
    this.#setRate(this.#nsPerUnit, BACKGROUND * procs + this.#config.costs.idleMarkProcs);
  }

  /** Lets time pass until a running mark phase has ended. */
  finishMark(): void {
    while (this.marking) {
      const wait = Math.ceil(this.#nextStepNs - this.#now);
      if (wait > 0) this.#journal.emit(EVENTS.ClockAdvanced.tag, wait);
      this.#step();
    }
  }

  setGCPercent(percent: number): number {
    if (percent < 0) this.finishMark();
    this.#journal.emit(EVENTS.GCPercentSet.tag, Math.max(-1, percent));
    const old = this.#pacer.setGCPercent(percent, this.#sweepDone);
    this.#committed();
    return old;
  }

  /** `bytes` 0 is none. */
  setMemoryLimit(bytes: number): void {
    this.#journal.emit(EVENTS.MemoryLimitSet.tag, bytes);
    this.#syncMemory();
    this.#pacer.setMemoryLimit(bytes === 0 ? Infinity : bytes, this.#sweepDone);
    this.#committed();
  }

  /** The process had collected before; its last cycle marked this much. */
  prime(heapMarked: number): void {
    this.#journal.emit(EVENTS.PacerPrimed.tag, heapMarked);
    this.#pacer.resetLive(heapMarked);
    this.#commit();
  }

  get #sweepDone(): boolean {
    return this.#world.scalars[SCALAR.sweeping] === 0;
  }

  #sync(): void {
    const { scalars } = this.#world;
    const live = scalars[SCALAR.heapLive] - this.#pacer.heapLive;
    const scan = scalars[SCALAR.heapScan] - this.#scanBasis;
    this.#scanBasis = scalars[SCALAR.heapScan];
    this.#pacer.heapLiveAdd(live, scan);
    if (this.#world.control.pacer.memoryLimit > 0) this.#syncMemory();
  }

  #syncMemory(): void {
    const { scalars } = this.#world;
    this.#pacer.setMemory(
      this.#scavenger.mappedReady(),
      scalars[SCALAR.heapFree],
      scalars[SCALAR.totalAlloc],
      scalars[SCALAR.totalFree],
    );
  }

  #commit(): void {
    this.#syncMemory();
    this.#pacer.commit({ sweepDone: this.#sweepDone });
    this.#committed();
  }

  /** Records the goal in force and paces sweeper and scavenger by it. */
  #committed(): void {
    const goal = Math.min(this.#pacer.heapGoal, Number.MAX_SAFE_INTEGER);
    const trigger = Math.min(this.#pacer.trigger, Number.MAX_SAFE_INTEGER);
    const runway = Math.min(this.#pacer.runway, Number.MAX_SAFE_INTEGER);
    this.#journal.emit(EVENTS.PacerCommitted.tag, goal, trigger, runway);
    this.#sweeper.pace(trigger);
    this.#scavenger.pace(goal);
  }

  #testPeriod(): void {
    const { scalars, control } = this.#world;
    if (scalars[SCALAR.numGC] === 0 || control.pacer.gcPercent < 0) return;
    if (this.#now - scalars[SCALAR.lastGCNs] > FORCE_GC_PERIOD_NS) this.#start(TRIGGER.periodic);
  }

  #start(trigger: number): void {
    const { scalars } = this.#world;
    const { stackBytes, globalsBytes, costs } = this.#config;
    const procs = this.#procs;
    this.#sweeper.finish();
    this.#sync();
    const n = scalars[SCALAR.numGC] + 1;
    const heapLive = scalars[SCALAR.heapLive];
    const goal = Math.min(this.#pacer.heapGoal, Number.MAX_SAFE_INTEGER);
    const pause = pauseOf(costs.sweepTermPauses, n);
    this.#journal.emit(EVENTS.GCStarted.tag, n, trigger, heapLive, goal, pause);
    this.#pacer.startCycle({
      stackBytes,
      globalsBytes,
      scannableFraction: 0,
      procs,
      heapLive,
    });
    this.#credit = 0;
    this.#creditNs = this.#now;
    this.#assistNs = 0;
    this.#latencyLeft = this.#latencyNs;
    this.#idleWait = false;
    this.#marker.begin();
    this.#marker.greyObjects(this.#world.tinyBlock);
    this.#expectedUnits = Math.max(this.#cycleUnits, scalars[SCALAR.heapScan]);
    this.#cycleUnits = stackBytes + globalsBytes;
    this.#cycleScan = stackBytes + globalsBytes;
    this.#journal.emit(EVENTS.MarkAdvanced.tag, 0, stackBytes, globalsBytes, 0, 0, 0);
    this.#reviseWork(0, stackBytes, globalsBytes);
    this.#nextStepNs = this.#now + this.#cycleUnits / this.#rate;
  }

  #reviseWork(heapScanWork: number, stackScanWork: number, globalsScanWork: number): void {
    const work = { heapScanWork, stackScanWork, globalsScanWork };
    this.#pacer.revise({ heapLive: 0, heapScan: 0, ...work });
  }

  /** One step of marking, or the end of it. */
  #step(): void {
    if (this.#marker.drained) {
      if (this.#latencyLeft === 0) {
        this.#terminate();
        return;
      }
      this.#nextStepNs += this.#latencyLeft;
      this.#latencyLeft = 0;
      this.#idleWait = true;
      return;
    }
    this.#marker.step(Math.max(MIN_STEP_UNITS, this.#expectedUnits / STEPS));
    const { stepScan, stepUnits } = this.#marker;
    this.#cycleScan += stepScan;
    this.#cycleUnits += stepUnits;
    this.#journal.emit(EVENTS.MarkAdvanced.tag, stepScan, 0, 0, 0, 0, 0);
    this.#reviseWork(stepScan, 0, 0);
    this.#nextStepNs += stepUnits / this.#rate;
  }

  /** The program marks up to `owed` units, as far as there is work; returns how many it marked. */
  #markForProgram(owed: number): number {
    let left = owed;
    while (left > 0 && !this.#idleWait) {
      const waiting = Math.max(0, this.#nextStepNs - this.#now) * this.#rate;
      const taken = Math.min(left, waiting);
      this.#nextStepNs -= taken / this.#rate;
      left -= taken;
      if (left <= 0 || this.#marker.drained) break;
      this.#step();
    }
    return owed - left;
  }

  #terminate(): void {
    const { scalars } = this.#world;
    const { costs } = this.#config;
    const procs = this.#procs;
    const elapsedNs = this.#now - scalars[SCALAR.cycleStartNs];
    const workers = this.#workerShare * procs;
    const workerNs = Math.floor(workers * elapsedNs);
    const idleNs = Math.floor((this.#markProcs - workers) * elapsedNs);
    const assistNs = Math.floor(this.#assistNs);
    this.#journal.emit(EVENTS.MarkAdvanced.tag, 0, 0, 0, workerNs, idleNs, assistNs);
    this.#sync();
    const heapAtMarkEnd = scalars[SCALAR.heapLive];
    const goal = Math.min(this.#pacer.heapGoal, Number.MAX_SAFE_INTEGER);
    const bytesMarked = scalars[SCALAR.bytesMarked];
    this.#syncMemory();
    this.#pacer.endCycle({ bytesMarked, assistNs, elapsedNs, procs, idleNs });
    const n = scalars[SCALAR.numGC] + 1;
    const pause = pauseOf(costs.markTermPauses, n);
    const cpuNs = workerNs + assistNs + pause * procs;
    this.#journal.emit(
      EVENTS.GCMarkTerminated.tag,
      n,
      heapAtMarkEnd,
      bytesMarked,
      goal,
      pause,
      this.#pacer.consMark,
      cpuNs,
    );
    this.#scanBasis = scalars[SCALAR.heapScan];
    assert(this.#marker.drained, 'marking ends with nothing grey');
    this.#sweeper.begin();
    this.#committed();
    if (scalars[SCALAR.unswept] === 0) this.#journal.emit(EVENTS.SweepFinished.tag);
    for (let p = 0; p < this.#world.tinyBlock.length; p += 1) this.#allocator.flush(p);
    this.#lastSweepNs = this.#now;
    this.#sweepCarry = 0;
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
