/**
 * The clock, pauses and CPU time, added up from events.
 *
 * 1. Time passes by `ClockAdvanced` and by every pause. A cycle's pauses are one figure; that of a
 *    compaction goes to the cycle before it.
 * 2. CPU time on offer is time times Ps; what is known when a cycle ends is what MemStats goes by.
 */
import { EVENTS } from '@heaptape/schema';
import type { StreamEvent } from '../stream.ts';

export class Times {
  nowNs = 0;
  /** When marking began, after the pause before it. */
  markStartNs = 0;
  /** By completed cycle, all of them: its pauses, and when it ended. */
  readonly pauses: number[] = [];
  readonly ends: number[] = [];
  pauseTotalNs = 0;
  /** Of the running or last cycle: CPU time of workers, of idle ones, of assists. */
  workerNs = 0;
  idleNs = 0;
  assistNs = 0;
  /** CPU time that collection took but for idle workers, and that was on offer, when a cycle last ended. */
  gcCpuNs = 0;
  cpuAtGCNs = 0;
  /** Pauses of the cycle that runs. */
  cyclePauseNs = 0;
  #cpuNs = 0;
  #cpuSinceNs = 0;

  /** `procs` are the Ps before this event. */
  fold(event: StreamEvent, procs: number): void {
    switch (event.tag) {
      case EVENTS.ClockAdvanced.tag:
        this.nowNs += event.arg(0);
        return;
      case EVENTS.GCStarted.tag:
        this.nowNs += event.arg(4);
        this.cyclePauseNs = event.arg(4);
        this.markStartNs = this.nowNs;
        this.workerNs = 0;
        this.idleNs = 0;
        this.assistNs = 0;
        return;
      case EVENTS.MarkAdvanced.tag:
        this.workerNs += event.arg(3);
        this.idleNs += event.arg(4);
        this.assistNs += event.arg(5);
        return;
      case EVENTS.MarkRestarted.tag:
        this.nowNs += event.arg(0);
        this.cyclePauseNs += event.arg(0);
        return;
      case EVENTS.ProcsSet.tag:
        this.#countCpu(procs);
        return;
      case EVENTS.GCMarkTerminated.tag:
        this.nowNs += event.arg(4);
        this.#ended(this.cyclePauseNs + event.arg(4), event.arg(6), procs);
        return;
      case EVENTS.HeapCompacted.tag:
        this.#compacted(event.arg(3));
        return;
      default:
        return;
    }
  }

  #ended(pauseNs: number, cpuNs: number, procs: number): void {
    this.#countCpu(procs);
    this.cyclePauseNs = pauseNs;
    this.pauses.push(pauseNs);
    this.ends.push(this.nowNs);
    this.pauseTotalNs += pauseNs;
    this.gcCpuNs += cpuNs;
    this.cpuAtGCNs = this.#cpuNs;
  }

  #compacted(pauseNs: number): void {
    this.nowNs += pauseNs;
    this.pauseTotalNs += pauseNs;
    const last = this.pauses.length - 1;
    this.pauses[last] = (this.pauses[last] ?? 0) + pauseNs;
    this.ends[last] = this.nowNs;
  }

  #countCpu(procs: number): void {
    this.#cpuNs += (this.nowNs - this.#cpuSinceNs) * procs;
    this.#cpuSinceNs = this.nowNs;
  }
}
