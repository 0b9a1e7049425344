/**
 * A debugging session: where it stands, where it stops, what it shows at every stop, and the branches
 * that it has gone into. Commands change it; nothing in it knows a terminal.
 */
import { createMemoryTape } from '@heaptape/log';
import {
  type BranchOptions,
  branchAt,
  type Journey,
  ordinalOf,
  type Position,
  parseObjectName,
  parsePosition,
  positionOf,
  recordedAt,
  type StopSpec,
  Travel,
} from '@heaptape/replay';
import type { TapeReader } from '@heaptape/schema';
import { usage } from './command.ts';
import { Driver } from './drive.ts';
import type { Paint } from './paint.ts';
import { placeText, valueText } from './text.ts';

/** A breakpoint or watchpoint. It may stop for several reasons: `awatch` has two. */
export interface Breakpoint {
  readonly number: number;
  readonly kind: 'breakpoint' | 'watchpoint';
  /** As it was asked for. */
  readonly text: string;
  readonly places: readonly StopSpec[];
  readonly temporary: boolean;
  condition: string | null;
  enabled: boolean;
  ignore: number;
  hits: number;
  /** What it does after it has stopped a run. */
  readonly rearm?: (self: Breakpoint) => void;
}

export interface Display {
  readonly number: number;
  readonly text: string;
}

/** Is told how far a command is, and that it is over. */
export interface SessionProgress {
  readonly update: (done: number, total: number) => void;
  readonly end: () => void;
}

/** Places that `undo` goes back over. */
const MOST_JUMPS = 200;

export class Session {
  readonly file: string;
  readonly width: number;
  readonly paint: Paint;
  readonly onProgress: SessionProgress['update'];
  /** To be called when a command is over. */
  readonly settled: () => void;
  /** Gives journeys their slices of time. */
  readonly driver: Driver = new Driver();
  readonly breakpoints: Breakpoint[] = [];
  readonly displays: Display[] = [];
  /** The tape, and the branches of it that the session has gone into, the innermost last. */
  readonly #travels: {
    readonly travel: Travel;
    readonly jumps: Position[];
    readonly label: string;
  }[];
  #numbers = 0;
  over = false;
  /** Commands are repeated on the output, as gdb does on request. */
  traced = false;
  /** The event in the middle of the last `list`. */
  listed: number | null = null;

  constructor(
    file: string,
    reader: TapeReader,
    options: { readonly width: number; readonly paint: Paint; readonly progress: SessionProgress },
  ) {
    this.file = file;
    this.width = options.width;
    this.paint = options.paint;
    this.onProgress = options.progress.update;
    this.settled = options.progress.end;
    this.#travels = [{ travel: new Travel(reader, this.driver), jumps: [], label: '' }];
  }

  get #top(): { readonly travel: Travel; readonly jumps: Position[]; readonly label: string } {
    return this.#travels[this.#travels.length - 1];
  }

  get travel(): Travel {
    return this.#top.travel;
  }

  /** Positions by name. A branch has those of the run that it leaves, up to where it leaves it. */
  get bookmarks(): Map<string, Position> {
    return this.travel.bookmarks;
  }

  /** What the branch is called that the session is in; empty on the tape itself. */
  get branch(): string {
    return this.#top.label;
  }

  /** A number for a new breakpoint or display. */
  nextNumber(): number {
    this.#numbers += 1;
    return this.#numbers;
  }

  /** Goes on from here by what `move` does; `undo` will come back, also from one that is broken off. */
  *moving<T>(move: (travel: Travel) => Journey<T>): Journey<T> {
    const { travel, jumps } = this.#top;
    this.listed = null;
    jumps.push(travel.position);
    if (jumps.length > MOST_JUMPS) jumps.shift();
    try {
      return yield* move(travel);
    } catch (error) {
      jumps.pop();
      throw error;
    }
  }

  /** Goes back to before the last move. Throws `bad-usage` where there was none. */
  *undo(): Journey<void> {
    const before = this.#top.jumps.pop();
    if (before === undefined) throw usage('there is no move to undo');
    yield* this.travel.going(before);
    this.listed = null;
  }

  /** Deletes those of some breakpoints that were made for one stop only. */
  forget(breakpoints: readonly Breakpoint[]): void {
    for (const one of breakpoints) {
      const at = this.breakpoints.indexOf(one);
      if (one.temporary && at >= 0) this.breakpoints.splice(at, 1);
    }
  }

  /** Goes into a branch that leaves the run here. Returns why it ends early, or null. */
  fork(options: BranchOptions, label: string): string | null {
    const { event } = this.travel.position;
    const tape = createMemoryTape();
    const branch = branchAt(this.travel.reader, event, options, tape, this.onProgress);
    const travel = new Travel(tape, this.driver);
    travel.at({ event: branch.from, inside: 0 }, this.onProgress);
    for (const [name, place] of this.bookmarks) {
      if (place.event < branch.from) travel.bookmarks.set(name, place);
    }
    this.#travels.push({ travel, jumps: [], label });
    return branch.ended;
  }

  /** Leaves the innermost branch, which is gone then. Throws `bad-usage`. */
  leave(): void {
    if (this.#travels.length === 1) throw usage('this is the tape itself, and no branch of it');
    this.#travels.pop();
  }

  /** The line that says where the session stands, and what is displayed there. */
  here(): string {
    const shown = this.displays.map(
      (one) => `${one.number}: ${one.text} = ${this.valueOf(one.text)}\n`,
    );
    return [placeText(this.travel, this.paint), ...shown].join('');
  }

  /** The value of an expression here, as text. Throws `ExpressionError`. */
  valueOf(text: string): string {
    const { expression, value } = this.travel.evaluate(text);
    return valueText(this.travel, expression.type, value);
  }

  /** The object that a text names: `#12`, an address, or an expression. Throws `bad-usage`, `not-found`. */
  objectOf(text: string): number {
    if (text === '')
      throw usage('which object?', '#12, an address, or an expression such as global.cache');
    const { world, facts } = this.travel;
    if (/^(#\d+|0x[0-9a-f]+)$/i.test(text)) {
      const name = parseObjectName(text);
      const known = 'addr' in name ? recordedAt(facts.addresses(), world, name.addr) : 0;
      return known === 0 ? ordinalOf(world, name) : known;
    }
    const { expression, value } = this.travel.evaluate(text);
    if (expression.type.of === 'object' && typeof value === 'number') return value;
    throw usage(value === null ? `${text} is nil` : `${text} is no object`);
  }

  /**
   * The position that a text names: a number, `120.3`, `+5`, `-5`, `start`, `end`, `cycle:3`, `born #12`,
   * `died #12`, or a bookmark. Throws `bad-usage` and `not-found`.
   */
  placeOf(text: string): Position {
    const { reader, position, facts } = this.travel;
    const marked = this.bookmarks.get(text);
    if (marked !== undefined) return marked;
    if (text === 'start') return { event: 0, inside: 0 };
    const life = /^(born|died)\s+(.+)$/.exec(text);
    if (life !== null) {
      const object = /^#\d+$/.test(life[2]) ? Number(life[2].slice(1)) : this.objectOf(life[2]);
      const event = life[1] === 'born' ? facts.bornOf(object) : facts.diedOf(object);
      if (event > 0) return { event, inside: 0 };
      throw usage(
        life[1] === 'born' ? `no object #${object} on this tape` : `#${object} is never freed`,
      );
    }
    if (/^[+-]\d+$/.test(text)) {
      const event = Math.min(reader.events, Math.max(0, position.event + Number(text)));
      return { event, inside: 0 };
    }
    if (text === 'end' || text.startsWith('cycle:')) {
      return { event: positionOf(reader, text), inside: 0 };
    }
    if (/^\d/.test(text)) return parsePosition(text.replaceAll(',', ''));
    const hint = 'an event number, +5, -5, start, end, cycle:3, born #12, died #12, or a bookmark';
    throw usage(`'${text}' names no position`, hint);
  }
}
