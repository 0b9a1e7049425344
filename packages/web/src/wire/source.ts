/**
 * A tape that lies elsewhere: where its bytes come from, and a reader over them.
 *
 * The fold wants its events at once, so a source answers at once: over HTTP by a request that waits,
 * which workers may make; in a page that carries its tape, from memory. Frames that came lately are kept
 * up to a bound, so that going back and forth asks for nothing twice.
 */
import {
  type EventBatch,
  HeaptapeError,
  SegmentCodec,
  type SegmentInfo,
  type StoredSnapshot,
  type TapeReader,
} from '@heaptape/schema';
import { segmentOfFrame, snapshotOfFrame } from './frames.ts';
import { segmentsOf, type TapeHeader } from './header.ts';

export interface TapeSource {
  header(): TapeHeader;
  /** A segment's frame. */
  segment(index: number): Uint8Array;
  /** A snapshot's frame. */
  snapshot(seq: number): Uint8Array;
  /** A JSON document, or undefined. */
  document(name: string): unknown;
}

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;

export class SourceReader implements TapeReader {
  readonly header: TapeHeader;
  readonly segments: readonly SegmentInfo[];
  readonly snapshots: readonly number[];
  readonly events: number;
  readonly #source: TapeSource;
  readonly #codec = new SegmentCodec();
  /** Oldest first. */
  readonly #frames = new Map<number, Uint8Array>();
  readonly #most: number;
  #bytes = 0;

  constructor(source: TapeSource, cacheBytes: number = DEFAULT_CACHE_BYTES) {
    this.#source = source;
    this.#most = cacheBytes;
    this.header = source.header();
    this.segments = segmentsOf(this.header);
    this.snapshots = this.header.snapshots;
    const last = this.segments.at(-1);
    this.events = last === undefined ? this.header.begin : last.firstSeq + last.count - 1;
  }

  /** Bytes of frames that are kept. */
  get cachedBytes(): number {
    return this.#bytes;
  }

  readSegment(index: number, batch: EventBatch): void {
    const info = this.segments[index];
    if (info === undefined) throw new HeaptapeError('not-found', `there is no segment ${index}`);
    this.#codec.decode(segmentOfFrame(this.#frame(index)), batch);
    if (batch.count !== info.count || batch.firstSeq !== info.firstSeq) {
      throw new HeaptapeError(
        'bad-data',
        `segment ${index} holds other events than the index says`,
      );
    }
  }

  #frame(index: number): Uint8Array {
    const known = this.#frames.get(index);
    if (known !== undefined) {
      this.#frames.delete(index);
      this.#frames.set(index, known);
      return known;
    }
    const frame = this.#source.segment(index);
    this.#frames.set(index, frame);
    this.#bytes += frame.length;
    for (const [oldest, { length }] of this.#frames) {
      if (this.#bytes <= this.#most || oldest === index) break;
      this.#frames.delete(oldest);
      this.#bytes -= length;
    }
    return frame;
  }

  readSnapshot(seq: number): StoredSnapshot {
    return snapshotOfFrame(seq, this.#source.snapshot(seq));
  }

  document(name: string): unknown {
    return this.#source.document(name);
  }
}
