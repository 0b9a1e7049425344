/**
 * From a tape back to the recording it was made of.
 *
 * A tape keeps everything of a recording that a what-if needs: each allocation with the number of
 * recorded mark terminations until it was found dead, the recorded cycles as annotations, program time,
 * and what marking cost where. Lost are workers' times, how a cycle's pause was divided, and Ps beyond
 * those that the run had. The releases on the tape are one assumption about deaths and are not
 * read. A tape without held objects was not made of a recording.
 */
import { type RunConfig, roundUpSize, sizeClasses } from '@heaptape/core';
import {
  decodeUtf8,
  EVENTS,
  type EventBatch,
  HeaptapeError,
  type TapeReader,
} from '@heaptape/schema';
import type { Calibration, MarkCost } from './calibrate.ts';
import { CycleScan, type NotedCycle } from './cycles.ts';
import { type Column, KIND_TINY_PART, type RecordedCycle, type Recording } from './recording.ts';
import { configOf } from './verify.ts';
import { eachEvent } from './walk.ts';

/** A growing column in chunks. */
class Numbers implements Column {
  readonly #chunks: Float64Array[] = [];
  length = 0;

  push(value: number): void {
    if ((this.length & 0xffff) === 0) this.#chunks.push(new Float64Array(0x10000));
    this.#chunks[this.length >> 16][this.length & 0xffff] = value;
    this.length += 1;
  }

  get(index: number): number {
    return this.#chunks[index >> 16][index & 0xffff];
  }
}

/** Bytes of the slot that an object of this class and size takes. Throws `bad-data` where there is no such class. */
export function slotBytesOf(spanClass: number, bytes: number): number {
  const { bytes: slot } = sizeClasses[Math.floor(spanClass / 2)] ?? noSuch('span class', spanClass);
  return spanClass < 2 ? roundUpSize(bytes, true) : slot;
}

function noSuch(what: string, number: number): never {
  throw new HeaptapeError('bad-data', `the tape has no ${what} ${number}`);
}

class Reading {
  readonly site = new Numbers();
  readonly freedBy = new Numbers();
  readonly firstRow = new Numbers();
  readonly proc = new Numbers();
  readonly goroutine = new Numbers();
  readonly clockRow = new Numbers();
  readonly clockNs = new Numbers();
  readonly begins: number[] = [];
  readonly ends: number[] = [];
  readonly markCosts: MarkCost[] = [];
  readonly sites = {
    count: 1,
    kind: [0],
    spanClass: [0],
    slotBytes: [0],
    bytes: [0],
    scanBytes: [0],
    type: [0],
  };
  readonly names: string[] = [''];
  held = 0;
  timeNs = 0;
  heapMarkedBefore = 0;
  startCount = 0;

  take(kind: number, batch: EventBatch, at: number): void {
    const a = batch.args;
    switch (kind) {
      case EVENTS.ObjectAllocated.tag:
        this.site.push(this.#known(a[at]));
        this.freedBy.push(a[at + 1] === 0 ? 0 : a[at + 1] + this.ends.length);
        return;
      case EVENTS.TinyAllocated.tag:
        this.site.push(this.#known(a[at]));
        this.freedBy.push(0);
        this.sites.kind[a[at]] = KIND_TINY_PART;
        return;
      case EVENTS.MutatorRan.tag:
        this.timeNs += a[at];
        this.clockRow.push(this.site.length);
        this.clockNs.push(this.timeNs);
        return;
      case EVENTS.ProcSwitched.tag:
        this.firstRow.push(this.site.length);
        this.proc.push(a[at]);
        this.goroutine.push(a[at + 1]);
        return;
      default:
        this.#takeRare(kind, batch, at);
    }
  }

  /** A site that has been defined. */
  #known(site: number): number {
    return site > 0 && site < this.sites.count ? site : noSuch('site', site);
  }

  #takeRare(kind: number, batch: EventBatch, at: number): void {
    const a = batch.args;
    if (kind === EVENTS.SiteDefined.tag) this.#defineSite(batch, at);
    else if (kind === EVENTS.RecordedCycleBegan.tag) this.begins.push(this.site.length);
    else if (kind === EVENTS.RecordedCycleEnded.tag) this.ends.push(this.site.length);
    else if (kind === EVENTS.MemStatsRead.tag) this.startCount = this.site.length;
    else if (kind === EVENTS.PacerPrimed.tag) this.heapMarkedBefore = a[at];
    else if (kind === EVENTS.MarkCostSet.tag) {
      const [nsPerUnit, markProcs, latencyNs] = [a[at], a[at + 1], a[at + 2]];
      this.markCosts.push({ fromRow: this.site.length, nsPerUnit, markProcs, latencyNs });
    }
  }

  #defineSite(batch: EventBatch, at: number): void {
    const a = batch.args;
    const { sites } = this;
    sites.count += 1;
    sites.kind.push(0);
    sites.bytes.push(a[at]);
    sites.scanBytes.push(a[at + 1]);
    this.held += a[at + 2];
    sites.spanClass.push(a[at + 3]);
    sites.slotBytes.push(slotBytesOf(a[at + 3], a[at]));
    sites.type.push(this.names.length);
    const from = a[at + 4];
    this.names.push(decodeUtf8(batch.blob.subarray(from, from + a[at + 5])));
  }
}

/** A column whose entries above `most` read 0: of a tape that ends early, what later cycles would have freed. */
function upTo(column: Column, most: number): Column {
  return {
    length: column.length,
    get: (index) => {
      const value = column.get(index);
      return value <= most ? value : 0;
    },
  };
}

/** Recording and calibration of a tape that was made of a recording; null for other tapes. */
export function recordingOf(
  reader: TapeReader,
): { readonly recording: Recording; readonly calibration: Calibration } | null {
  const reading = new Reading();
  const config = configOf(reader);
  const scan = new CycleScan(config.procs);
  eachEvent(reader, (kind, batch, at, seq) => {
    reading.take(kind, batch, at);
    scan.take(kind, batch.args, at, seq);
  });
  if (reading.held === 0) return null;
  const calibration: Calibration = {
    config,
    markCosts: reading.markCosts,
    heapMarkedBefore: reading.heapMarkedBefore,
    warnings: [],
  };
  return { recording: assemble(reading, scan.recorded, config), calibration };
}

function assemble(reading: Reading, noted: readonly NotedCycle[], config: RunConfig): Recording {
  const { begins, ends } = reading;
  if (noted.some((_, i) => !(begins[i] <= ends[i] && (i === 0 || begins[i] >= ends[i - 1])))) {
    throw new HeaptapeError('bad-data', 'the recorded cycles on the tape are out of order');
  }
  const cycles: RecordedCycle[] = noted.map((c, i) => ({
    n: i + 1,
    beginRow: begins[i],
    endRow: ends[i],
    startNs: c.startNs,
    endNs: c.endNs,
    heapAtStart: c.heapAtStart,
    heapAtMarkEnd: c.heapAtMarkEnd,
    heapMarked: c.heapMarked,
    heapGoal: c.heapGoal,
    nextGoal: c.nextGoal,
    trigger: c.forced ? 'forced' : 'heap',
    stwSweepTermNs: 0,
    stwMarkTermNs: c.pauseNs,
    assistNs: c.assistNs,
    workerNs: { dedicated: 0, fractional: 0, idle: 0 },
  }));
  return {
    layout: config.layout,
    durationNs: reading.timeNs,
    gomaxprocs: config.procs,
    types: { name: reading.names },
    sites: reading.sites,
    allocs: {
      count: reading.site.length,
      site: reading.site,
      freedBy: upTo(reading.freedBy, cycles.length),
    },
    startCount: reading.startCount,
    schedule: {
      count: reading.firstRow.length,
      firstRow: reading.firstRow,
      proc: reading.proc,
      goroutine: reading.goroutine,
    },
    clock: { count: reading.clockRow.length, row: reading.clockRow, timeNs: reading.clockNs },
    programTime: true,
    cycles,
  };
}
