/**
 * The tape, seen from both sides: what a store of events offers to those who write and read it.
 *
 * `@heaptape/log` implements these over SQLite; pure packages and the browser see only this file. A
 * tape is a chain of segments (batches of consecutive events), plus snapshots of the state at some
 * of the boundaries between them, plus a few named JSON documents about the run.
 */
import type { EventBatch } from './batch.ts';

/** One segment as the tape's index knows it. */
export interface SegmentInfo {
  /** Sequence number of its first event. */
  readonly firstSeq: number;
  /** Number of events. */
  readonly count: number;
  /** Ordinal that the next allocation takes when it begins. */
  readonly firstOrdinal: number;
  /** Virtual time when it ends, ns. */
  readonly endTimeNs: number;
  /** Hash of the state after its last event, 16 hexadecimal digits. */
  readonly stateHash: string;
}

/** A state at a sequence number, as columns cut into chunks. */
export interface StoredSnapshot {
  /** The last event that the state includes. */
  readonly seq: number;
  /** Control state, JSON in UTF-8. */
  readonly control: Uint8Array;
  /** Chunks of each column, in order. Equal chunks of different snapshots may be one array. */
  readonly columns: Readonly<Record<string, readonly Uint8Array[]>>;
}

export interface TapeWriter {
  /** Number of events appended so far. */
  readonly events: number;
  /** Adds a segment. `batch.firstSeq` must be `events + 1`. */
  append(batch: EventBatch, stateHash: string, endTimeNs: number): void;
  /** Stores a snapshot at the end of the last segment appended. */
  putSnapshot(snapshot: StoredSnapshot): void;
  /** Stores a JSON document under a name, replacing the one before. */
  putDocument(name: string, value: unknown): void;
}

export interface TapeReader {
  /** Number of events. */
  readonly events: number;
  readonly segments: readonly SegmentInfo[];
  /** Decodes segment `index` into `batch`. */
  readSegment(index: number, batch: EventBatch): void;
  /** Sequence numbers of the stored snapshots, ascending. */
  readonly snapshots: readonly number[];
  readSnapshot(seq: number): StoredSnapshot;
  /** A stored JSON document, or undefined. */
  document(name: string): unknown;
}
