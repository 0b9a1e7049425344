/**
 * What the pacer noted along a tape, from its events alone: how each cycle was paced and measured, when goals
 * were committed, who assisted. The state itself has the latest goal and trigger only.
 */
import { EVENTS } from '@heaptape/schema';
import { Columns } from './columns.ts';

/** By cycle, in order. Bytes and scan work in bytes; NaN is not on the tape (yet). */
const CYCLE_COLUMNS = [
  'n',
  /** Events: GCStarted, MarkPaced, GCMarkTerminated; 0 is none. */
  'started',
  'paced',
  'ended',
  /** 0 heap, 1 runtime.GC, 2 periodic. */
  'why',
  'heapAtStart',
  'goalAtStart',
  'assistRatio',
  'heapScan',
  'dedicated',
  'fractional',
  'heapWork',
  'stackWork',
  'globalsWork',
  'utilization',
  'expectedWork',
  'heapAtEnd',
  'heapMarked',
  'consMark',
] as const;

export type CycleNotes = Readonly<Record<(typeof CYCLE_COLUMNS)[number], Float64Array>>;

/** PacerCommitted by PacerCommitted. */
export type CommitNotes = Readonly<Record<'seq' | 'heapGoal' | 'trigger' | 'runway', Float64Array>>;

/**
 * Assisted and AssistWaited, in order: `debt` in allocated bytes, `stolen` and `marked` in scan work, `credit`
 * in bytes that may be allocated for it; `waitedNs` is NaN for those that paid at once, `ratio` for those
 * that waited.
 */
export type AssistNotes = Readonly<
  Record<
    'seq' | 'g' | 'debt' | 'ratio' | 'stolen' | 'marked' | 'credit' | 'ns' | 'waitedNs',
    Float64Array
  >
>;

export interface PacerNotes {
  readonly cycles: CycleNotes;
  readonly commits: CommitNotes;
  readonly assists: AssistNotes;
  /** Events at which the GC CPU limiter began to limit. */
  readonly limited: Float64Array;
}

const NONE = Number.NaN;

export class PacerScan {
  readonly #cycles = new Columns(CYCLE_COLUMNS);
  readonly #commits = new Columns(['seq', 'heapGoal', 'trigger', 'runway']);
  readonly #assists = new Columns([
    'seq',
    'g',
    'debt',
    'ratio',
    'stolen',
    'marked',
    'credit',
    'ns',
    'waitedNs',
  ]);
  readonly #limited = new Columns(['seq']);
  #cycle: Record<(typeof CYCLE_COLUMNS)[number], number> | null = null;

  take(kind: number, a: Float64Array, at: number, seq: number): void {
    switch (kind) {
      case EVENTS.GCStarted.tag:
        this.#begin(a, at, seq);
        return;
      case EVENTS.PacerCommitted.tag:
        this.#commits.add(seq, a[at], a[at + 1], a[at + 2]);
        return;
      case EVENTS.Assisted.tag:
        this.#assists.add(seq, ...a.subarray(at, at + 7), NONE);
        return;
      case EVENTS.AssistWaited.tag:
        this.#assists.add(seq, a[at], a[at + 1], NONE, NONE, NONE, NONE, 0, a[at + 2]);
        return;
      case EVENTS.LimiterEnabled.tag:
        this.#limited.add(seq);
        return;
      default:
        if (this.#cycle !== null) this.#inCycle(this.#cycle, kind, a, at, seq);
    }
  }

  #begin(a: Float64Array, at: number, seq: number): void {
    this.#end();
    const none = CYCLE_COLUMNS.map((name) => [name, NONE] as const);
    this.#cycle = {
      ...(Object.fromEntries(none) as Record<(typeof CYCLE_COLUMNS)[number], number>),
      n: a[at],
      started: seq,
      paced: 0,
      ended: 0,
      why: a[at + 1],
      heapAtStart: a[at + 2],
      goalAtStart: a[at + 3],
      heapWork: 0,
      stackWork: 0,
      globalsWork: 0,
    };
  }

  #inCycle(
    cycle: Record<(typeof CYCLE_COLUMNS)[number], number>,
    kind: number,
    a: Float64Array,
    at: number,
    seq: number,
  ): void {
    if (kind === EVENTS.MarkAdvanced.tag) {
      cycle.heapWork += a[at];
      cycle.stackWork += a[at + 1];
      cycle.globalsWork += a[at + 2];
    } else if (kind === EVENTS.MarkPaced.tag) {
      cycle.paced = seq;
      cycle.assistRatio = a[at];
      cycle.heapScan = a[at + 1];
      cycle.dedicated = a[at + 4];
      cycle.fractional = a[at + 5];
    } else if (kind === EVENTS.MarkMeasured.tag) {
      cycle.utilization = a[at];
      cycle.expectedWork = a[at + 1];
    } else if (kind === EVENTS.GCMarkTerminated.tag) {
      cycle.ended = seq;
      cycle.heapAtEnd = a[at + 1];
      cycle.heapMarked = a[at + 2];
      cycle.consMark = a[at + 5];
      this.#end();
    }
  }

  /** The cycle is over, or the tape is. */
  #end(): void {
    const cycle = this.#cycle;
    if (cycle !== null) this.#cycles.add(...CYCLE_COLUMNS.map((name) => cycle[name]));
    this.#cycle = null;
  }

  notes(): PacerNotes {
    this.#end();
    return {
      cycles: this.#cycles.take(),
      commits: this.#commits.take(),
      assists: this.#assists.take(),
      limited: this.#limited.take().seq,
    };
  }
}
