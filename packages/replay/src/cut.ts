/**
 * A part of a tape as a tape of its own: whole segments, so that their states stay proven by their hashes,
 * and the state before the first of them.
 */
import { Snapshotter } from '@heaptape/core';
import {
  decodeUtf8,
  type EncodedSegment,
  EVENTS,
  type EventBatch,
  HeaptapeError,
  type SegmentInfo,
  type StoredSnapshot,
  type TapeReader,
} from '@heaptape/schema';
import { type CutDocument, configText } from './beginning.ts';
import type { Progress } from './fold.ts';
import { Timeline } from './timeline.ts';
import { eachEvent } from './walk.ts';

/** A tape whose segments can be had as they are stored. */
export interface EncodedReader extends TapeReader {
  encodedSegment(index: number): EncodedSegment;
}

class CutReader implements EncodedReader {
  readonly segments: readonly SegmentInfo[];
  readonly snapshots: readonly number[];
  readonly events: number;
  readonly #reader: EncodedReader;
  readonly #skipped: number;
  readonly #first: StoredSnapshot;
  readonly #document: CutDocument;

  /** Segments `from` to before `to` of a tape, from 1 on, with the state before them. */
  constructor(
    reader: EncodedReader,
    [from, to]: readonly [number, number],
    first: StoredSnapshot,
    document: CutDocument,
  ) {
    this.segments = reader.segments.slice(from, to);
    this.#reader = reader;
    this.#skipped = from;
    this.#first = first;
    this.#document = document;
    const last = reader.segments[to - 1];
    this.events = last.firstSeq + last.count - 1;
    const inside = reader.snapshots.filter((seq) => seq > first.seq && seq <= this.events);
    this.snapshots = [first.seq, ...inside];
  }

  encodedSegment(index: number): EncodedSegment {
    return this.#reader.encodedSegment(this.#inWhole(index));
  }

  readSegment(index: number, batch: EventBatch): void {
    this.#reader.readSegment(this.#inWhole(index), batch);
  }

  #inWhole(index: number): number {
    if (index >= 0 && index < this.segments.length) return index + this.#skipped;
    throw new HeaptapeError('not-found', `there is no segment ${index}`);
  }

  readSnapshot(seq: number): StoredSnapshot {
    return seq === this.#first.seq ? this.#first : this.#reader.readSnapshot(seq);
  }

  document(name: string): unknown {
    return name === 'cut' ? this.#document : this.#reader.document(name);
  }
}

/** The beginning of a tape, without what comes after some segment. */
class ShortReader implements EncodedReader {
  readonly segments: readonly SegmentInfo[];
  readonly snapshots: readonly number[];
  readonly events: number;
  readonly #reader: EncodedReader;

  constructor(reader: EncodedReader, to: number) {
    this.#reader = reader;
    this.segments = reader.segments.slice(0, to);
    const last = reader.segments[to - 1];
    this.events = last.firstSeq + last.count - 1;
    this.snapshots = reader.snapshots.filter((seq) => seq <= this.events);
  }

  encodedSegment(index: number): EncodedSegment {
    return this.#reader.encodedSegment(index);
  }

  readSegment(index: number, batch: EventBatch): void {
    this.#reader.readSegment(index, batch);
  }

  readSnapshot(seq: number): StoredSnapshot {
    return this.#reader.readSnapshot(seq);
  }

  document(name: string): unknown {
    return this.#reader.document(name);
  }
}

/**
 * The part of a tape that holds the events after `from`, up to `to`: from the segment that holds the first
 * to the one that holds the last. Folds up to there where it does not begin with the tape. Throws
 * `bad-usage` where the part is empty.
 */
export function cutTape(
  reader: EncodedReader,
  from: number,
  to: number,
  onProgress?: Progress,
): EncodedReader {
  const { segments } = reader;
  if (!(from >= 0 && from < to && to <= reader.events)) {
    const hint = `the tape has ${reader.events} events`;
    throw new HeaptapeError('bad-usage', `nothing lies between event ${from} and ${to}`, hint);
  }
  const first = segments.findLastIndex(({ firstSeq }) => firstSeq <= from + 1);
  const end = segments.findIndex(({ firstSeq, count }) => firstSeq + count > to) + 1;
  if (first === 0 && end === segments.length) return reader;
  if (first === 0) return new ShortReader(reader, end);
  const before = segments[first - 1];
  const timeline = new Timeline(reader);
  const world = timeline.seek(before.firstSeq + before.count - 1, onProgress);
  const rootNames: [number, number, string][] = [];
  eachEvent(new ShortReader(reader, first), (kind, batch, at, seq) => {
    if (kind !== EVENTS.RootNamed.tag) return;
    const [root, start, length] = batch.args.subarray(at, at + 3);
    rootNames.push([seq, root, decodeUtf8(batch.blob.subarray(start, start + length))]);
  });
  const document = {
    timeNs: before.endTimeNs,
    stateHash: before.stateHash,
    config: configText(reader),
    rootNames,
  };
  return new CutReader(reader, [first, end], new Snapshotter().take(world), document);
}
