/**
 * An event batch: events in memory, in columns, with no object per event.
 *
 * The same form serves everywhere: the simulator writes it, the codec turns it into a segment and
 * back, `evolve` folds it, verification compares two of them cell by cell. `kinds[i]` is the tag of
 * event i; its arguments are the next `CELLS[tag]` cells of `args`, in the order of the event
 * table; a `bytes` field is two cells, offset and length in `blob`.
 */
import { CELLS } from './events.ts';

/** Events a full batch holds: one segment of a tape. */
export const SEGMENT_EVENTS = 16384;

const INITIAL_ARGS = SEGMENT_EVENTS * 3;
const INITIAL_BLOB = 1 << 16;

export class EventBatch {
  /** Sequence number of the first event, from 1. */
  firstSeq = 1;
  /** Ordinal that the next allocation takes when the batch begins, from 1. */
  firstOrdinal = 1;
  /** Number of events. */
  count = 0;
  /** Number of argument cells in use. */
  argCount = 0;
  /** Bytes of `blob` in use. */
  blobLength = 0;
  kinds: Uint8Array;
  args: Float64Array;
  blob: Uint8Array;

  constructor(capacity: number = SEGMENT_EVENTS) {
    this.kinds = new Uint8Array(capacity);
    this.args = new Float64Array(Math.max(16, Math.min(INITIAL_ARGS, capacity * 3)));
    this.blob = new Uint8Array(Math.min(INITIAL_BLOB, Math.max(64, capacity * 4)));
  }

  /** Forgets all events; the memory stays. */
  clear(firstSeq: number, firstOrdinal: number): void {
    this.firstSeq = firstSeq;
    this.firstOrdinal = firstOrdinal;
    this.count = 0;
    this.argCount = 0;
    this.blobLength = 0;
  }

  /** Makes room for `cells` more argument cells. */
  reserveArgs(cells: number): void {
    if (this.argCount + cells <= this.args.length) return;
    const grown = new Float64Array(Math.max(this.args.length * 2, this.argCount + cells));
    grown.set(this.args);
    this.args = grown;
  }

  /** Makes room for `bytes` more bytes of blob. */
  reserveBlob(bytes: number): void {
    if (this.blobLength + bytes <= this.blob.length) return;
    const grown = new Uint8Array(Math.max(this.blob.length * 2, this.blobLength + bytes));
    grown.set(this.blob);
    this.blob = grown;
  }

  /** Appends `bytes` to the blob and returns its offset. */
  putBlob(bytes: Uint8Array): number {
    this.reserveBlob(bytes.length);
    const offset = this.blobLength;
    this.blob.set(bytes, offset);
    this.blobLength += bytes.length;
    return offset;
  }

  /** Appends an event with its argument cells; the slow, general way. */
  push(tag: number, cells: readonly number[]): void {
    if (cells.length !== CELLS[tag]) throw new RangeError(`event tag ${tag}: wrong argument count`);
    if (this.count === this.kinds.length) {
      const grown = new Uint8Array(this.kinds.length * 2);
      grown.set(this.kinds);
      this.kinds = grown;
    }
    this.reserveArgs(cells.length);
    this.kinds[this.count] = tag;
    this.count += 1;
    for (const cell of cells) {
      this.args[this.argCount] = cell;
      this.argCount += 1;
    }
  }
}

/** Argument offset of every event, and at the end the total: `count + 1` entries. */
export function argOffsets(batch: EventBatch): Int32Array {
  const offsets = new Int32Array(batch.count + 1);
  let at = 0;
  for (let i = 0; i < batch.count; i += 1) {
    offsets[i] = at;
    at += CELLS[batch.kinds[i]];
  }
  offsets[batch.count] = at;
  return offsets;
}
