/**
 * Sources: where positions are shown, and what a line stands for.
 *
 * A debugger's client shows lines of files. Here the one source of a tape is the listing of its events, one
 * line an event. The protocol hands a source over as a whole, and a listing of ten million lines is none
 * that an editor opens. So it is cut: each window of 10,000 events is a source of its own, rendered when
 * it is asked for. Line L of the window that begins at event W is event W + L - 1; event 0 is the start.
 * Windows never change and their references follow from the number of the event, because editors keep
 * what they have read, and send breakpoints of an earlier session with its references.
 *
 * `SourceMap` is the seam: what else has lines (the Go source of a program) becomes another one of these.
 */
import { basename } from 'node:path';
import type { Position, StopPlace, Travel } from '@heaptape/replay';
import { ALLOCATES, EVENT_NAMES, specOfTag } from '@heaptape/schema';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { eventLine } from '../debug/text.ts';
import { count } from '../report/units.ts';

/** A line, from 1, of a source. */
export interface Line {
  readonly source: DebugProtocol.Source;
  readonly line: number;
}

/** Where a client can go, and what it is called. */
export interface Target {
  readonly position: Position;
  readonly label: string;
}

export interface SourceMap {
  /** The line that is shown for a position. */
  lineOf(position: Position): Line;
  /** The line itself as this source knows it, with where to stop for it; undefined where it has none. */
  stopAt(source: DebugProtocol.Source, line: number): { line: Line; place: StopPlace } | undefined;
  /** Where one can go from a line. */
  targetsAt(source: DebugProtocol.Source, line: number): Target[];
  /** The lines from `line` to `end` that `stopAt` takes. */
  linesIn(source: DebugProtocol.Source, line: number, end: number): number[];
  /** The text of a source; undefined where the reference is none of these. */
  textOf(reference: number): string | undefined;
  /** Sources to choose from. */
  sources(): DebugProtocol.Source[];
}

/** Events of a window. */
const WINDOW = 10_000;
/** Windows that are offered to choose from. */
const MOST_OFFERED = 1000;
/** References of one listing: branches of a tape have listings of their own. */
const REFERENCES = 1 << 20;
/** What a listing is made of, for clients that colour it. */
export const LISTING_TYPE = 'text/x-heaptape-events';

/** The events of a tape, or of a branch of it. */
export class Listing implements SourceMap {
  readonly #travel: Travel;
  readonly #file: string;
  readonly #label: string;
  readonly #first: number;

  /** `index`: 0 for the tape itself, then a number for every branch. */
  constructor(travel: Travel, file: string, label: string, index: number) {
    this.#travel = travel;
    this.#file = file;
    this.#label = label;
    this.#first = index * REFERENCES + 1;
  }

  lineOf({ event, inside }: Position): Line {
    // Inside an event is the line of that event, which is not over yet.
    return this.#lineOfEvent(inside > 0 ? event + 1 : event);
  }

  #lineOfEvent(event: number): Line {
    return { source: this.#source(Math.floor(event / WINDOW)), line: (event % WINDOW) + 1 };
  }

  stopAt(source: DebugProtocol.Source, line: number): { line: Line; place: StopPlace } | undefined {
    const event = this.#eventAt(source, line);
    if (event === undefined || event === 0) return undefined;
    return { line: this.#lineOfEvent(event), place: { on: 'event', event } };
  }

  targetsAt(source: DebugProtocol.Source, line: number): Target[] {
    const event = this.#eventAt(source, line);
    if (event === undefined) return [];
    const label = event === 0 ? 'the start of the tape' : EVENT_NAMES[this.#travel.kindAt(event)];
    return [{ position: { event, inside: 0 }, label: `event ${count(event)}: ${label}` }];
  }

  linesIn(source: DebugProtocol.Source, line: number, end: number): number[] {
    const lines: number[] = [];
    for (let at = Math.max(1, line); at <= end && lines.length < WINDOW; at += 1) {
      const event = this.#eventAt(source, at);
      if (event !== undefined && event > 0) lines.push(at);
    }
    return lines;
  }

  textOf(reference: number): string | undefined {
    const window = reference - this.#first;
    return this.#isWindow(window) ? this.#render(window) : undefined;
  }

  sources(): DebugProtocol.Source[] {
    const windows = Math.floor(this.#travel.reader.events / WINDOW) + 1;
    return Array.from({ length: Math.min(windows, MOST_OFFERED) }, (_, window) =>
      this.#source(window),
    );
  }

  /** The event of a line: of a window, or of the tape's file, whose line N is event N. */
  #eventAt({ sourceReference, path }: DebugProtocol.Source, line: number): number | undefined {
    const { events } = this.#travel.reader;
    const window = (sourceReference ?? 0) - this.#first;
    if (this.#isWindow(window)) {
      const event = window * WINDOW + line - 1;
      return line >= 1 && line <= WINDOW && event <= events ? event : undefined;
    }
    if ((sourceReference ?? 0) > 0 || path !== this.#file || this.#first !== 1) return undefined;
    return line >= 1 && line <= events ? line : undefined;
  }

  #isWindow(window: number): boolean {
    return window >= 0 && window < REFERENCES && window * WINDOW <= this.#travel.reader.events;
  }

  #source(window: number): DebugProtocol.Source {
    const { events } = this.#travel.reader;
    const from = window * WINDOW;
    const to = Math.min(events, from + WINDOW - 1);
    const branch = this.#label === '' ? '' : ` (${this.#label})`;
    const name = `${basename(this.#file)} events ${from}-${to}${branch}`;
    return {
      name,
      path: `${this.#file}/${name}`,
      sourceReference: this.#first + window,
      origin: 'events of the tape',
    };
  }

  #render(window: number): string {
    const { reader } = this.#travel;
    const from = window * WINDOW;
    const width = String(reader.events).length;
    const lines: string[] = [];
    if (window === 0) lines.push(`${'0'.padStart(width)}  the start of ${basename(this.#file)}`);
    let batchAt = -1;
    let ordinal = 0;
    this.#travel.eachEvent(from, from + WINDOW - 1, (kind, batch, at, seq) => {
      const index = seq - batch.firstSeq;
      if (batch.firstSeq !== batchAt) {
        batchAt = batch.firstSeq;
        ordinal = batch.firstOrdinal;
        for (let i = 0; i < index; i += 1) ordinal += ALLOCATES[batch.kinds[i]];
      }
      // What the program did stands to the left of what the collector did.
      const indent = specOfTag(kind)?.role === 'mutator' ? '' : '  ';
      const born = ALLOCATES[kind] === 0 ? '' : ` #${ordinal}`;
      ordinal += ALLOCATES[kind];
      lines.push(`${String(seq).padStart(width)}  ${indent}${eventLine(batch, index, at)}${born}`);
      return false;
    });
    return `${lines.join('\n')}\n`;
  }
}
