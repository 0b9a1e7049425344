/**
 * A tape in memory: the same two interfaces without a file, for tests, for what-if runs whose tape
 * nobody keeps, and for the shell. Segments are kept encoded, so a long run stays small, and what is
 * read back never shares memory with what was written.
 */
import {
  type EncodedSegment,
  type EventBatch,
  HeaptapeError,
  SegmentCodec,
  type SegmentInfo,
  type StoredSnapshot,
  type TapeReader,
  type TapeWriter,
} from '@heaptape/schema';
import { expectSegment, expectSnapshot, jsonOf } from './expect.ts';

function copyOf(snapshot: StoredSnapshot): StoredSnapshot {
  const columns: Record<string, Uint8Array[]> = {};
  for (const [name, chunks] of Object.entries(snapshot.columns)) {
    columns[name] = chunks.map((chunk) => chunk.slice());
  }
  return { seq: snapshot.seq, control: snapshot.control.slice(), columns };
}

export class MemoryTape implements TapeWriter, TapeReader {
  readonly #codec = new SegmentCodec();
  readonly #segments: SegmentInfo[] = [];
  readonly #content: EncodedSegment[] = [];
  readonly #snapshots = new Map<number, StoredSnapshot>();
  readonly #documents = new Map<string, string>();
  #events = 0;

  get events(): number {
    return this.#events;
  }

  get segments(): readonly SegmentInfo[] {
    return this.#segments;
  }

  get snapshots(): readonly number[] {
    return [...this.#snapshots.keys()];
  }

  append(batch: EventBatch, stateHash: string, endTimeNs: number): void {
    expectSegment(this.#events, batch, stateHash, endTimeNs);
    const { soft, hard } = this.#codec.encode(batch);
    const { firstSeq, count, firstOrdinal } = batch;
    this.#content.push({ soft: soft.slice(), hard: hard.slice() });
    this.#segments.push({ firstSeq, count, firstOrdinal, endTimeNs, stateHash });
    this.#events += count;
  }

  readSegment(index: number, batch: EventBatch): void {
    const content = this.#content[index];
    if (content === undefined) {
      throw new HeaptapeError('not-found', `there is no segment ${index}`);
    }
    this.#codec.decode(content, batch);
  }

  putSnapshot(snapshot: StoredSnapshot): void {
    expectSnapshot(this.#events, snapshot);
    this.#snapshots.set(snapshot.seq, copyOf(snapshot));
  }

  readSnapshot(seq: number): StoredSnapshot {
    const snapshot = this.#snapshots.get(seq);
    if (snapshot === undefined) {
      throw new HeaptapeError('not-found', `there is no snapshot at event ${seq}`);
    }
    return copyOf(snapshot);
  }

  putDocument(name: string, value: unknown): void {
    this.#documents.set(name, jsonOf(name, value));
  }

  document(name: string): unknown {
    const json = this.#documents.get(name);
    return json === undefined ? undefined : JSON.parse(json);
  }
}

export const createMemoryTape = (): MemoryTape => new MemoryTape();
