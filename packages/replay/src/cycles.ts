/** The GC cycles on a tape: those it simulated, and those its recording noted. */
import { EVENTS, type TapeReader } from '@heaptape/schema';
import { cutOf } from './beginning.ts';
import { configOf } from './verify.ts';
import { eachEvent } from './walk.ts';

/** A simulated cycle as its events state it. Bytes and virtual ns; pauses exclude the time between. */
export interface TapeCycle {
  readonly n: number;
  /** 0 heap, 1 runtime.GC, 2 periodic. */
  readonly trigger: number;
  /** The events that began and ended marking. */
  readonly startSeq: number;
  readonly endSeq: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly heapAtStart: number;
  readonly heapAtMarkEnd: number;
  readonly heapMarked: number;
  readonly heapGoal: number;
  readonly sweepTermPauseNs: number;
  readonly markTermPauseNs: number;
  readonly workerNs: number;
  readonly idleNs: number;
  readonly assistNs: number;
  /** Bytes scanned. */
  readonly stackScanWork: number;
  readonly globalsScanWork: number;
  /** GOMAXPROCS. */
  readonly procs: number;
  /** Share of the CPU time since the start that the collector took up to the end, idle workers left out. */
  readonly gcCpuFraction: number;
}

/** A cycle that the recorded program went through. */
export interface NotedCycle {
  readonly n: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly heapAtStart: number;
  readonly heapAtMarkEnd: number;
  readonly heapMarked: number;
  readonly heapGoal: number;
  readonly nextGoal: number;
  readonly forced: boolean;
  readonly pauseNs: number;
  readonly assistNs: number;
}

export interface TapeCycles {
  readonly simulated: readonly TapeCycle[];
  readonly recorded: readonly NotedCycle[];
  /** Virtual time at the end of the tape, ns. */
  readonly endNs: number;
}

type Cells = Float64Array;

/** Gathers cycles from one pass over the rare events of a tape. */
export class CycleScan {
  readonly simulated: TapeCycle[] = [];
  readonly recorded: NotedCycle[] = [];
  timeNs: number;
  #start: { seq: number; ns: number; trigger: number; heap: number; pause: number } | null = null;
  #work = { worker: 0, idle: 0, assist: 0, stack: 0, globals: 0 };
  /** Pauses of the running cycle that did not end marking. */
  #restarts = 0;
  #procs: number;
  /** CPU time that the Ps offered up to `#cpuSinceNs`, and that cycles took, ns. */
  #cpuNs = 0;
  #cpuSinceNs = 0;
  #gcCpuNs = 0;
  #noted: { n: number; ns: number; heap: number; goal: number; forced: boolean } | null = null;

  /** `procs`: GOMAXPROCS at the start of the tape; `timeNs`: virtual time there. */
  constructor(procs: number, timeNs = 0) {
    this.#procs = procs;
    this.timeNs = timeNs;
  }

  take(kind: number, a: Cells, at: number, seq: number): void {
    if (kind === EVENTS.ClockAdvanced.tag) this.timeNs += a[at];
    else if (kind === EVENTS.MarkAdvanced.tag) {
      this.#work.worker += a[at + 3];
      this.#work.idle += a[at + 4];
      this.#work.assist += a[at + 5];
      this.#work.stack += a[at + 1];
      this.#work.globals += a[at + 2];
    } else if (kind === EVENTS.MarkRestarted.tag) {
      this.timeNs += a[at];
      this.#restarts += a[at];
    } else if (kind === EVENTS.HeapCompacted.tag) this.timeNs += a[at + 3];
    else if (kind === EVENTS.GCStarted.tag) this.#begin(a, at, seq);
    else if (kind === EVENTS.GCMarkTerminated.tag) this.#end(a, at, seq);
    else if (kind === EVENTS.ProcsSet.tag) {
      this.#countCpu();
      this.#procs = a[at];
    } else if (kind === EVENTS.RecordedCycleBegan.tag) {
      const forced = a[at + 4] === 1;
      this.#noted = { n: a[at], ns: a[at + 1], heap: a[at + 2], goal: a[at + 3], forced };
    } else if (kind === EVENTS.RecordedCycleEnded.tag) this.#note(a, at);
  }

  #begin(a: Cells, at: number, seq: number): void {
    const pause = a[at + 4];
    this.#start = { seq, ns: this.timeNs, trigger: a[at + 1], heap: a[at + 2], pause };
    this.timeNs += pause;
    this.#work = { worker: 0, idle: 0, assist: 0, stack: 0, globals: 0 };
    this.#restarts = 0;
  }

  #countCpu(): void {
    this.#cpuNs += (this.timeNs - this.#cpuSinceNs) * this.#procs;
    this.#cpuSinceNs = this.timeNs;
  }

  #end(a: Cells, at: number, seq: number): void {
    this.timeNs += a[at + 4];
    this.#countCpu();
    this.#gcCpuNs += a[at + 6];
    const start = this.#start;
    if (start === null) return;
    this.simulated.push({
      n: a[at],
      trigger: start.trigger,
      startSeq: start.seq,
      endSeq: seq,
      startNs: start.ns,
      endNs: this.timeNs,
      heapAtStart: start.heap,
      heapAtMarkEnd: a[at + 1],
      heapMarked: a[at + 2],
      heapGoal: a[at + 3],
      sweepTermPauseNs: start.pause,
      markTermPauseNs: this.#restarts + a[at + 4],
      workerNs: this.#work.worker,
      idleNs: this.#work.idle,
      assistNs: this.#work.assist,
      stackScanWork: this.#work.stack,
      globalsScanWork: this.#work.globals,
      procs: this.#procs,
      // An assist is charged before the time it takes has passed, hence the bound.
      gcCpuFraction: this.#cpuNs === 0 ? 0 : Math.min(1, this.#gcCpuNs / this.#cpuNs),
    });
    this.#start = null;
  }

  #note(a: Cells, at: number): void {
    const began = this.#noted;
    this.recorded.push({
      n: a[at],
      startNs: began?.ns ?? 0,
      endNs: a[at + 1],
      heapAtStart: began?.heap ?? 0,
      heapAtMarkEnd: a[at + 2],
      heapMarked: a[at + 3],
      heapGoal: began?.goal ?? 0,
      nextGoal: a[at + 4],
      forced: began?.forced ?? false,
      pauseNs: a[at + 5],
      assistNs: a[at + 6],
    });
    this.#noted = null;
  }
}

/** Reads the cycles of a tape. */
export function cyclesOf(reader: TapeReader): TapeCycles {
  const scan = new CycleScan(configOf(reader).procs, cutOf(reader)?.timeNs);
  eachEvent(reader, (kind, batch, at, seq) => scan.take(kind, batch.args, at, seq));
  return { simulated: scan.simulated, recorded: scan.recorded, endNs: scan.timeNs };
}
