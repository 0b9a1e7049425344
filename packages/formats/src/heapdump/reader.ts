/**
 * Reading a heap dump (`runtime/debug.WriteHeapDump`), pushed in chunks.
 *
 * 1. Bytes are taken in pieces into a buffer, of which whole records are read and then dropped.
 * 2. A record that is not all there is tried again when it can be whole: when the memory it names has come, and in any
 *    case when half as many bytes again are there, so that reading stays linear.
 * 3. At the end record, or rather at `finish`, objects are put in order and addresses looked up (`assemble.ts`).
 *
 * Memory: the largest record, sixteen bytes an object and sixteen a pointer field while reading, and about as much for
 * the result. Nothing is allocated for a length that the file states before its bytes have come.
 */
import { HeaptapeError } from '@heaptape/schema';
import { PADDING } from '../exectrace/bytes.ts';
import { assemble } from './assemble.ts';
import { DumpCursor, Incomplete } from './cursor.ts';
import type { HeapDump } from './dump.ts';
import { FieldList } from './fields.ts';
import { RawDump } from './raw.ts';
import { readRecord } from './records.ts';
import type { RecordSource } from './source.ts';

/** Options of `HeapDumpReader`. */
export interface HeapDumpOptions {
  /** Refuse files of more bytes than this (after decompression); 4 GiB if left out. */
  readonly maxBytes?: number;
  /** Called after each chunk with the bytes read so far. */
  readonly onProgress?: (bytesRead: number) => void;
}

const DEFAULT_MAX_BYTES = 0x1_0000_0000;
const PIECE_BYTES = 1 << 20;
const MAGIC = 'go1.7 heap dump\n';
const HINT = 'write it with runtime/debug.WriteHeapDump, of Go 1.7 or later';
const HINT_CUT = 'write it again, and copy it when WriteHeapDump has returned';

/** Reads one heap dump. Push the bytes in order, then call `finish` once. */
export class HeapDumpReader {
  private readonly maxBytes: number;
  private readonly onProgress: ((bytesRead: number) => void) | undefined;
  private readonly dump: RawDump = new RawDump();
  private readonly cursor: DumpCursor;
  private readonly source: RecordSource;
  private buffer: Uint8Array = new Uint8Array(PADDING);
  /** Buffered bytes from which reading is worth a try. */
  private need = MAGIC.length;
  private bytesRead = 0;
  private records = 0;
  private trailingBytes = 0;
  private begun = false;
  private ended = false;

  constructor(options: HeapDumpOptions = {}) {
    this.maxBytes = Math.min(options.maxBytes ?? DEFAULT_MAX_BYTES, DEFAULT_MAX_BYTES);
    this.onProgress = options.onProgress;
    this.cursor = new DumpCursor(this.buffer, 0, 0);
    this.cursor.maxMemory = this.maxBytes;
    this.source = { dump: this.dump, cursor: this.cursor, fields: new FieldList(this.cursor) };
  }

  /** Takes the next bytes of the (decompressed) file. The chunk is not kept. */
  push(chunk: Uint8Array): void {
    if (this.bytesRead + chunk.length > this.maxBytes) {
      throw new HeaptapeError('too-large', `the heap dump is larger than ${this.maxBytes} bytes`);
    }
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      this.piece(chunk.subarray(at, at + PIECE_BYTES));
    }
    this.onProgress?.(this.bytesRead);
  }

  /** The file is at its end: returns the dump. */
  finish(): HeapDump {
    const { cursor, dump } = this;
    if (!this.begun) refuse(this.buffer.subarray(0, cursor.end));
    if (!this.ended) this.readRecords();
    if (!this.ended) {
      const inside = cursor.end > 0 ? `, in a record that begins at ${cursor.offset}` : '';
      throw new HeaptapeError(
        'bad-data',
        `the heap dump ends at offset ${this.bytesRead} without its end record${inside}`,
        HINT_CUT,
      );
    }
    const { params, memstats } = dump;
    if (params === undefined || memstats === undefined) {
      const missing = params === undefined ? 'params' : 'memstats';
      throw new HeaptapeError(
        'bad-data',
        `the heap dump has no ${missing} record (end record before offset ${this.bytesRead})`,
        HINT,
      );
    }
    const { bytesRead: bytes, records, trailingBytes } = this;
    return assemble(dump, params, memstats, { bytes, records, trailingBytes });
  }

  private piece(piece: Uint8Array): void {
    this.bytesRead += piece.length;
    if (this.ended) {
      this.trailingBytes += piece.length;
      return;
    }
    this.append(piece);
    const { cursor } = this;
    if (cursor.end < this.need) return;
    if (!this.begun) {
      refuse(this.buffer.subarray(0, cursor.end));
      this.begun = true;
      cursor.pos = MAGIC.length;
      this.drop();
    }
    this.readRecords();
  }

  /** Adds bytes to the buffer and keeps zeros behind them. */
  private append(piece: Uint8Array): void {
    const { cursor } = this;
    const end = cursor.end + piece.length;
    if (end + PADDING > this.buffer.length) {
      const larger = new Uint8Array(Math.max(end + PADDING, 2 * this.buffer.length));
      larger.set(this.buffer.subarray(0, cursor.end));
      this.buffer = larger;
      cursor.moveTo(larger);
    }
    this.buffer.set(piece, cursor.end);
    this.buffer.fill(0, end, end + PADDING);
    cursor.end = end;
  }

  /** Reads what whole records there are. */
  private readRecords(): void {
    const { cursor } = this;
    let start = cursor.pos;
    this.need = 1;
    try {
      while (cursor.pos < cursor.end && !this.ended) {
        start = cursor.pos;
        this.ended = !readRecord(this.source);
        this.records++;
      }
    } catch (error) {
      if (!(error instanceof Incomplete)) throw error;
      const tried = cursor.end - start;
      this.need = Math.max(error.need - start, Math.ceil(tried * 1.5));
      cursor.pos = start;
    }
    if (this.ended) this.trailingBytes = cursor.end - cursor.pos;
    this.drop();
  }

  /** Drops the bytes before the position. */
  private drop(): void {
    const { cursor } = this;
    if (cursor.pos === 0) return;
    this.buffer.copyWithin(0, cursor.pos, cursor.end);
    cursor.offset += cursor.pos;
    cursor.end -= cursor.pos;
    cursor.pos = 0;
    this.buffer.fill(0, cursor.end, cursor.end + PADDING);
  }
}

/** Throws unless the bytes begin like a dump that we read. */
function refuse(bytes: Uint8Array): void {
  let text = '';
  for (const byte of bytes.subarray(0, MAGIC.length)) text += String.fromCharCode(byte);
  if (text === MAGIC) return;
  const version = /^go(1\.\d+) heap dump/.exec(text)?.[1];
  if (version !== undefined && version !== '1.7') {
    throw new HeaptapeError(
      'bad-version',
      `heap dump in the format of Go ${version} (offset 0), not in that of Go 1.7`,
      HINT,
    );
  }
  const what = bytes.length === 0 ? 'the file is empty' : 'not a Go heap dump';
  throw new HeaptapeError('bad-format', `${what} (offset 0)`, HINT);
}
