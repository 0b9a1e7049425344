/**
 * A recording run on the simulated heap, under an assumption about deaths.
 *
 * 1. Every row becomes a command: an allocation at its site, from its P and goroutine. Objects are held
 *    (each a root of its own) until the release plan lets them go.
 * 2. Program time follows the recorded clock, less what the recorded collector took from it: its
 *    pauses, and the share of its mark phases that went into assists. The simulated collector then
 *    adds its own.
 * 3. The recorded cycles are noted on the tape where they happened.
 *
 * Rows are taken in batches of about 32 KiB of allocation; time, releases and progress move between
 * batches. What bounds a batch (volume, a switch of P or goroutine, a recorded cycle, a new marking cost)
 * is on the tape too, so that the tape of a recording gives the same what-ifs as the recording.
 *
 * The rows that were alive at the start lie in spans that no P has cached: every mcache is flushed
 * after them, which the tape shows as a ReadMemStats.
 */

import type { BatchSink } from '@heaptape/core';
import { Decider, type EventWatcher, type RunConfig, SCALAR } from '@heaptape/core';
import { EVENTS } from '@heaptape/schema';
import type { Calibration } from './calibrate.ts';
import { type Assumption, ReleasePlan } from './deaths.ts';
import {
  BLOCK_ROWS,
  FREED_BEFORE,
  KIND_TINY_PART,
  type RecordedCycle,
  type Recording,
  readBlock,
} from './recording.ts';
import type { Survey } from './survey.ts';

/** Allocation volume between releases and clock steps, bytes. */
const BATCH_BYTES = 32 * 1024;
/** `ProcSwitched.p` for rows whose P is unknown. */
const UNKNOWN_PROC = 0xffff;
const TRIGGER_CODE = { heap: 0, forced: 1, periodic: 2 } as const;

export interface SimulationOptions {
  readonly assumption: Assumption;
  readonly config: RunConfig;
  readonly sink: BatchSink | null;
  readonly watcher?: EventWatcher;
  /** Gives up the recording's rows as they are played: it serves for this run only. */
  readonly consume?: boolean;
  /** Is given the decider before the first command. */
  readonly onStart?: (decider: Decider) => void;
  /** Called now and then with the share of rows done, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Runs the recording; the returned decider holds the final state. */
export function simulate(
  recording: Recording,
  survey: Survey,
  calibration: Calibration,
  options: SimulationOptions,
): Decider {
  const run = new Simulation(recording, survey, calibration, options);
  run.play();
  return run.decider;
}

class Simulation {
  readonly decider: Decider;
  readonly #recording: Recording;
  readonly #options: SimulationOptions;
  readonly #calibration: Calibration;
  readonly #plan: ReleasePlan;
  /** Simulated site of each recorded one; 0 until it is defined. */
  readonly #sites: Uint32Array;
  /** Rows from `#blockStart` up to `#blockEnd`, read ahead. */
  readonly #blockSite = new Uint32Array(BLOCK_ROWS);
  readonly #blockFreedBy = new Uint32Array(BLOCK_ROWS);
  #blockStart = 0;
  #blockEnd = 0;
  readonly #isPart: Uint8Array;
  readonly #slotBytes: Float64Array;
  #row = 0;
  #ordinal = 0;
  #volume = 0;
  #clock = 0;
  #schedule = 0;
  /** The P and goroutine that the recorded program runs. */
  #p = 0;
  #g = 0;
  #begun = 0;
  #ended = 0;
  #timeNs = 0;
  #costs = 0;

  constructor(
    recording: Recording,
    survey: Survey,
    calibration: Calibration,
    options: SimulationOptions,
  ) {
    this.#recording = recording;
    this.#options = options;
    this.#calibration = calibration;
    this.decider = new Decider(options.config, options.sink, options.watcher ?? null);
    options.onStart?.(this.decider);
    const { count, kind, slotBytes } = recording.sites;
    this.#sites = new Uint32Array(count);
    this.#isPart = Uint8Array.from({ length: count }, (_, i) => Number(kind[i] === KIND_TINY_PART));
    this.#slotBytes = Float64Array.from({ length: count }, (_, i) => slotBytes[i]);
    this.#plan = new ReleasePlan(survey, survey.beginOrdinal, options.assumption, (ordinal) => {
      this.decider.release(ordinal);
    });
    if (calibration.heapMarkedBefore > 0) this.decider.prime(calibration.heapMarkedBefore);
  }

  play(): void {
    const { allocs } = this.#recording;
    const { onProgress } = this.#options;
    const step = Math.max(1, Math.floor(allocs.count / 200));
    let next = step;
    while (this.#row < allocs.count) {
      this.#batch();
      this.#passTime(this.#row);
      this.#plan.advance(this.#ordinal, this.#volume);
      if (this.#row < next) continue;
      next = this.#row + step;
      onProgress?.(this.#row / allocs.count);
      if (this.#options.consume) {
        allocs.site.release?.(this.#row);
        allocs.freedBy.release?.(this.#row);
      }
    }
    if (this.#recording.startCount === allocs.count) this.#flushStart();
    this.#noteCycles(allocs.count);
    if (allocs.count === 0) this.#run(this.#timeTo(this.#recording.durationNs));
    this.decider.end();
  }

  /** Allocates rows until the batch is full or the schedule, or a recorded cycle, says otherwise. */
  #batch(): void {
    this.#flushStart();
    this.#switchProc();
    this.#noteCycles(this.#row);
    this.#setCosts();
    const end = Math.min(this.#recording.allocs.count, this.#nextBoundary());
    const full = this.#volume + BATCH_BYTES;
    while (this.#row < end && this.#volume < full) {
      if (this.#row === this.#blockEnd) this.#readBlock();
      this.#play(Math.min(end, this.#blockEnd), full);
    }
  }

  /** Allocates rows of the block up to `end`, or until the volume is `full`. */
  #play(end: number, full: number): void {
    const { decider } = this;
    const blockSite = this.#blockSite;
    const blockFreedBy = this.#blockFreedBy;
    const simulatedSites = this.#sites;
    const isPart = this.#isPart;
    const slotBytes = this.#slotBytes;
    const base = this.#blockStart;
    let row = this.#row;
    let volume = this.#volume;
    let ordinal = this.#ordinal;
    while (row < end && volume < full) {
      const at = row - base;
      row += 1;
      const site = blockSite[at];
      const simulated = simulatedSites[site] || this.#defineSite(site);
      if (isPart[site] !== 0) {
        decider.allocateTiny(simulated);
        continue;
      }
      const freedBy = blockFreedBy[at];
      decider.allocate(simulated, freedBy === 0 ? 0 : this.#foundDead(freedBy));
      ordinal += 1;
      volume += slotBytes[site];
    }
    this.#row = row;
    this.#volume = volume;
    this.#ordinal = ordinal;
  }

  #readBlock(): void {
    const { allocs } = this.#recording;
    const count = Math.min(BLOCK_ROWS, allocs.count - this.#row);
    readBlock(allocs.site, this.#row, count, this.#blockSite);
    readBlock(allocs.freedBy, this.#row, count, this.#blockFreedBy);
    this.#blockStart = this.#row;
    this.#blockEnd = this.#row + count;
  }

  #flushStart(): void {
    const { startCount } = this.#recording;
    if (startCount > 0 && this.#row === startCount) this.decider.readMemStats();
  }

  #foundDead(freedBy: number): number {
    if (this.#recording.cycles.length === 0) return 0;
    return freedBy === FREED_BEFORE ? 1 : freedBy - this.#ended;
  }

  #defineSite(site: number): number {
    const { sites, types } = this.#recording;
    const name = types.name[sites.type[site]] ?? '';
    const part = sites.kind[site] === KIND_TINY_PART;
    const noscan = (sites.spanClass[site] & 1) === 1 || part;
    const bytes = part ? 1 : sites.bytes[site];
    const scan = noscan ? 0 : Math.min(bytes, Math.max(8, sites.scanBytes[site]));
    this.#sites[site] = this.decider.defineSite(bytes, scan, !part, name);
    return this.#sites[site];
  }

  #switchProc(): void {
    const { schedule } = this.#recording;
    let moved = false;
    while (this.#schedule < schedule.count && schedule.firstRow.get(this.#schedule) <= this.#row) {
      this.#p = this.#procAt(this.#schedule);
      this.#g = schedule.goroutine.get(this.#schedule);
      this.#schedule += 1;
      moved = true;
    }
    // A switch that changes nothing is not on a tape, so it may not end a batch either.
    while (this.#schedule < schedule.count && this.#changesNothing(this.#schedule)) {
      this.#schedule += 1;
    }
    if (!moved) return;
    const p = Math.min(this.#p, this.#options.config.procs - 1);
    const { scalars } = this.decider.world;
    if (scalars[SCALAR.p] !== p || scalars[SCALAR.g] !== this.#g) {
      this.decider.switchProc(p, this.#g);
    }
  }

  /** The P of an entry of the schedule, in the recorded program. */
  #procAt(entry: number): number {
    const p = this.#recording.schedule.proc.get(entry);
    return p === UNKNOWN_PROC ? 0 : Math.min(p, this.#calibration.config.procs - 1);
  }

  #changesNothing(entry: number): boolean {
    const { schedule } = this.#recording;
    return this.#procAt(entry) === this.#p && schedule.goroutine.get(entry) === this.#g;
  }

  /** Marking costs what it cost in the recorded cycle nearest by. */
  #setCosts(): void {
    const { markCosts } = this.#calibration;
    while (this.#costs < markCosts.length && markCosts[this.#costs].fromRow <= this.#row) {
      const { nsPerUnit, markProcs, latencyNs } = markCosts[this.#costs];
      this.decider.setMarkCost(nsPerUnit, markProcs, latencyNs);
      this.#costs += 1;
    }
  }

  #nextBoundary(): number {
    const { schedule, cycles, startCount } = this.#recording;
    const { markCosts } = this.#calibration;
    let boundary = this.#row < startCount ? startCount : Infinity;
    if (this.#costs < markCosts.length) {
      boundary = Math.min(boundary, markCosts[this.#costs].fromRow);
    }
    if (this.#schedule < schedule.count) {
      boundary = Math.min(boundary, schedule.firstRow.get(this.#schedule));
    }
    if (this.#begun < cycles.length) boundary = Math.min(boundary, cycles[this.#begun].beginRow);
    if (this.#ended < cycles.length) boundary = Math.min(boundary, cycles[this.#ended].endRow);
    return Math.max(boundary, this.#row + 1);
  }

  #noteCycles(row: number): void {
    const { cycles } = this.#recording;
    for (;;) {
      const ending = this.#ended < this.#begun && cycles[this.#ended].endRow <= row;
      const beginning = this.#begun < cycles.length && cycles[this.#begun].beginRow <= row;
      if (ending) this.#noteEnd(cycles[this.#ended]);
      else if (beginning) this.#noteBegin(cycles[this.#begun]);
      else return;
    }
  }

  #noteBegin(c: RecordedCycle): void {
    this.#begun += 1;
    const trigger = TRIGGER_CODE[c.trigger];
    this.decider.annotate(EVENTS.RecordedCycleBegan.tag, [
      c.n,
      Math.floor(c.startNs),
      c.heapAtStart,
      c.heapGoal,
      trigger,
    ]);
    if (c.trigger === 'forced') this.decider.collect();
  }

  #noteEnd(c: RecordedCycle): void {
    this.#ended += 1;
    this.decider.annotate(EVENTS.RecordedCycleEnded.tag, [
      c.n,
      Math.floor(c.endNs),
      c.heapAtMarkEnd,
      c.heapMarked,
      c.nextGoal,
      Math.floor(c.stwSweepTermNs + c.stwMarkTermNs),
      Math.floor(c.assistNs),
    ]);
  }

  /**
   * Lets program time pass up to the last clock entry at or before `row`, and after the last row up to the
   * end of the recording: in one command, so that a tape tells for each batch what time it took.
   */
  #passTime(row: number): void {
    const { clock, allocs, durationNs } = this.#recording;
    let time = this.#timeNs;
    while (this.#clock < clock.count && clock.row.get(this.#clock) <= row) {
      time = clock.timeNs.get(this.#clock);
      this.#clock += 1;
    }
    let ns = this.#timeTo(time);
    if (row === allocs.count) ns += this.#timeTo(durationNs);
    this.#run(ns);
  }

  /** Program time up to a point in recorded time, ns, which is then past. */
  #timeTo(time: number): number {
    const passed = time - this.#timeNs;
    if (passed <= 0) return 0;
    this.#timeNs = time;
    return Math.floor(passed * this.#mutatorShare());
  }

  #run(ns: number): void {
    if (ns > 0) this.decider.run(ns);
  }

  /** Share of recorded time that the program itself had here. */
  #mutatorShare(): number {
    if (this.#recording.programTime || this.#ended >= this.#begun) return 1;
    const c = this.#recording.cycles[this.#ended];
    const length = c.endNs - c.startNs;
    if (length <= 0) return 1;
    const procs = Math.max(1, this.#recording.gomaxprocs);
    const taken = c.assistNs / procs;
    return Math.max(0.1, 1 - (c.stwSweepTermNs + taken) / length);
  }
}
