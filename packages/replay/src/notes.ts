/**
 * What the pacer, the sweeper and the scavenger noted along a tape: one note for each line that Go
 * prints under gcpacertrace and scavtrace, in the order of the tape.
 *
 * A cycle's end is noted where the pacer measured it, which it does only if the heap grew in it; the
 * figures beside its own come from the events around it.
 */
import { EVENTS, type TapeReader } from '@heaptape/schema';
import { eachEvent } from './walk.ts';

/** A cycle begins; bytes. */
export interface PacedNote {
  readonly kind: 'paced';
  readonly assistRatio: number;
  readonly heapScan: number;
  readonly heapLive: number;
  readonly heapGoal: number;
  readonly dedicated: number;
  readonly fractional: number;
}

/** A cycle's mark phase ends; bytes, and a share of the CPU. */
export interface MeasuredNote {
  readonly kind: 'measured';
  readonly utilization: number;
  readonly heapScanWork: number;
  readonly stackScanWork: number;
  readonly globalsScanWork: number;
  readonly expectedWork: number;
  readonly heapAtStart: number;
  readonly heapAtMarkEnd: number;
  readonly heapGoal: number;
  readonly consMark: number;
}

/** A sweep ends; bytes and pages. */
export interface SweptNote {
  readonly kind: 'swept';
  readonly heapLive: number;
  readonly allocated: number;
  readonly pages: number;
  readonly pagesPerByte: number;
}

/** The scavenger reports; bytes, and percent. */
export interface ScavengedNote {
  readonly kind: 'scavenged';
  readonly background: number;
  readonly eager: number;
  readonly released: number;
  readonly utilization: number;
  readonly forced: boolean;
  readonly controllerReset: boolean;
}

export type RuntimeNote = PacedNote | MeasuredNote | SweptNote | ScavengedNote;

const FORCED = 1;
const CONTROLLER_RESET = 2;

class NoteScan {
  readonly notes: RuntimeNote[] = [];
  #work = { heap: 0, stack: 0, globals: 0 };
  #heapAtStart = 0;
  #measured: { utilization: number; expected: number; consMark: number } | null = null;

  take(kind: number, a: Float64Array, at: number): void {
    switch (kind) {
      case EVENTS.GCStarted.tag:
        this.#heapAtStart = a[at + 2];
        this.#work = { heap: 0, stack: 0, globals: 0 };
        this.#measured = null;
        return;
      case EVENTS.MarkAdvanced.tag:
        this.#work.heap += a[at];
        this.#work.stack += a[at + 1];
        this.#work.globals += a[at + 2];
        return;
      case EVENTS.MarkMeasured.tag:
        this.#measured = { utilization: a[at], expected: a[at + 1], consMark: a[at + 2] };
        return;
      case EVENTS.GCMarkTerminated.tag:
        this.#ended(a[at + 1], a[at + 3]);
        return;
      default:
        this.#own(kind, a, at);
    }
  }

  /** Events that are a note by themselves. */
  #own(kind: number, a: Float64Array, at: number): void {
    if (kind === EVENTS.MarkPaced.tag) {
      this.notes.push({
        kind: 'paced',
        assistRatio: a[at],
        heapScan: a[at + 1],
        heapLive: a[at + 2],
        heapGoal: a[at + 3],
        dedicated: a[at + 4],
        fractional: a[at + 5],
      });
    } else if (kind === EVENTS.SweepMeasured.tag) {
      this.notes.push({
        kind: 'swept',
        heapLive: a[at],
        allocated: a[at + 1],
        pages: a[at + 2],
        pagesPerByte: a[at + 3],
      });
    } else if (kind === EVENTS.ScavengeMeasured.tag) {
      this.notes.push({
        kind: 'scavenged',
        background: a[at],
        eager: a[at + 1],
        released: a[at + 2],
        utilization: a[at + 3],
        forced: a[at + 4] === FORCED,
        controllerReset: a[at + 4] === CONTROLLER_RESET,
      });
    }
  }

  #ended(heapAtMarkEnd: number, heapGoal: number): void {
    if (this.#measured === null) return;
    const { utilization, expected, consMark } = this.#measured;
    this.notes.push({
      kind: 'measured',
      utilization,
      heapScanWork: this.#work.heap,
      stackScanWork: this.#work.stack,
      globalsScanWork: this.#work.globals,
      expectedWork: expected,
      heapAtStart: this.#heapAtStart,
      heapAtMarkEnd,
      heapGoal,
      consMark,
    });
  }
}

/** The notes on a tape, in order. */
export function notesOf(reader: TapeReader): readonly RuntimeNote[] {
  const scan = new NoteScan();
  eachEvent(reader, (kind, batch, at) => scan.take(kind, batch.args, at));
  return scan.notes;
}
