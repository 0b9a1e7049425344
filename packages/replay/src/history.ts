/**
 * Everything that happened to one object: the events that name it, and those that marked, moved or
 * freed it.
 *
 * One fold over the tape. Events of the program name objects by ordinal; the collector names slots. So
 * while the object lives its mark bit and its place are compared before and after every event, and
 * before a sweep of its span the bit decides whether it dies.
 */
import { evolve, SCALAR, slotOfWord, World } from '@heaptape/core';
import {
  EVENTS,
  type EventBatch,
  eventRow,
  specOfTag,
  TAG_COUNT,
  type TapeReader,
} from '@heaptape/schema';
import type { Progress } from './fold.ts';
import { eachEvent } from './walk.ts';

export type HistoryKind = 'born' | 'named' | 'marked' | 'moved' | 'died';

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
const BITMAP_WORDS = 32;

/** By tag: which argument cells name an object by its ordinal. */
const NAMING: readonly (readonly number[])[] = Array.from({ length: TAG_COUNT }, (_, tag) => {
  const cells: number[] = [];
  let cell = 0;
  for (const { name, wire } of specOfTag(tag)?.fields ?? []) {
    if (wire === 'object' || (name === 'object' && wire === 'delta')) cells.push(cell);
    cell += wire === 'bytes' ? 2 : 1;
  }
  return cells;
});

/** By tag: the cell that names a special of an object; -1 is none. */
const SPECIAL_CELL: readonly number[] = Array.from({ length: TAG_COUNT }, (_, tag) => {
  const fields = specOfTag(tag)?.fields ?? [];
  return fields.findIndex(({ name }) => name === 'special' || name === 'id');
});

class Follower {
  readonly #world = new World();
  readonly #ordinal: number;
  readonly #entries: HistoryEntry[] = [];
  #born = 0;
  #died = 0;
  #leftOut = 0;

  constructor(ordinal: number) {
    this.#ordinal = ordinal;
  }

  visit(kind: number, batch: EventBatch, at: number, seq: number): void {
    const w = this.#world;
    const lives = this.#born !== 0 && this.#died === 0;
    const word = lives ? w.objectWord[this.#ordinal] : -1;
    const marked = lives && isMarked(w, word);
    const swept = lives && kind === EVENTS.SpanSwept.tag && batch.args[at] === w.spanAtWord(word);
    evolve(w, kind, batch, at);
    if (this.#isBirth(kind)) {
      this.#born = seq;
      this.#note('born', batch, at, seq);
    } else if (!lives) return;
    else if (swept && !marked) {
      this.#died = seq;
      this.#note('died', batch, at, seq);
    } else if (w.objectWord[this.#ordinal] !== word) this.#note('moved', batch, at, seq);
    else if (this.#isNamed(kind, batch, at)) this.#note('named', batch, at, seq);
    else if (!marked && isMarked(w, word)) this.#note('marked', batch, at, seq);
  }

  #isNamed(kind: number, batch: EventBatch, at: number): boolean {
    if (NAMING[kind].some((cell) => batch.args[at + cell] === this.#ordinal)) return true;
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
      .filter(([name]) => !HIDDEN.has(name))
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

/** Fields that say nothing to people. */
const HIDDEN: ReadonlySet<string> = new Set(['bits', 'moves', 'place']);

function isMarked(w: World, word: number): boolean {
  const page = w.spanAtWord(word);
  const index = slotOfWord(w, page, word);
  return ((w.markBits[page * BITMAP_WORDS + (index >> 5)] >>> (index & 31)) & 1) === 1;
}

/** Follows object `ordinal` through a tape. */
export function historyOf(
  reader: TapeReader,
  ordinal: number,
  onProgress?: Progress,
): ObjectHistory {
  const follower = new Follower(ordinal);
  eachEvent(reader, (kind, batch, at, seq) => follower.visit(kind, batch, at, seq), onProgress);
  return follower.history();
}
