/**
 * What a run cost: cycles, peaks, pauses, CPU. Gathered while it is decided, without a tape.
 *
 * Peaks are taken where they can occur: heapLive is highest when marking ends, or at the end of the
 * run; memory is highest when a span has just been made.
 */
import { type EventWatcher, mappedReady, PHASES, SCALAR, type World } from '@heaptape/core';
import { EVENTS } from '@heaptape/schema';
import { CompactionGatherer, type CompactionReport } from './compaction.ts';
import { TouchGatherer, type TouchTotals } from './touches.ts';

/** One simulated cycle. Bytes and virtual ns. */
export interface SimulatedCycle {
  readonly n: number;
  readonly trigger: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly heapAtStart: number;
  readonly heapAtMarkEnd: number;
  readonly heapMarked: number;
  readonly heapGoal: number;
  /** Both pauses, and those after which marking had to go on. */
  readonly pauseNs: number;
  readonly assistNs: number;
  /** Bytes allocated in slots when the cycle began, since the start of the run. */
  readonly volume: number;
}

/** A point of the heap curve. */
export interface HeapPoint {
  readonly timeNs: number;
  readonly heapLive: number;
  readonly heapGoal: number;
}

export interface Outcome {
  readonly cycles: readonly SimulatedCycle[];
  readonly peakHeapBytes: number;
  readonly peakTotalBytes: number;
  readonly gcCpuFraction: number;
  readonly pauseTotalNs: number;
  readonly maxPauseNs: number;
  readonly assistNs: number;
  readonly durationNs: number;
  readonly events: number;
  readonly series: readonly HeapPoint[];
  readonly compaction: CompactionReport | null;
  readonly touches: TouchTotals | null;
}

export class OutcomeGatherer {
  readonly #cycles: SimulatedCycle[] = [];
  readonly #series: HeapPoint[] = [];
  #peakHeap = 0;
  #peakTotal = 0;
  #maxPause = 0;
  #assistTotal = 0;
  #startNs = 0;
  #startPause = 0;
  #restarts = 0;
  #startVolume = 0;
  #assistNs = 0;
  readonly #compaction = new CompactionGatherer();
  readonly #touches = new TouchGatherer();

  /** The watcher to give to a simulation. */
  watcher(): EventWatcher {
    const marks: Record<number, (w: World, args: Float64Array, at: number) => void> = {
      [EVENTS.SpanAllocated.tag]: (w) => this.#spanMade(w),
      [EVENTS.MarkAdvanced.tag]: (_, args, at) => {
        this.#assistNs += args[at + 5];
      },
      [EVENTS.GCStarted.tag]: (w, args, at) => {
        this.#startNs = w.scalars[SCALAR.timeNs];
        this.#startPause = args[at + 4];
        this.#restarts = 0;
        this.#startVolume = w.scalars[SCALAR.totalAlloc];
        this.#assistNs = 0;
        this.#point(w);
      },
      [EVENTS.MarkRestarted.tag]: (_, args, at) => {
        this.#restarts += args[at];
        this.#maxPause = Math.max(this.#maxPause, args[at]);
      },
      [EVENTS.GCMarkTerminated.tag]: (w, args, at) => this.#cycleEnded(w, args, at),
      [EVENTS.MutatorRan.tag]: (w) => this.#point(w),
      [EVENTS.SweepFinished.tag]: (w) => this.#compaction.swept(w),
      [EVENTS.MarkTouched.tag]: (_, args, at) => this.#touches.take(args, at),
      [EVENTS.HeapCompacted.tag]: (w, args, at) => this.#compacted(w, args, at),
    };
    return (world, tag, args, at) => marks[tag]?.(world, args, at);
  }

  #spanMade(w: World): void {
    const total = mappedReady(w);
    if (total > this.#peakTotal) this.#peakTotal = total;
  }

  #point(w: World): void {
    const heapLive = w.scalars[SCALAR.heapLive];
    if (heapLive > this.#peakHeap) this.#peakHeap = heapLive;
    const last = this.#series.at(-1);
    const timeNs = w.scalars[SCALAR.timeNs];
    if (last !== undefined && Math.abs(last.heapLive - heapLive) < 65536) return;
    this.#series.push({ timeNs, heapLive, heapGoal: w.control.pacer.heapGoal });
  }

  #compacted(w: World, args: Float64Array, at: number): void {
    this.#maxPause = Math.max(this.#maxPause, args[at + 3]);
    this.#compaction.compacted(w, args, at);
  }

  #cycleEnded(w: World, args: Float64Array, at: number): void {
    const heapAtMarkEnd = args[at + 1];
    if (heapAtMarkEnd > this.#peakHeap) this.#peakHeap = heapAtMarkEnd;
    const timeNs = w.scalars[SCALAR.timeNs];
    const goal = w.control.lastHeapGoal;
    this.#series.push({ timeNs, heapLive: heapAtMarkEnd, heapGoal: goal });
    this.#series.push({ timeNs, heapLive: args[at + 2], heapGoal: goal });
    this.#maxPause = Math.max(this.#maxPause, args[at + 4], this.#startPause);
    this.#assistTotal += this.#assistNs;
    this.#cycles.push({
      n: args[at],
      trigger: w.control.cycle.trigger,
      startNs: this.#startNs,
      endNs: timeNs,
      heapAtStart: w.control.cycle.heapAtStart,
      heapAtMarkEnd,
      heapMarked: args[at + 2],
      heapGoal: args[at + 3],
      pauseNs: this.#startPause + this.#restarts + args[at + 4],
      assistNs: this.#assistNs,
      volume: this.#startVolume,
    });
  }

  /** The figures of the finished run. */
  outcome(w: World): Outcome {
    const { scalars, control } = w;
    this.#point(w);
    const cpu = scalars[SCALAR.timeNs] * (control.config?.procs ?? 1);
    return {
      cycles: this.#cycles,
      peakHeapBytes: this.#peakHeap,
      peakTotalBytes: this.#peakTotal,
      gcCpuFraction: cpu > 0 ? scalars[SCALAR.gcCpuNs] / cpu : 0,
      pauseTotalNs: scalars[SCALAR.pauseTotalNs],
      maxPauseNs: this.#maxPause,
      assistNs: this.#assistTotal,
      durationNs: scalars[SCALAR.timeNs],
      events: scalars[SCALAR.seq],
      series: this.#series,
      compaction: this.#compaction.report(),
      touches: this.#touches.totals(),
    };
  }
}

/** Name of the phase a world is in, as Go spells it. */
export const phaseOf = (w: World): string => PHASES[w.scalars[SCALAR.gcphase]];
