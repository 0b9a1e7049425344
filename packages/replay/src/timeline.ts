/**
 * The timeline: the state at any event of a tape.
 *
 * 1. A seek takes the nearest known state at or before its target: the current one, a snapshot kept in
 *    memory, or one stored on the tape; then it folds forward.
 * 2. While folding, states are kept by work done (events, spans marked and swept), not by event
 *    count, because marking and sweeping cost more to fold again than allocating.
 * 3. On its way to a target a seek also leaves marks a little before it. A step back
 *    then takes back what happened since the nearest of them and folds a few events; only the latest few stay.
 * 4. A kept state is mostly a patch upon another (`savepoint.ts` of the core). When they pass the byte budget every other one is
 *    dropped, and the distance doubles.
 */
import {
  evolve,
  type Savepoint,
  Savepoints,
  SCALAR,
  Snapshotter,
  savepointBytes,
  World,
  WorldHasher,
} from '@heaptape/core';
import { CELLS, EVENTS, EventBatch, HeaptapeError, type TapeReader } from '@heaptape/schema';
import { begin, beginningOf } from './beginning.ts';
import { foldStored, type Progress } from './fold.ts';
import { reading } from './stored.ts';

/** Work between kept states, in units of a cheap event, at first. */
const KEEP_WORK = 16_000;
/** Places of objects before the dead are dropped, 16 objects each: what is kept often should be small. */
const TIDY_PLACES = 1 << 14;
/** Work of folding a span event. */
const SPAN_WORK = 4;
/** How far before a target its marks are, events, farthest first. */
const MARK_DISTANCES = [2048, 48];
/** Marks that stay. */
const MARKS = 8;
const DEFAULT_BUDGET_BYTES = 1024 * 1024 * 1024;
/** Decoded segments kept. */
const CACHED_SEGMENTS = 8;

export interface TimelineOptions {
  /** Bytes that kept states may take. */
  readonly budgetBytes?: number;
  /**
   * The state knows where dead objects were. Snapshots on the tape do not, so it is folded from the beginning, and
   * memory grows with every object there ever was.
   */
  readonly keepDead?: boolean;
}

/** Is told of events while a timeline folds them. */
export interface FoldWatcher {
  /** By tag: 1 for events to be told of. */
  readonly kinds: Uint8Array;
  /** Such an event has been folded into `world`; true stops the fold there. */
  folded(world: World, kind: number, batch: EventBatch, at: number): boolean;
}

export class Timeline {
  /** Events before the first one of the tape: 0 but for a cut. */
  readonly begin: number;
  readonly #reader: TapeReader;
  readonly #budget: number;
  readonly #hasher = new WorldHasher();
  readonly #world = new World();
  readonly #savepoints = new Savepoints(this.#world);
  #kept: Savepoint[] = [];
  readonly #segments = new Map<number, EventBatch>();
  #interval = KEEP_WORK;
  /** Work done since event `#workFrom`, where a state was kept or taken up. */
  #work = 0;
  #workFrom = -1;
  #keptBytes = 0;

  constructor(reader: TapeReader, options: TimelineOptions = {}) {
    this.#reader = reader;
    this.begin = beginningOf(reader);
    this.#budget = options.budgetBytes ?? DEFAULT_BUDGET_BYTES;
    begin(reader, this.#world);
    this.#savepoints.forget();
    this.#world.objects.keepDead = options.keepDead ?? false;
    this.#world.objects.tidyFrom = TIDY_PLACES;
    this.#keep();
  }

  /**
   * The state where the timeline stands. It changes with the next seek: read it, do not keep it, and take no
   * snapshot of it elsewhere, because what the timeline keeps rests on its dirty flags.
   */
  get world(): World {
    return this.#world;
  }

  /** The last event that the state includes. */
  get seq(): number {
    return this.#world.scalars[SCALAR.seq];
  }

  /** Hash of the state, 16 hexadecimal digits. */
  hash(): string {
    return this.#hasher.hash(this.#world);
  }

  /** Goes to the state after event `seq`. Throws `not-found` beyond the tape. */
  seek(seq: number, onProgress?: Progress): World {
    if (!(Number.isInteger(seq) && seq >= this.begin && seq <= this.#reader.events)) {
      throw new HeaptapeError(
        'not-found',
        `event ${seq} is not on a tape of ${this.begin === 0 ? '' : `${this.begin + 1} to `}${this.#reader.events}`,
      );
    }
    this.#goBack(seq);
    for (const distance of MARK_DISTANCES) {
      if (seq - this.seq < distance * 2) continue;
      this.#goForward(seq - distance, seq, onProgress);
      this.#savepoints.mark(MARKS);
    }
    this.#goForward(seq, seq, onProgress);
    return this.#world;
  }

  /**
   * Folds on to event `to`, telling `watcher` of the events that it wants; true where it stopped the fold.
   * States are kept on the way as in a seek.
   */
  advance(to: number, watcher: FoldWatcher, onProgress?: Progress): boolean {
    const { kinds } = watcher;
    while (this.seq < to) {
      const batch = this.segmentAt(this.seq + 1);
      const from = this.seq + 1 - batch.firstSeq;
      const end = Math.min(batch.count, to - batch.firstSeq + 1);
      let at = 0;
      for (let i = 0; i < from; i += 1) at += CELLS[batch.kinds[i]];
      for (let i = from; i < end; i += 1) {
        const kind = batch.kinds[i];
        evolve(this.#world, kind, batch, at);
        this.#work += workOf(kind);
        if (this.#work >= this.#interval) this.#keep();
        if (kinds[kind] === 1 && watcher.folded(this.#world, kind, batch, at)) return true;
        at += CELLS[kind];
      }
      onProgress?.(this.seq, to);
    }
    return false;
  }

  /** The last event before `seq` after which the state is known without folding; `begin` is always one. */
  knownBefore(seq: number): number {
    const kept = this.#nearestKept(seq - 1)?.seq ?? this.begin;
    return Math.max(kept, this.#nearestStored(seq - 1));
  }

  /** The events after which the state is known without folding, ascending from `begin`. */
  known(): number[] {
    const seqs = new Set([
      this.begin,
      ...this.#kept.map(({ seq }) => seq),
      ...this.#reader.snapshots,
    ]);
    return [...seqs].sort((a, b) => a - b);
  }

  /** The decoded segment that holds event `seq`, from 1: read it, do not keep it. */
  segmentAt(seq: number): EventBatch {
    return this.#batch(this.#segmentOf(seq));
  }

  #goForward(to: number, target: number, onProgress: Progress | undefined): void {
    while (this.seq < to) {
      const index = this.#segmentOf(this.seq + 1);
      const batch = this.#batch(index);
      const from = this.seq + 1 - batch.firstSeq;
      this.#fold(batch, from, Math.min(batch.count, to - batch.firstSeq + 1));
      onProgress?.(this.seq, target);
    }
  }

  /** Restores the nearest state at or before `seq`, unless the current one is as near. */
  #goBack(seq: number): void {
    const kept = this.#nearestKept(seq);
    const marked = this.#savepoints.markedBefore(seq);
    const stored = this.#nearestStored(seq);
    const best = Math.max(stored, marked, kept?.seq ?? 0);
    if (this.seq <= seq && this.seq >= best) return;
    if (marked === best && this.seq > seq) this.#savepoints.rewind(best);
    else if (kept !== undefined && kept.seq >= stored) this.#savepoints.restore(kept);
    else this.#restoreStored(stored);
    this.#beginWork();
  }

  /** A stored snapshot must be the state that the tape states there. */
  #restoreStored(seq: number): void {
    const segment = this.#reader.segments[this.#segmentOf(seq)];
    const place = () => `the snapshot at event ${seq}`;
    const stored = this.#reader.readSnapshot(seq);
    const hash = reading(place, () => {
      new Snapshotter().restore(stored, this.#world);
      this.#savepoints.forget();
      return this.hash();
    });
    const ends = segment === undefined ? 0 : segment.firstSeq + segment.count - 1;
    if (ends === seq && (segment === undefined || segment.stateHash === hash)) return;
    throw new HeaptapeError('bad-data', `${place()} is not the state that the tape states there`);
  }

  #nearestKept(seq: number): Savepoint | undefined {
    let low = 0;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#kept[middle].seq <= seq) low = middle + 1;
      else high = middle;
    }
    return this.#kept[low - 1];
  }

  #nearestStored(seq: number): number {
    let best = -1;
    if (this.#world.objects.keepDead) return best;
    for (const stored of this.#reader.snapshots) if (stored <= seq) best = stored;
    return best;
  }

  #segmentOf(seq: number): number {
    const { segments } = this.#reader;
    let low = 0;
    let high = segments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (segments[middle].firstSeq <= seq) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  #batch(index: number): EventBatch {
    const cached = this.#segments.get(index);
    if (cached !== undefined) {
      this.#segments.delete(index);
      this.#segments.set(index, cached);
      return cached;
    }
    let batch: EventBatch | undefined;
    if (this.#segments.size >= CACHED_SEGMENTS) {
      const oldest = this.#segments.keys().next().value;
      if (oldest !== undefined) {
        batch = this.#segments.get(oldest);
        this.#segments.delete(oldest);
      }
    }
    batch ??= new EventBatch();
    this.#reader.readSegment(index, batch);
    this.#segments.set(index, batch);
    return batch;
  }

  /** Folds part of a batch, and keeps states where enough work has gone by. */
  #fold(batch: EventBatch, from: number, to: number): void {
    const { kinds } = batch;
    let start = from;
    for (let i = from; i < to; i += 1) {
      const kind = kinds[i];
      this.#work += workOf(kind);
      if (this.#work < this.#interval) continue;
      foldStored(this.#world, batch, start, i + 1);
      start = i + 1;
      this.#keep();
    }
    foldStored(this.#world, batch, start, to);
  }

  #beginWork(): void {
    this.#work = 0;
    this.#workFrom = this.seq;
  }

  /** Keeps the state, unless one is kept already that was passed since the work began. */
  #keep(): void {
    const from = this.#workFrom;
    this.#beginWork();
    const before = this.#nearestKept(this.seq);
    if (before !== undefined && (before.seq === this.seq || before.seq > from)) return;
    const savepoint = this.#savepoints.take();
    this.#keptBytes += savepointBytes(savepoint, before);
    this.#kept.splice(before === undefined ? 0 : this.#kept.indexOf(before) + 1, 0, savepoint);
    if (this.#keptBytes > this.#budget) this.#thin();
  }

  #thin(): void {
    this.#kept = this.#savepoints.halve(this.#kept);
    this.#keptBytes = 0;
    let last: Savepoint | undefined;
    for (const savepoint of this.#kept) {
      this.#keptBytes += savepointBytes(savepoint, last);
      last = savepoint;
    }
    this.#interval *= 2;
  }
}

const workOf = (kind: number): number =>
  kind === EVENTS.SpanMarked.tag || kind === EVENTS.SpanSwept.tag ? SPAN_WORK : 1;
