/**
 * Verification: the tape's commands are decided again, and every event and state hash compared.
 *
 * 1. A fold shows that the events lead to the stored states; this shows that the events are what the
 *    collector decides. The commands are the mutator's events on the tape. A second reader walks the same
 *    tape behind the first and supplies what each decided event should be.
 * 2. A tape may be the beginning of a run, because its recording was killed or a part was copied. Then
 *    deciding its commands leads beyond its end, inside the outcome of the last one: verified, and `cut`
 *    says where.
 * 3. Some outcomes are recorded before their command's own event. So the last events of a recording that
 *    was killed may belong to a command that is not on it: they are folded, and nothing can decide them.
 *    Only where the caller says that the tape is `unfinished` does that pass.
 * 4. The time still pending after the last command (`end`) is decided last, because a run that goes on may
 *    pass it otherwise.
 */
import { applyCommand, Decider, isCommand, parseConfig, SCALAR, WorldHasher } from '@heaptape/core';
import {
  CELLS,
  describeEvent,
  EventBatch,
  HeaptapeError,
  specOfTag,
  type TapeReader,
} from '@heaptape/schema';
import { configText } from './beginning.ts';
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

/** Where a tape ends that is the beginning of a run. */
export interface Cut {
  /** The event that is the last command on the tape; 0 when there is none. */
  readonly command: number;
  /** Events at the tape's end that precede a command which is not on it. They are folded, not decided. */
  readonly undecided: number;
}

export interface Verification {
  readonly events: number;
  readonly hash: string;
  readonly verified: boolean;
  readonly firstMismatch: Mismatch | null;
  /** Where the tape ends before its run does; null for a whole run, and where `verified` is false. */
  readonly cut: Cut | null;
}

/** Thrown inside the sink to stop deciding at the first mismatch, or at the end of the tape. */
class Stop extends Error {}

class Comparison {
  readonly #reader: TapeReader;
  readonly #stored = new EventBatch();
  #segment = -1;
  #index = 0;
  #cell = 0;
  #mismatch: Mismatch | null = null;
  /** Events decided again and found the same. */
  same = 0;

  constructor(reader: TapeReader) {
    this.#reader = reader;
  }

  /** Compares a decided batch with what the tape holds there. */
  take(got: EventBatch, hash: () => string): void {
    let cell = 0;
    for (let i = 0; i < got.count; i += 1) {
      if (!this.#next()) throw new Stop();
      const kind = got.kinds[i];
      if (!this.#same(got, kind, cell)) {
        const want = describeEvent(this.#stored, this.#index - 1, this.#cell);
        this.#fail('event', want, describeEvent(got, i, cell));
      }
      cell += CELLS[kind];
      this.#cell += CELLS[kind];
      this.same += 1;
    }
    this.#compareState(hash);
  }

  /** The first difference found so far. */
  difference(): Mismatch | null {
    return this.#mismatch;
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
    // A state is that of the last event compared; an event differs where none has been found the same.
    this.#mismatch = { seq: what === 'state' ? this.same : this.same + 1, what, want, got };
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
  return parseConfig(configText(reader));
}

/** Issues every command of a tape, in order, up to the end of the run. */
export function playCommands(reader: TapeReader, decider: Decider, onProgress?: Progress): void {
  issueCommands(reader, decider, onProgress);
  decider.end();
}

function issueCommands(reader: TapeReader, decider: Decider, onProgress?: Progress): void {
  const play: EventVisitor = (kind, batch, at) => {
    if (isCommand(kind)) applyCommand(decider, kind, batch, at);
  };
  eachEvent(reader, play, onProgress);
}

/** Runs `task`; false when it stopped deciding. */
function undisturbed(task: () => void): boolean {
  try {
    task();
    return true;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return false;
  }
}

type Outcome = Pick<Verification, 'firstMismatch' | 'cut'>;

/** Decides all commands, then the time still pending. Returns what differs, or how the tape ends. */
function decideAgain(reader: TapeReader, unfinished: boolean, onProgress: Progress): Outcome {
  const comparison = new Comparison(reader);
  const hasher = new WorldHasher();
  const decided: { run: Decider | null } = { run: null };
  const different = (firstMismatch: Mismatch): Outcome => ({ firstMismatch, cut: null });
  let whole = false;
  try {
    whole = undisturbed(() => {
      const decider = new Decider(configOf(reader), (batch) => {
        comparison.take(batch, () => (decided.run === null ? '' : hasher.hash(decided.run.world)));
      });
      decided.run = decider;
      issueCommands(reader, decider, onProgress);
      decider.flush();
    });
  } catch (error) {
    if (!(error instanceof HeaptapeError && error.code === 'refused')) throw error;
    const seq = comparison.same + 1;
    return different({ seq, what: 'event', want: 'accepted', got: error.message });
  }
  const first = comparison.difference();
  if (first !== null) return different(first);
  const ended = whole && undisturbed(() => decided.run?.end());
  const last = comparison.difference();
  const undecided = reader.events - comparison.same;
  if (undecided === 0 && last === null) {
    return { firstMismatch: null, cut: ended ? null : { command: lastCommand(reader), undecided } };
  }
  if (unfinished && last?.what !== 'state') {
    return { firstMismatch: null, cut: { command: lastCommand(reader), undecided } };
  }
  return different(last ?? tooLong(reader, comparison.same));
}

function tooLong({ events }: TapeReader, same: number): Mismatch {
  return { seq: same + 1, what: 'length', want: `${events} events`, got: `${same} events` };
}

/** The number of the last event that is a command, or 0. */
function lastCommand(reader: TapeReader): number {
  const batch = new EventBatch();
  for (let i = reader.segments.length - 1; i >= 0; i -= 1) {
    reader.readSegment(i, batch);
    const at = batch.kinds.subarray(0, batch.count).findLastIndex(isCommand);
    if (at >= 0) return batch.firstSeq + at;
  }
  return 0;
}

/**
 * Decides a tape again and compares. Folding comes first, so that damage is told apart. `unfinished`: the
 * tape was not closed, so its last events may belong to a command that is not on it.
 */
export function verifyTape(
  reader: TapeReader,
  onProgress?: Progress,
  unfinished = false,
): Verification {
  const half: Progress = (done, total) => onProgress?.(done / 2, total);
  const { world, hash } = foldTape(reader, reader.events, half);
  const events = world.scalars[SCALAR.seq];
  const { firstMismatch, cut } = decideAgain(reader, unfinished, (done, total) =>
    onProgress?.((total + done) / 2, total),
  );
  return { events, hash, verified: firstMismatch === null, firstMismatch, cut };
}
