/**
 * The first event in which this worker's tape and another differ, as `heaptape diff` has it.
 *
 * Batches are compared cell by cell and byte by byte; events are put into words only where they differ.
 */
import { CELLS, describeEvent, EventBatch, specOfTag, type TapeReader } from '@heaptape/schema';
import { SourceReader } from '../../wire/source.ts';
import type { Task } from '../serve.ts';
import type { SessionHolder } from '../session.ts';
import { sourceOf, type TapePlace } from './open.ts';

export interface Divergence {
  readonly seq: number;
  /** The events in words; null on the side that has ended. */
  readonly here: string | null;
  readonly there: string | null;
}

export interface DivergencePart {
  /** Events that are the same. */
  readonly looked: number;
}

/** By tag: cells that are numbers, and those where byte strings begin. */
const FIELDS = Array.from(CELLS, (_, tag) => {
  const numbers: number[] = [];
  const strings: number[] = [];
  let cell = 0;
  for (const { wire } of specOfTag(tag)?.fields ?? []) {
    (wire === 'bytes' ? strings : numbers).push(cell);
    cell += wire === 'bytes' ? 2 : 1;
  }
  return { numbers, strings };
});

/** Goes along a tape, event by event. */
class Cursor {
  readonly batch: EventBatch = new EventBatch();
  index = 0;
  at = 0;
  readonly #reader: TapeReader;
  #segment = -1;

  constructor(reader: TapeReader) {
    this.#reader = reader;
  }

  /** Whether there is an event; reads the next segment where one is over. */
  ready(): boolean {
    while (this.#segment < 0 || this.index === this.batch.count) {
      if (this.#segment + 1 >= this.#reader.segments.length) return false;
      this.#segment += 1;
      this.#reader.readSegment(this.#segment, this.batch);
      this.index = 0;
      this.at = 0;
    }
    return true;
  }

  get seq(): number {
    return this.batch.firstSeq + this.index;
  }

  words(): string {
    return describeEvent(this.batch, this.index, this.at);
  }

  step(): void {
    this.at += CELLS[this.batch.kinds[this.index]];
    this.index += 1;
  }
}

/** Whether the byte strings at a cell are the same. */
function sameBytes(a: Cursor, b: Cursor, cell: number): boolean {
  const [fromA, length] = a.batch.args.subarray(a.at + cell, a.at + cell + 2);
  const [fromB, lengthB] = b.batch.args.subarray(b.at + cell, b.at + cell + 2);
  if (length !== lengthB) return false;
  for (let i = 0; i < length; i += 1) {
    if (a.batch.blob[fromA + i] !== b.batch.blob[fromB + i]) return false;
  }
  return true;
}

function same(a: Cursor, b: Cursor): boolean {
  const kind = a.batch.kinds[a.index];
  if (kind !== b.batch.kinds[b.index]) return false;
  const { numbers, strings } = FIELDS[kind];
  for (const cell of numbers) {
    if (!Object.is(a.batch.args[a.at + cell], b.batch.args[b.at + cell])) return false;
  }
  return strings.every((cell) => sameBytes(a, b, cell));
}

/** Goes on in both while they are the same, at most to the end of a segment; whether they are not. */
function part(a: Cursor, b: Cursor): boolean {
  const count = Math.min(a.batch.count - a.index, b.batch.count - b.index);
  for (let i = 0; i < count; i += 1) {
    if (!same(a, b)) return true;
    a.step();
    b.step();
  }
  return false;
}

/** Events of one tape that are before the other begins are passed over. */
function align(a: Cursor, b: Cursor): void {
  while (a.ready() && b.ready() && a.seq !== b.seq) (a.seq < b.seq ? a : b).step();
}

export const divergenceJob =
  (holder: SessionHolder) =>
  async (place: TapePlace, task: Task): Promise<Divergence | null> => {
    const a = new Cursor(holder.get().reader);
    const b = new Cursor(new SourceReader(sourceOf(place)));
    align(a, b);
    for (;;) {
      const [more, moreThere] = [a.ready(), b.ready()];
      if (!more && !moreThere) return null;
      const parts = more !== moreThere || part(a, b);
      if (parts) {
        const seq = more ? a.seq : b.seq;
        return { seq, here: more ? a.words() : null, there: moreThere ? b.words() : null };
      }
      task.part({ looked: a.seq - 1 } satisfies DivergencePart);
      await task.breathe();
    }
  };
