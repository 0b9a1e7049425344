/**
 * Phases of the collector along a tape, from its events alone, without folding: where marking and sweeping
 * began and ended, where the world was stopped, and what was said of the heap there.
 *
 * This is the first, coarse picture of a tape. It needs one pass over the events, which takes a fraction
 * of a fold.
 */
import { CycleScan } from '@heaptape/replay';
import { EVENTS, type EventBatch } from '@heaptape/schema';
import { type Band, SeriesSink } from './series.ts';

const FORCED = 1;

export class PhaseScan {
  readonly points: SeriesSink = new SeriesSink();
  readonly bands: Band[] = [];
  readonly #scan: CycleScan;
  #mark: { event: number; ns: number; forced: boolean } | null = null;
  #sweep: { event: number; ns: number } | null = null;
  #cycle = 0;
  #goal = 0;
  #trigger = 0;
  #marked = 0;
  #limit: number;

  /** `procs` and `limit`: GOMAXPROCS and GOMEMLIMIT at the start of the tape; `timeNs`: virtual time. */
  constructor(procs: number, limit: number, timeNs: number) {
    this.#scan = new CycleScan(procs, timeNs);
    this.#limit = limit;
  }

  take(kind: number, batch: EventBatch, at: number, seq: number): void {
    const { args } = batch;
    const before = this.#scan.timeNs;
    this.#scan.take(kind, args, at, seq);
    const now = this.#scan.timeNs;
    switch (kind) {
      case EVENTS.GCStarted.tag:
        this.#endSweep(seq, before);
        this.#cycle = args[at];
        this.#goal = args[at + 3];
        this.#pause(seq, before, now);
        this.#mark = { event: seq, ns: before, forced: args[at + 1] === FORCED };
        this.#point(seq, before, args[at + 2]);
        return;
      case EVENTS.MarkRestarted.tag:
        this.#pause(seq, before, now);
        return;
      case EVENTS.GCMarkTerminated.tag:
        this.#pause(seq, before, now);
        this.#endMark(seq, now);
        this.#point(seq - 1, before, args[at + 1]);
        this.#marked = args[at + 2];
        this.#point(seq, now, args[at + 2]);
        this.#sweep = { event: seq, ns: now };
        return;
      case EVENTS.SweepFinished.tag:
        this.#endSweep(seq, now);
        return;
      case EVENTS.PacerCommitted.tag:
        this.#goal = args[at];
        this.#trigger = args[at + 1];
        this.#point(seq, now, Number.NaN);
        return;
      case EVENTS.MemoryLimitSet.tag:
        this.#limit = args[at];
        this.#point(seq, now, Number.NaN);
        return;
    }
  }

  /** The tape, or what was looked at of it, ends here. */
  end(seq: number): void {
    const now = this.#scan.timeNs;
    if (this.#mark !== null) this.#endMark(seq, now);
    this.#endSweep(seq, now);
    this.#point(seq, now, Number.NaN);
  }

  #point(seq: number, timeNs: number, heapLive: number): void {
    this.points.add(
      seq,
      timeNs,
      heapLive,
      this.#goal,
      this.#trigger,
      this.#marked,
      this.#limit,
      Number.NaN,
    );
  }

  #band(kind: Band['kind'], from: { event: number; ns: number }, event: number, ns: number): void {
    const forced = this.#mark?.forced ?? false;
    this.bands.push({
      kind,
      cycle: this.#cycle,
      forced: kind === 'mark' && forced,
      from: from.event,
      to: event,
      fromNs: from.ns,
      toNs: ns,
    });
  }

  #pause(seq: number, before: number, now: number): void {
    this.#band('pause', { event: seq - 1, ns: before }, seq, now);
  }

  #endMark(seq: number, now: number): void {
    if (this.#mark !== null) this.#band('mark', this.#mark, seq, now);
    this.#mark = null;
  }

  #endSweep(seq: number, now: number): void {
    if (this.#sweep !== null) this.#band('sweep', this.#sweep, seq, now);
    this.#sweep = null;
  }
}
