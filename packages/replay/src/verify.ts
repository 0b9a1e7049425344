/**
 * Verification: the tape's commands are decided again, and every event and state hash compared.
 *
 * A fold shows that the events lead to the stored states; this shows that the events are what the
 * collector decides. The commands are the mutator's events on the tape. A second reader walks the same
 * tape behind the first and supplies what each decided event should be.
 */
import { applyCommand, Decider, isCommand, parseConfig, SCALAR, WorldHasher } from '@heaptape/core';
import {
  CELLS,
  decodeUtf8,
  describeEvent,
  EVENTS,
  EventBatch,
  HeaptapeError,
  specOfTag,
  type TapeReader,
} from '@heaptape/schema';
import { foldTape, type Progress } from './fold.ts';
import { type EventVisitor, eachEvent } from './walk.ts';

/** Where a decided run leaves its tape. */
export interface Mismatch {
  readonly seq: number;
  /** 'event', 'state' or 'length'. */
  readonly what: string;
  readonly want: string;
  readonly got: string;
}

export interface Verification {
  readonly events: number;
  readonly hash: string;
  readonly verified: boolean;
  readonly firstMismatch: Mismatch | null;
}

/** Thrown inside the sink to stop deciding at the first mismatch. */
class Stop extends Error {}

class Comparison {
  readonly #reader: TapeReader;
  readonly #stored = new EventBatch();
  #segment = -1;
  #index = 0;
  #cell = 0;
  mismatch: Mismatch | null = null;
  seq = 0;

  constructor(reader: TapeReader) {
    this.#reader = reader;
  }

  /** Compares a decided batch with what the tape holds there. */
  take(got: EventBatch, hash: () => string): void {
    let cell = 0;
    for (let i = 0; i < got.count; i += 1) {
      this.seq += 1;
      if (!this.#next()) this.#fail('length', 'the end of the tape', describeEvent(got, i, cell));
      const kind = got.kinds[i];
      if (!this.#same(got, kind, cell)) {
        const want = describeEvent(this.#stored, this.#index - 1, this.#cell);
        this.#fail('event', want, describeEvent(got, i, cell));
      }
      cell += CELLS[kind];
      this.#cell += CELLS[kind];
    }
    this.#compareState(hash);
  }

  #compareState(hash: () => string): void {
    const segment = this.#reader.segments[this.#segment];
    if (segment === undefined || this.#index !== segment.count) return;
    const found = hash();
    if (found !== segment.stateHash) this.#fail('state', segment.stateHash, found);
  }

  #same(got: EventBatch, kind: number, cell: number): boolean {
    const want = this.#stored;
    if (want.kinds[this.#index - 1] !== kind) return false;
    let offset = 0;
    for (const { wire } of specOfTag(kind)?.fields ?? []) {
      const a = cell + offset;
      const b = this.#cell + offset;
      if (wire === 'bytes') {
        if (!sameBytes(got, a, want, b)) return false;
        offset += 2;
      } else {
        if (got.args[a] !== want.args[b]) return false;
        offset += 1;
      }
    }
    return true;
  }

  #next(): boolean {
    while (this.#segment < 0 || this.#index === this.#stored.count) {
      this.#segment += 1;
      if (this.#segment >= this.#reader.segments.length) return false;
      this.#reader.readSegment(this.#segment, this.#stored);
      this.#index = 0;
      this.#cell = 0;
    }
    this.#index += 1;
    return true;
  }

  #fail(what: string, want: string, got: string): never {
    this.mismatch = { seq: this.seq, what, want, got };
    throw new Stop();
  }
}

function sameBytes(a: EventBatch, atA: number, b: EventBatch, atB: number): boolean {
  const length = a.args[atA + 1];
  if (length !== b.args[atB + 1]) return false;
  const fromA = a.args[atA];
  const fromB = b.args[atB];
  for (let i = 0; i < length; i += 1) {
    if (a.blob[fromA + i] !== b.blob[fromB + i]) return false;
  }
  return true;
}

/** The configuration that a tape's first event states. */
export function configOf(reader: TapeReader): ReturnType<typeof parseConfig> {
  const batch = new EventBatch();
  if (reader.segments.length > 0) reader.readSegment(0, batch);
  if (batch.count === 0 || batch.kinds[0] !== EVENTS.RunStarted.tag) {
    throw new HeaptapeError('bad-data', 'the tape does not begin with RunStarted');
  }
  return parseConfig(decodeUtf8(batch.blob.subarray(batch.args[0], batch.args[0] + batch.args[1])));
}

/** Issues every command of a tape, in order. */
export function playCommands(reader: TapeReader, decider: Decider, onProgress?: Progress): void {
  const play: EventVisitor = (kind, batch, at) => {
    if (isCommand(kind)) applyCommand(decider, kind, batch, at);
  };
  eachEvent(reader, play, onProgress);
  decider.end();
}

/** Decides a tape again and compares. Folding comes first, so that damage is told apart. */
export function verifyTape(reader: TapeReader, onProgress?: Progress): Verification {
  const half: Progress = (done, total) => onProgress?.(done / 2, total);
  const { world, hash } = foldTape(reader, reader.events, half);
  const events = world.scalars[SCALAR.seq];
  const comparison = new Comparison(reader);
  const hasher = new WorldHasher();
  let running: Decider | null = null;
  try {
    const decider = new Decider(configOf(reader), (batch) => {
      const decided = running;
      comparison.take(batch, () => (decided === null ? '' : hasher.hash(decided.world)));
    });
    running = decider;
    playCommands(reader, decider, (done, total) => onProgress?.((total + done) / 2, total));
  } catch (error) {
    if (error instanceof HeaptapeError && error.code === 'refused') {
      const seq = comparison.seq + 1;
      const firstMismatch = { seq, what: 'event', want: 'accepted', got: error.message };
      return { events, hash, verified: false, firstMismatch };
    }
    if (!(error instanceof Stop)) throw error;
  }
  let firstMismatch = comparison.mismatch;
  if (firstMismatch === null && comparison.seq !== events) {
    firstMismatch = {
      seq: comparison.seq + 1,
      what: 'length',
      want: `${events} events`,
      got: `${comparison.seq} events`,
    };
  }
  return { events, hash, verified: firstMismatch === null, firstMismatch };
}
