/**
 * Marking in time: how fast the background marks, and what the program marks itself.
 *
 * 1. Workers mark at 25 % of the Ps plus what idle Ps add, at the cost model's price of a unit. A step
 *    of work is done when it begins, and the next one follows when its time has passed.
 * 2. Before the heap grows the program pays for it: what it owes beyond the background's credit it
 *    marks itself, an assist, which takes program time.
 * 3. A cycle may take time beyond its work (workers that were not scheduled at once): latency. A
 *    program that finds no work left to assist with ends the cycle without waiting for that.
 *
 * Follows `runtime/mgcmark.go` gcAssistAlloc, Go 1.26. Deviations: assists are settled before refills
 * and large allocations, not at each small one; credit is one pool; one program thread is running.
 */
import { EVENTS } from '@heaptape/schema';
import type { RunConfig } from '../control.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';
import { Marker } from './marker.ts';
import type { Pacing } from './pacing.ts';

/** Marking is cut into about this many steps a cycle, none smaller than `MIN_STEP_UNITS`. */
const STEPS = 4;
const MIN_STEP_UNITS = 65536;
const BACKGROUND = 0.25;

export class Marking {
  readonly marker: Marker;
  readonly #world: World;
  readonly #journal: Journal;
  readonly #pacing: Pacing;
  readonly #config: RunConfig;
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
  /** Scan work that the background has in credit, and the time up to which it is counted. */
  #credit = 0;
  #creditNs = 0;
  #assistNs = 0;

  constructor(journal: Journal, config: RunConfig, pacing: Pacing) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#config = config;
    this.#pacing = pacing;
    this.marker = new Marker(journal);
    this.setProcs(config.procs, config.costs.markNsPerByte);
  }

  get #now(): number {
    return this.#world.scalars[SCALAR.timeNs];
  }

  get #procs(): number {
    return this.#world.scalars[SCALAR.procs];
  }

  /** Time until the step under way is paid for, whole ns; 0 when it is. */
  get waitNs(): number {
    return Math.max(0, Math.ceil(this.#nextStepNs - this.#now));
  }

  /** Background marking on this many Ps, at the cost model's idle share. */
  setProcs(procs: number, nsPerUnit: number = this.#nsPerUnit): void {
    this.#setRate(nsPerUnit, BACKGROUND * procs + this.#config.costs.idleMarkProcs, procs);
  }

  /** Marking costs this much from here on. */
  setMarkCost(nsPerUnit: number, markProcs: number, latencyNs: number): void {
    this.#journal.emit(EVENTS.MarkCostSet.tag, nsPerUnit, markProcs, latencyNs);
    this.#setRate(nsPerUnit, markProcs, this.#procs);
    this.#latencyNs = latencyNs;
  }

  #setRate(nsPerUnit: number, markProcs: number, procs: number): void {
    this.#nsPerUnit = nsPerUnit;
    this.#markProcs = Math.min(procs, markProcs);
    this.#rate = this.#markProcs / nsPerUnit;
  }

  /** Ps' worth of dedicated and fractional workers. */
  get #workerProcs(): number {
    return Math.min(BACKGROUND * this.#procs, this.#markProcs);
  }

  /** A cycle has started: the roots are at hand, with that much of stacks to scan. */
  begin(stackBytes: number): void {
    const { globalsBytes } = this.#config;
    this.#credit = 0;
    this.#creditNs = this.#now;
    this.#assistNs = 0;
    this.#latencyLeft = this.#latencyNs;
    this.#idleWait = false;
    this.#expectedUnits = Math.max(this.#cycleUnits, this.#world.scalars[SCALAR.heapScan]);
    this.#cycleUnits = stackBytes + globalsBytes;
    this.#cycleScan = stackBytes + globalsBytes;
    this.#nextStepNs = this.#now + this.#cycleUnits / this.#rate;
    this.marker.begin();
    this.marker.greyObjects(this.#world.tinyBlock);
    this.#journal.emit(EVENTS.MarkAdvanced.tag, 0, stackBytes, globalsBytes, 0, 0, 0);
    this.#pacing.workDone(0, stackBytes, globalsBytes);
  }

  /** Takes the next step, once the one before is paid for. True when marking is over. */
  step(): boolean {
    if (this.marker.drained) {
      if (this.#latencyLeft === 0) return true;
      this.#nextStepNs += this.#latencyLeft;
      this.#latencyLeft = 0;
      this.#idleWait = true;
      return false;
    }
    this.#work();
    return false;
  }

  #work(): void {
    this.marker.step(Math.max(MIN_STEP_UNITS, this.#expectedUnits / STEPS));
    const { stepScan, stepUnits } = this.marker;
    this.#cycleScan += stepScan;
    this.#cycleUnits += stepUnits;
    this.#journal.emit(EVENTS.MarkAdvanced.tag, stepScan, 0, 0, 0, 0, 0);
    this.#pacing.workDone(stepScan, 0, 0);
    this.#nextStepNs += stepUnits / this.#rate;
  }

  /**
   * The heap is about to grow by `bytes`: the program pays first. Returns the program time that took,
   * ns, or -1 when there was not enough work to pay with: then it must wait until marking has ended.
   */
  assist(bytes: number): number {
    const scanPerUnit = this.#cycleUnits > 0 ? this.#cycleScan / this.#cycleUnits : 1;
    if (scanPerUnit === 0) return 0;
    this.#credit += (this.#now - this.#creditNs) * this.#rate * scanPerUnit;
    this.#creditNs = this.#now;
    const debt = bytes * this.#pacing.assistWorkPerByte;
    const stolen = Math.min(debt, this.#credit);
    this.#credit -= stolen;
    const owed = (debt - stolen) / scanPerUnit;
    if (owed === 0) return 0;
    const units = this.#markForProgram(owed);
    const cpuNs = units * Math.min(this.#nsPerUnit, this.#config.costs.markNsPerByte);
    this.#assistNs += cpuNs;
    this.#pacing.timePassed(cpuNs);
    if (units < owed) {
      if (this.#idleWait) this.#nextStepNs = this.#now;
      this.#latencyLeft = 0;
      return -1;
    }
    return cpuNs / (this.#procs - this.#workerProcs);
  }

  /** The program marks up to `owed` units, as far as there is work; returns how many it marked. */
  #markForProgram(owed: number): number {
    let left = owed;
    while (left > 0 && !this.#idleWait) {
      const waiting = Math.max(0, this.#nextStepNs - this.#now) * this.#rate;
      const taken = Math.min(left, waiting);
      this.#nextStepNs -= taken / this.#rate;
      left -= taken;
      if (left <= 0 || this.marker.drained) break;
      this.#work();
    }
    return owed - left;
  }

  /** What marking took in CPU time, after `elapsedNs` of it: records and returns it. */
  account(elapsedNs: number): { workerNs: number; idleNs: number; assistNs: number } {
    const workers = this.#workerProcs;
    const workerNs = Math.floor(workers * elapsedNs);
    const idleNs = Math.floor((this.#markProcs - workers) * elapsedNs);
    const assistNs = Math.floor(this.#assistNs);
    this.#journal.emit(EVENTS.MarkAdvanced.tag, 0, 0, 0, workerNs, idleNs, assistNs);
    return { workerNs, idleNs, assistNs };
  }
}
