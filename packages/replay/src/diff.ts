/** Two tapes side by side: the first event in which they differ, and what differs in sum. */
import {
  argOffsets,
  describeEvent,
  EVENT_NAMES,
  EventBatch,
  type TapeReader,
} from '@heaptape/schema';
import { cyclesOf } from './cycles.ts';
import { configOf } from './verify.ts';

export interface TapeDiff {
  readonly equal: boolean;
  /** The first event that is not the same on both, as text; null on the side that has ended. */
  readonly firstDivergence: {
    readonly seq: number;
    readonly a: string | null;
    readonly b: string | null;
  } | null;
  /** Figures of both, by name, where they differ. */
  readonly summary: Readonly<Record<string, { readonly a: unknown; readonly b: unknown }>>;
}

/** Walks one tape event by event. */
class Walk {
  readonly #reader: TapeReader;
  readonly #batch = new EventBatch();
  #offsets: Int32Array = new Int32Array(1);
  #segment = -1;
  #index = 0;
  readonly counts: Record<string, number> = {};

  constructor(reader: TapeReader) {
    this.#reader = reader;
  }

  /** The next event as text, or null at the end. */
  next(): string | null {
    while (this.#segment < 0 || this.#index === this.#batch.count) {
      this.#segment += 1;
      if (this.#segment >= this.#reader.segments.length) return null;
      this.#reader.readSegment(this.#segment, this.#batch);
      this.#offsets = argOffsets(this.#batch);
      this.#index = 0;
    }
    const text = describeEvent(this.#batch, this.#index, this.#offsets[this.#index]);
    const name = EVENT_NAMES[this.#batch.kinds[this.#index]];
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    this.#index += 1;
    return text;
  }
}

export function diffTapes(a: TapeReader, b: TapeReader): TapeDiff {
  const walkA = new Walk(a);
  const walkB = new Walk(b);
  let firstDivergence: TapeDiff['firstDivergence'] = null;
  let seq = 0;
  for (;;) {
    const eventA = walkA.next();
    const eventB = walkB.next();
    if (eventA === null && eventB === null) break;
    seq += 1;
    if (firstDivergence === null && eventA !== eventB) {
      firstDivergence = { seq, a: eventA, b: eventB };
    }
  }
  const summary: Record<string, { a: unknown; b: unknown }> = {};
  const compare = (name: string, left: unknown, right: unknown): void => {
    if (JSON.stringify(left) !== JSON.stringify(right)) summary[name] = { a: left, b: right };
  };
  compare('events', a.events, b.events);
  for (const name of EVENT_NAMES.filter((n) => n !== '')) {
    compare(name, walkA.counts[name] ?? 0, walkB.counts[name] ?? 0);
  }
  compare('stateHash', a.segments.at(-1)?.stateHash, b.segments.at(-1)?.stateHash);
  compare('config', configOf(a), configOf(b));
  compare('cycles', cyclesOf(a).simulated.length, cyclesOf(b).simulated.length);
  return { equal: firstDivergence === null, firstDivergence, summary };
}
