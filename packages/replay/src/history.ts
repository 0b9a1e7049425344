/**
 * Everything that happened to one object: the events that name it, and those that marked, moved or
 * freed it.
 *
 * One fold over the tape. Events of the program name objects by ordinal; the collector names slots. So
 * while the object lives its colour and its place are compared before and after every event, and
 * before a sweep of its span the colour decides whether it dies.
 */
import { evolve, objectCells, SCALAR, type World } from '@heaptape/core';
import {
  CELLS,
  EVENTS,
  type EventBatch,
  eventRow,
  specOfTag,
  type TapeReader,
} from '@heaptape/schema';
import { worldAtBeginning } from './beginning.ts';
import { colourOfWord } from './colour.ts';
import type { Progress } from './fold.ts';
import { reading } from './stored.ts';
import { type EventVisitor, eachEvent } from './walk.ts';

/**
 * `named` by an event of the program or about one of its specials; `marked` is no longer white, `scanned`
 * no longer grey.
 */
export type HistoryKind = 'born' | 'named' | 'marked' | 'scanned' | 'moved' | 'died';

export interface HistoryEntry {
  readonly event: number;
  readonly timeNs: number;
  readonly what: HistoryKind;
  /** Name of the event, and its fields in words. */
  readonly text: string;
}

export interface ObjectHistory {
  /** Events that allocated and freed it; 0 where that did not happen. */
  readonly born: number;
  readonly died: number;
  /** The first 10,000. */
  readonly entries: readonly HistoryEntry[];
  /** How many there are beyond those. */
  readonly leftOut: number;
}

const MOST_ENTRIES = 10_000;

/** By tag: the cell that names a special of an object; -1 is none. Such events hold no byte strings. */
const SPECIAL_CELL: readonly number[] = Array.from(CELLS, (_, tag) =>
  (specOfTag(tag)?.fields ?? []).findIndex(({ name }) => name === 'special'),
);

class Follower {
  readonly #world: World;
  readonly #ordinal: number;
  readonly #entries: HistoryEntry[] = [];
  /** Was born, and lives. */
  #there: boolean;
  #born = 0;
  #died = 0;
  #leftOut = 0;

  constructor(reader: TapeReader, ordinal: number) {
    this.#world = worldAtBeginning(reader);
    this.#ordinal = ordinal;
    this.#there = this.#world.objects.wordOf(ordinal) >= 0;
  }

  visit(kind: number, batch: EventBatch, at: number, seq: number): void {
    const w = this.#world;
    const lives = this.#there;
    const word = lives ? w.objects.wordOf(this.#ordinal) : -1;
    const before = lives ? colourOfWord(w, word) : 'white';
    const swept = lives && kind === EVENTS.SpanSwept.tag && batch.args[at] === w.spanAtWord(word);
    evolve(w, kind, batch, at);
    if (this.#isBirth(kind)) {
      this.#born = seq;
      this.#there = true;
      this.#note('born', batch, at, seq);
    } else if (!lives) return;
    else if (swept && before === 'white') {
      this.#died = seq;
      this.#there = false;
      this.#note('died', batch, at, seq);
    } else if (w.objects.wordOf(this.#ordinal) !== word) this.#note('moved', batch, at, seq);
    else if (this.#isNamed(kind, batch, at)) this.#note('named', batch, at, seq);
    else if (before === 'white' && colourOfWord(w, word) !== 'white') {
      this.#note('marked', batch, at, seq);
    } else if (before === 'grey' && kind === EVENTS.ObjectBlackened.tag) {
      if (colourOfWord(w, word) === 'black') this.#note('scanned', batch, at, seq);
    }
  }

  #isNamed(kind: number, batch: EventBatch, at: number): boolean {
    if (objectCells(kind).some((cell) => batch.args[at + cell] === this.#ordinal)) return true;
    const special = SPECIAL_CELL[kind] < 0 ? 0 : batch.args[at + SPECIAL_CELL[kind]];
    return special !== 0 && this.#world.specials.object[special] === this.#ordinal;
  }

  #isBirth(kind: number): boolean {
    if (kind !== EVENTS.ObjectAllocated.tag || this.#born !== 0) return false;
    return this.#world.scalars[SCALAR.nextOrdinal] === this.#ordinal + 1;
  }

  #note(what: HistoryKind, batch: EventBatch, at: number, seq: number): void {
    if (this.#entries.length === MOST_ENTRIES) {
      this.#leftOut += 1;
      return;
    }
    const { seq: _, event, ...fields } = eventRow(batch, seq - batch.firstSeq, at);
    const words = Object.entries(fields)
      .filter(([name, value]) => !HIDDEN.has(name) && !(name === 'foundDead' && value === 0))
      .map(([name, value]) => `${name}=${value}`);
    const timeNs = this.#world.scalars[SCALAR.timeNs];
    this.#entries.push({ event: seq, timeNs, what, text: [event, ...words].join(' ') });
  }

  history(): ObjectHistory {
    return {
      born: this.#born,
      died: this.#died,
      entries: this.#entries,
      leftOut: this.#leftOut,
    };
  }
}

/** Fields that say nothing to people; nor does `foundDead` where that is unknown. */
const HIDDEN: ReadonlySet<string> = new Set(['bits', 'moves', 'place']);

/** Follows object `ordinal` through a tape. */
export function historyOf(
  reader: TapeReader,
  ordinal: number,
  onProgress?: Progress,
): ObjectHistory {
  const follower = new Follower(reader, ordinal);
  let last = 0;
  const visit: EventVisitor = (kind, batch, at, seq) => {
    last = seq;
    follower.visit(kind, batch, at, seq);
  };
  reading(
    () => `event ${last}`,
    () => eachEvent(reader, visit, onProgress),
  );
  return follower.history();
}
