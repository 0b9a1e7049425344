/**
 * Marking in time: rounds of background work, assists, and the end of marking.
 *
 * 1. The workers of a cycle mark in rounds. In a round each worker drains on its P as much as its share
 *    of time allows; the order of the workers and the length of their slices come from the run's seed.
 *    A round is decided when it begins, and the next one follows when its time has passed, so the program's
 *    stores fall between rounds. Programs with pointers get short rounds. A workload of held objects has no
 *    stores that could matter, and gets about eight rounds a cycle.
 * 2. Before an object is allocated its goroutine pays: see `assists.ts`. Assists take program time.
 * 3. A cycle may take time beyond its work (workers that were not scheduled at once): latency. A
 *    program that finds no work left to assist with ends the cycle without waiting for that.
 * 4. When no worker finds work, a ragged barrier has all Ps flush, again and again until none had
 *    anything. Then the world is stopped; a store in the meantime may have left work behind after all, and
 *    then marking goes on.
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
import { Background } from './background.ts';
import type { Journal } from './journal.ts';
import { Marker } from './marker.ts';
import { type MarkWorker, markWorkers, sharesOf, WORKER_MODE } from './markworkers.ts';
import type { Pacing } from './pacing.ts';
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
  #expectedUnits = 0;
  #slice = 0;
  /** The program has pointers. */
  #graph = false;
  /** What the marker had done when progress was last recorded. */
  #recordedUnits = 0;
  #recordedScan = 0;
  #assistNs = 0;

  constructor(journal: Journal, config: RunConfig, pacing: Pacing) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#config = config;
    this.#pacing = pacing;
    this.#random = new Random(config.seed);
    this.#nsPerUnit = config.costs.markNsPerByte;
    this.marker = new Marker(journal, config.collector === 'greentea');
    this.assists = new Assists(pacing, this.#background);
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
    return this.#graph ? this.waitNs : Infinity;
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

  /** A cycle has started: the roots are at hand, with that much of stacks to scan. */
  begin(stackBytes: number): void {
    const { globalsBytes } = this.#config;
    const w = this.#world;
    this.#assistNs = 0;
    this.#latencyLeft = this.#latencyNs;
    this.#stopping = false;
    this.#expectedUnits = Math.max(this.marker.units, w.scalars[SCALAR.heapScan]);
    this.#slice = Math.min(LARGEST_SLICE, Math.max(LEAST_SLICE, this.#expectedUnits / ROUNDS));
    this.#graph = w.words.length > 0 || w.rootCount > 0;
    this.#recordedUnits = 0;
    this.#recordedScan = 0;
    this.#startWorkers();
    this.#background.begin(this.#now);
    this.assists.begin();
    this.marker.begin();
    this.marker.greyObjects(w.tinyBlock, w.scalars[SCALAR.p]);
    this.#journal.emit(EVENTS.MarkAdvanced.tag, 0, stackBytes, globalsBytes, 0, 0, 0);
    this.#pacing.workDone(0, stackBytes, globalsBytes);
    const bytes = stackBytes + globalsBytes;
    this.#background.add(bytes, bytes, (bytes * this.#nsPerUnit) / sharesOf(this.#workers));
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
    this.#background.settle(this.#now);
    if (this.#stopping) return this.#stopped();
    if (this.#available) {
      if (this.#graph) this.#round();
      else this.#longRound();
      return false;
    }
    if (this.#latencyLeft > 0) {
      this.#background.pause(this.#latencyLeft);
      this.#latencyLeft = 0;
      return false;
    }
    const flushed = this.marker.raggedBarrier();
    this.#journal.emit(EVENTS.RaggedBarrierPassed.tag, flushed);
    if (flushed > 0) return false;
    if (!this.#graph) return this.#ended();
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
    this.#recordProgress();
    return true;
  }

  /** Each worker drains one slice. The round takes as long as its busiest worker. */
  #round(): void {
    const { marker } = this;
    const before = marker.units;
    const scanned = marker.scanned;
    const first = this.#random.below(this.#workers.length);
    let ns = 0;
    for (let i = 0; i < this.#workers.length; i += 1) {
      const { p, share } = this.#workers[(first + i) % this.#workers.length];
      const slice = this.#slice * share * (0.75 + this.#random.below(64) / 128);
      const units = marker.drain(p, slice, false);
      ns = Math.max(ns, (units * this.#nsPerUnit) / share);
    }
    this.#done(marker.units - before, marker.scanned - scanned, ns);
    const since = marker.units - this.#recordedUnits;
    if (since >= Math.max(MIN_RECORD_UNITS, this.#expectedUnits / RECORDS)) this.#recordProgress();
  }

  /** A good part of the cycle's work, spread over the workers. */
  #longRound(): void {
    const { marker } = this;
    const before = marker.units;
    const scanned = marker.scanned;
    const budget = Math.max(MIN_RECORD_UNITS, this.#expectedUnits / LONG_ROUNDS);
    for (let i = 0; marker.units - before < budget && this.#available; i += 1) {
      const { p } = this.#workers[i % this.#workers.length];
      marker.drain(p, Math.min(LARGEST_SLICE, budget - (marker.units - before)), false);
    }
    const units = marker.units - before;
    const ns = (units * this.#nsPerUnit) / sharesOf(this.#workers);
    this.#done(units, marker.scanned - scanned, ns);
    this.#recordProgress();
  }

  #done(units: number, scan: number, ns: number): void {
    this.#pacing.workDone(scan, 0, 0);
    this.#background.add(units, scan, ns);
  }

  #recordProgress(): void {
    const { marker } = this;
    marker.record();
    const scan = marker.scanned - this.#recordedScan;
    this.#recordedUnits = marker.units;
    this.#recordedScan = marker.scanned;
    if (scan > 0) this.#journal.emit(EVENTS.MarkAdvanced.tag, scan, 0, 0, 0, 0, 0);
  }

  /**
   * The running goroutine is in debt and pays. Returns the program time that took, ns; what is still
   * owed then shows in `inDebt`.
   */
  assist(): number {
    const { scalars } = this.#world;
    this.#background.settle(this.#now);
    const owed = this.assists.steal();
    if (owed === 0) return 0;
    const units = this.#markForProgram(owed);
    const cpuNs = units * Math.min(this.#nsPerUnit, this.#config.costs.markNsPerByte);
    this.#assistNs += cpuNs;
    this.#pacing.timePassed(cpuNs);
    if (this.#graph) return cpuNs;
    // The program of a recording runs on all Ps that do not mark.
    return cpuNs / (scalars[SCALAR.procs] - this.#backgroundProcs);
  }

  /** Whether the goroutine that allocates has to wait for credit. */
  get inDebt(): boolean {
    return this.assists.balance < 0 && !this.#pacing.limiting;
  }

  /** The running goroutine does up to `owed` scan work, as far as there is work; returns the units. */
  #markForProgram(owed: number): number {
    const taken = this.#background.takeOver(owed);
    const { marker } = this;
    const p = this.#world.scalars[SCALAR.p];
    const before = marker.units;
    const scanned = marker.scanned;
    while (taken.scan + marker.scanned - scanned < owed) {
      if (marker.drain(p, owed - taken.scan - (marker.scanned - scanned), true) === 0) break;
    }
    const scan = marker.scanned - scanned;
    if (scan > 0) this.#pacing.workDone(scan, 0, 0);
    this.assists.marked(taken.scan + scan);
    if (taken.scan + scan < owed && !this.#available) this.#ranDry();
    return taken.units + marker.units - before;
  }

  /** An assist found no work left: it ends the cycle itself, without latency. */
  #ranDry(): void {
    this.#latencyLeft = 0;
    if (!this.#stopping) this.#background.cut(this.#now);
  }

  /** Time until the goroutine that waits may have been paid, or until the next step, whole ns. */
  get creditWaitNs(): number {
    this.#background.settle(this.#now);
    return this.#background.nsUntilCredit(this.assists.workOwed);
  }

  /** Pays the goroutine that waits. */
  pay(): void {
    this.#background.settle(this.#now);
    this.assists.pay();
  }

  /** Ps' worth of dedicated and fractional workers. */
  get #backgroundProcs(): number {
    return sharesOf(this.#workers) - sharesOf(this.#workers, WORKER_MODE.idle);
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
