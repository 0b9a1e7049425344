/**
 * Marking in time: rounds of background work, assists, and the end of marking.
 *
 * 1. The workers of a cycle mark in rounds. In a round each worker drains on its P as much as its share
 *    of time allows; the order of the workers and the length of their slices come from the run's seed.
 *    A round is decided when it begins, and the next one follows when its time has passed, so the program's
 *    stores fall between rounds. Programs with pointers get short rounds. A workload of held objects has no
 *    stores that could matter, and gets about eight rounds a cycle.
 * 2. Before an object is allocated its goroutine pays: see `assists.ts`. Assists take program time.
 * 3. The bytes of stacks and globals are work like any other. The pacer is told of work when its time has
 *    passed; the time of root bytes is spread over all workers. In a workload of held objects the workers
 *    begin with those bytes, and the pacer is told of a round when it begins.
 * 4. A cycle may take time beyond its work (workers that were not scheduled at once): latency. A
 *    goroutine that finds no work left to assist with ends the cycle itself, without waiting for that.
 * 5. When no worker finds work, a ragged barrier has all Ps flush, again and again until none had
 *    anything. Then the world is stopped; a store in the meantime may have left work behind after all, and
 *    then marking goes on.
 * 6. Where single steps are asked for (`setSteps`) a round is one step of one worker, and the ragged barrier
 *    comes to one P at a time.
 *
 * Follows `runtime/mgc.go` gcBgMarkWorker and gcMarkDone and `mgcmark.go` gcDrain, Go 1.26. Deviations: the
 * program runs one goroutine at a time; a worker takes nothing from what runs on its P.
 */
import { EVENTS } from '@heaptape/schema';
import { pauseOf } from '../collector/costs.ts';
import type { RunConfig } from '../control.ts';
import { TRIGGER } from '../evolve/cycle.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import { Assists } from './assists.ts';
import { Background, type Work } from './background.ts';
import type { Journal } from './journal.ts';
import { Marker } from './marker.ts';
import { MarkProgress } from './markprogress.ts';
import { type MarkWorker, markWorkers, sharesOf, WORKER_MODE } from './markworkers.ts';
import type { Pacing } from './pacing.ts';
import { RaggedBarrier } from './raggedbarrier.ts';
import { Random } from './random.ts';

/** Marks are recorded about so often a cycle, but not before so many units. */
const RECORDS = 3;
const MIN_RECORD_UNITS = 65536;
/** Rounds of a cycle of held objects, about, and of one with pointers. */
const LONG_ROUNDS = 8;
const ROUNDS = 256;
/** Bounds of a whole P's share of a round with pointers, units. */
const LEAST_SLICE = 512;
const LARGEST_SLICE = 65536;
/** Part of a P that assists have at least, beside a fractional worker. */
const PROGRAM_SHARE = 0.75;
/** Time between the ragged barrier and the moment at which the world has stopped, ns. */
const STOP_NS = 1000;

export class Marking {
  readonly marker: Marker;
  readonly assists: Assists;
  readonly #background = new Background();
  readonly #world: World;
  readonly #journal: Journal;
  readonly #pacing: Pacing;
  readonly #config: RunConfig;
  readonly #random: Random;
  #workers: MarkWorker[] = [];
  /** CPU time of one unit, ns; Ps that mark, where a recording says so. */
  #nsPerUnit: number;
  #markProcs: number | null = null;
  /** Time a cycle takes beyond its work, and what of it the running cycle has still to wait, ns. */
  #latencyNs = 0;
  #latencyLeft = 0;
  /** The world is being stopped to end marking. */
  #stopping = false;
  /** An assist found no work left, and no more has turned up. */
  foundEnd = false;
  /** Marking stops after single steps, so the ragged barrier comes to one P at a time. */
  #single = false;
  readonly #ragged: RaggedBarrier;
  #expectedUnits = 0;
  #slice = 0;
  /** The program has pointers: it is no workload of held objects. */
  hasPointers = false;
  readonly #progress: MarkProgress;
  #assistNs = 0;
  /** Virtual time at which the last assist is done; until then it holds what it found. */
  #assistUntilNs = 0;

  constructor(journal: Journal, config: RunConfig, pacing: Pacing) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#config = config;
    this.#pacing = pacing;
    this.#random = new Random(config.seed);
    this.#nsPerUnit = config.costs.markNsPerByte;
    this.marker = new Marker(journal, config.collector === 'greentea');
    this.assists = new Assists(pacing, this.#background);
    this.#ragged = new RaggedBarrier(this.marker, this.#background);
    this.#progress = new MarkProgress(journal, this.marker, this.#background, pacing);
  }

  get #now(): number {
    return this.#world.scalars[SCALAR.timeNs];
  }

  /** Time until the next step, whole ns; 0 when it is due. */
  get waitNs(): number {
    return Math.max(0, Math.ceil(this.#background.untilNs - this.#now));
  }

  /** Program time that may pass before marking has to get on, ns. */
  get patienceNs(): number {
    return this.hasPointers ? this.waitNs : Infinity;
  }

  /** The number of Ps has changed: what a recording said of them is void. */
  forgetProcs(): void {
    this.#markProcs = null;
  }

  /** Marking costs this much from here on. */
  setMarkCost(nsPerUnit: number, markProcs: number, latencyNs: number): void {
    this.#journal.emit(EVENTS.MarkCostSet.tag, nsPerUnit, markProcs, latencyNs);
    this.#nsPerUnit = nsPerUnit;
    this.#markProcs = markProcs;
    this.#latencyNs = latencyNs;
  }

  /** Marking stops after single steps, or between rounds, from here on. */
  setSteps(single: boolean): void {
    this.#journal.emit(EVENTS.MarkStepsSet.tag, single ? 1 : 0);
    this.#single = single;
    this.marker.setSteps(single);
  }

  /** A cycle has started: the roots are at hand, with stacks of so many bytes each. */
  begin(stacks: readonly number[]): void {
    const w = this.#world;
    this.#assistNs = 0;
    this.#latencyLeft = this.#latencyNs;
    this.#stopping = false;
    this.#ragged.begin();
    this.foundEnd = false;
    this.#expectedUnits = Math.max(this.marker.units, w.scalars[SCALAR.heapScan]);
    this.#slice = Math.min(LARGEST_SLICE, Math.max(LEAST_SLICE, this.#expectedUnits / ROUNDS));
    this.hasPointers = w.words.length > 0 || w.rootCount > 0;
    this.#progress.begin();
    this.#startWorkers();
    this.#background.begin(this.#now, !this.hasPointers);
    this.assists.begin();
    if (this.hasPointers) this.marker.begin(this.#config.globalsBytes, stacks);
    else this.marker.begin(0, []);
    this.marker.greyObjects(w.tinyBlock, w.scalars[SCALAR.p]);
    if (!this.hasPointers) this.#chargeRoots(stacks);
  }

  /** Workers begin with the roots of a workload of held objects, which hold nothing. */
  #chargeRoots(each: readonly number[]): void {
    const globals = this.#config.globalsBytes;
    const stacks = each.reduce((sum, bytes) => sum + bytes, 0);
    const units = stacks + globals;
    this.#journal.emit(EVENTS.MarkAdvanced.tag, 0, stacks, globals, 0, 0, 0);
    const ns = (units * this.#nsPerUnit) / sharesOf(this.#workers);
    this.#background.add({ units, heap: 0, stacks, globals }, ns);
    this.#progress.tellPacer();
  }

  /** Time is what it is: what workers have done by now is done, and the pacer knows. */
  #settle(): void {
    this.#background.settle(this.#now);
    this.#progress.tellPacer();
  }

  #startWorkers(): void {
    const procs = this.#world.scalars[SCALAR.procs];
    const periodic = this.#world.control.cycle.trigger === TRIGGER.periodic;
    const { idleMarkProcs } = this.#config.costs;
    const random = this.#random;
    this.#workers = markWorkers(procs, periodic, idleMarkProcs, this.#markProcs, random);
    for (const { p, mode, share } of this.#workers) {
      this.#journal.emit(EVENTS.MarkWorkerStarted.tag, p, mode, share);
    }
  }

  get #available(): boolean {
    if (this.marker.workAvailable) return true;
    return this.#workers.some(({ p }) => this.marker.hasLocalWork(p));
  }

  /** Takes the next step, once the one before is paid for. True when the world has stopped for good. */
  step(): boolean {
    this.#settle();
    const assistNs = Math.ceil(this.#assistUntilNs - this.#now);
    if (assistNs > 0 && (this.#stopping || !this.#available)) {
      this.#background.pause(assistNs);
      return false;
    }
    if (this.#stopping) return this.#stopped();
    if (this.#available) {
      this.foundEnd = false;
      if (this.hasPointers && this.#single) this.#singleStep();
      else if (this.hasPointers) this.#round();
      else this.#longRound();
      return false;
    }
    if (this.#latencyLeft > 0) {
      this.#background.pause(this.#latencyLeft);
      this.#latencyLeft = 0;
      return false;
    }
    const flushed = this.#single ? this.#ragged.visit() : this.marker.raggedBarrier();
    if (flushed === null) return false;
    this.#journal.emit(EVENTS.RaggedBarrierPassed.tag, flushed);
    if (flushed > 0) return false;
    // With single steps the program may have stored its first pointer on a P that was visited.
    if (!this.hasPointers && !this.#single) return this.#ended();
    this.#stopping = true;
    this.#background.pause(STOP_NS);
    return false;
  }

  /** The world has stopped. */
  #stopped(): boolean {
    this.#stopping = false;
    if (this.marker.stopped()) return this.#ended();
    const n = this.#world.scalars[SCALAR.numGC] + 1;
    const pause = pauseOf(this.#config.costs.markTermPauses, n);
    this.#journal.emit(EVENTS.MarkRestarted.tag, pause);
    this.#background.pause(pause);
    return false;
  }

  #ended(): boolean {
    this.#progress.record();
    return true;
  }

  /** Each worker drains one slice. The round takes as long as its busiest worker. */
  #round(): void {
    const { marker } = this;
    const work = this.#workSoFar;
    const first = this.#random.below(this.#workers.length);
    let ns = 0;
    for (let i = 0; i < this.#workers.length; i += 1) {
      const { p, share } = this.#workers[(first + i) % this.#workers.length];
      const slice = this.#slice * share * (0.75 + this.#random.below(64) / 128);
      const roots = marker.rootBytes.scanned;
      const units = marker.drain(p, slice, false) - (marker.rootBytes.scanned - roots);
      ns = Math.max(ns, (units * this.#nsPerUnit) / share);
    }
    const roots = marker.rootBytes.scanned - work.stacks - work.globals;
    this.#done(work, ns + (roots * this.#nsPerUnit) / sharesOf(this.#workers));
    const since = this.#progress.unrecorded;
    if (since >= Math.max(MIN_RECORD_UNITS, this.#expectedUnits / RECORDS)) this.#progress.record();
  }

  /** One worker, by chance, does one thing. */
  #singleStep(): void {
    const work = this.#workSoFar;
    const { p, share } = this.#workers[this.#random.below(this.#workers.length)];
    const units = this.marker.drain(p, 1, false);
    this.#done(work, (units * this.#nsPerUnit) / share);
  }

  /** A good part of the cycle's work, spread over the workers. */
  #longRound(): void {
    const { marker } = this;
    const work = this.#workSoFar;
    const before = work.units;
    const budget = Math.max(MIN_RECORD_UNITS, this.#expectedUnits / LONG_ROUNDS);
    for (let i = 0; marker.units - before < budget && this.#available; i += 1) {
      const { p } = this.#workers[i % this.#workers.length];
      marker.drain(p, Math.min(LARGEST_SLICE, budget - (marker.units - before)), false);
    }
    const units = marker.units - before;
    this.#done(work, (units * this.#nsPerUnit) / sharesOf(this.#workers));
    this.#progress.record();
  }

  get #workSoFar(): Work {
    const { units, heapScanned, rootBytes } = this.marker;
    const { stacksScanned, globalsScanned } = rootBytes;
    return { units, heap: heapScanned, stacks: stacksScanned, globals: globalsScanned };
  }

  /** Workers do what has been decided since then in the next `ns`. */
  #done(since: Work, ns: number): void {
    const { units, heap, stacks, globals } = this.#workSoFar;
    this.#background.add(
      {
        units: units - since.units,
        heap: heap - since.heap,
        stacks: stacks - since.stacks,
        globals: globals - since.globals,
      },
      ns,
    );
    this.#progress.tellPacer();
  }

  /**
   * The running goroutine is in debt and pays. Returns the program time that took, ns; if it found the end
   * (`foundEnd`) of a program with pointers, that time comes before the next step instead. What is still
   * owed then shows in `inDebt`.
   */
  assist(): number {
    const { scalars } = this.#world;
    this.#settle();
    const owed = this.assists.steal();
    const units = owed === 0 ? 0 : this.#markForProgram(owed);
    const cpuNs = units * Math.min(this.#nsPerUnit, this.#config.costs.markNsPerByte);
    this.assists.record(this.#journal, cpuNs);
    if (owed === 0) return 0;
    this.#assistNs += cpuNs;
    this.#pacing.timePassed(cpuNs);
    // The program of a recording runs on all Ps that do not mark.
    if (!this.hasPointers) {
      if (this.foundEnd) this.#background.cut(this.#now);
      return cpuNs / (scalars[SCALAR.procs] - this.#backgroundProcs);
    }
    // On a single P the background worker has its quarter of that time.
    const share = Math.min(1, scalars[SCALAR.procs] - this.#backgroundProcs);
    const ns = cpuNs / Math.max(PROGRAM_SHARE, share);
    this.#assistUntilNs = this.#now + ns;
    if (!this.foundEnd) return ns;
    if (!this.#stopping) this.#background.cut(this.#now + ns);
    this.#progress.tellPacer();
    return 0;
  }

  /** Whether the goroutine that allocates has to wait for credit. */
  get inDebt(): boolean {
    return this.assists.balance < 0 && !this.#pacing.limiting;
  }

  /** The running goroutine does up to `owed` scan work, as far as there is work; returns the units. */
  #markForProgram(owed: number): number {
    const taken = this.#background.takeOver(owed);
    this.#progress.tellPacer();
    const { marker } = this;
    const p = this.#world.scalars[SCALAR.p];
    const before = this.#workSoFar;
    const { scanned } = marker;
    while (taken.scan + marker.scanned - scanned < owed) {
      if (marker.drain(p, owed - taken.scan - (marker.scanned - scanned), true) === 0) break;
    }
    const scan = marker.scanned - scanned;
    const { units, heap, stacks, globals } = this.#workSoFar;
    if (scan > 0) {
      this.#pacing.workDone(heap - before.heap, stacks - before.stacks, globals - before.globals);
    }
    this.assists.marked(taken.scan + scan);
    if (taken.scan + scan < owed && !this.#available) {
      this.#latencyLeft = 0;
      this.foundEnd = true;
    }
    return taken.units + units - before.units;
  }

  /** Time until the goroutine that waits may have been paid, or until the next step, whole ns. */
  get creditWaitNs(): number {
    this.#settle();
    return this.#background.nsUntilCredit(this.assists.workOwed);
  }

  /** A goroutine ends, and its credit goes back at the ratio of this moment. */
  ended(g: number): void {
    this.#settle();
    this.assists.ended(g);
  }

  /** Pays the goroutine that waits. */
  pay(): void {
    this.#settle();
    this.assists.pay();
  }

  /** Ps' worth of dedicated and fractional workers. */
  get #backgroundProcs(): number {
    return sharesOf(this.#workers) - sharesOf(this.#workers, WORKER_MODE.idle);
  }

  /** A special was made while marking: what that scans is work like any other. */
  specialMade(special: number): void {
    const { marker } = this;
    const scanned = marker.heapScanned;
    marker.specialMade(special);
    if (marker.heapScanned > scanned) this.#pacing.workDone(marker.heapScanned - scanned, 0, 0);
  }

  /** What marking took in CPU time, after `elapsedNs` of it: records and returns it. */
  account(elapsedNs: number): { workerNs: number; idleNs: number; assistNs: number } {
    for (const { p, mode, share } of this.#workers) {
      this.#journal.emit(EVENTS.MarkWorkerStopped.tag, p, mode, Math.floor(share * elapsedNs));
    }
    const workerNs = Math.floor(this.#backgroundProcs * elapsedNs);
    const idleNs = Math.floor(sharesOf(this.#workers, WORKER_MODE.idle) * elapsedNs);
    const assistNs = Math.floor(this.#assistNs);
    this.#journal.emit(EVENTS.MarkAdvanced.tag, 0, 0, 0, workerNs, idleNs, assistNs);
    return { workerNs, idleNs, assistNs };
  }
}
