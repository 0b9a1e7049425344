/**
 * Cutting a trace file into batches.
 *
 * A file is a 16-byte header and then batches:
 *
 *     normal        01      generation  m  time  size  <size bytes>
 *     experimental  31 exp  generation  m  time  size  <size bytes>      (since Go 1.23)
 *     end mark      34                                                  (since Go 1.26)
 *
 * where the four fields are unsigned LEB128 and `exp` is one byte. Bytes come in chunks of any length, so this is a
 * machine that consumes what it is given: header bytes one at a time into a scratch buffer (some thirty bytes in
 * 64 KiB), payload bytes by copying. Payloads are padded for `ByteCursor`. They lie one behind the other in large
 * blocks, which serve again once whoever took the batches has `recycle`d them: fresh memory is dear.
 *
 * Follows the framing in Go's internal/trace (batch.go) and runtime (tracebuf.go), Go 1.22 to 1.26.
 */
import { HeaptapeError } from '@heaptape/schema';
import { ByteCursor, PADDING } from './bytes.ts';
import { EV_END_OF_GENERATION, EV_EVENT_BATCH, EV_EXPERIMENTAL_BATCH } from './events.ts';

/** One batch of a trace. */
export interface Batch {
  /** 0 for a normal batch, else the experiment's number (1 = alloc/free). */
  readonly experiment: number;
  readonly generation: number;
  /** Thread that wrote it; about 2^64 for tables and leftovers, which belong to none. */
  readonly m: number;
  /** Clock units; the base of the first event's time delta. */
  readonly time: number;
  /** Payload, followed by PADDING zero bytes. */
  readonly bytes: Uint8Array;
  /** Length of the payload without the padding. */
  readonly size: number;
  /** File offset of the payload. */
  readonly offset: number;
}

/** What takes the batches. */
export interface BatchSink {
  batch(batch: Batch): void;
  /** The mark that Go 1.26 writes behind each complete generation. */
  endOfGeneration(): void;
}

const MAGIC_BYTES = 16;
const MAX_BATCH_BYTES = 65536;
const MAX_HEADER_BYTES = 64;
/** Bytes of a block of payloads. */
const BLOCK_BYTES = 1 << 20;
const RECORD_HINT =
  'record with Go 1.23 or later: GODEBUG=traceallocfree=1 and runtime/trace or go test -trace';

/** Versions of the format that this release reads. */
const FORMATS: readonly string[] = ['1.22', '1.23', '1.25', '1.26'];

/** Splits pushed bytes into batches. */
export class BatchSplitter {
  /** Version in the file's header, '' until it was read. */
  format = '';
  /** Bytes pushed so far. */
  offset = 0;
  private readonly sink: BatchSink;
  private readonly header: Uint8Array = new Uint8Array(MAX_HEADER_BYTES + PADDING);
  private headerLength = 0;
  private fieldsLeft = 0;
  private pending: Batch | undefined;
  private filled = 0;
  /** Blocks for payloads, the one in use, and how much of that is taken. */
  private readonly blocks: Uint8Array[] = [];
  private block = 0;
  private taken = 0;

  constructor(sink: BatchSink) {
    this.sink = sink;
  }

  /** Takes the next bytes of the file. */
  push(chunk: Uint8Array): void {
    const base = this.offset;
    let p = 0;
    while (p < chunk.length) {
      if (this.pending === undefined) this.headerByte(chunk[p++], base + p);
      else p += this.fill(this.pending, chunk, p);
    }
    this.offset = base + chunk.length;
  }

  /** The batches handed out so far are not used any more: their memory serves for the next ones. */
  recycle(): void {
    this.block = 0;
    this.taken = 0;
  }

  /** True if the bytes so far end between two batches. */
  atBoundary(): boolean {
    return this.pending === undefined && this.headerLength === 0 && this.format !== '';
  }

  /** Throws what is wrong with a file that ended before its header was whole. */
  finish(): void {
    if (this.format !== '') return;
    if (this.offset === 0) {
      throw new HeaptapeError('bad-format', 'the file is empty (offset 0)', RECORD_HINT);
    }
    readFormat(this.header, this.headerLength);
  }

  private headerByte(byte: number, next: number): void {
    const header = this.header;
    header[this.headerLength++] = byte;
    const length = this.headerLength;
    if (this.format === '') {
      if (length < MAGIC_BYTES) return;
      this.format = readFormat(header, MAGIC_BYTES);
      this.headerLength = 0;
      return;
    }
    if (length === 1) {
      this.startBatch(byte, next - 1);
      return;
    }
    const experimental = header[0] === EV_EXPERIMENTAL_BATCH;
    if (experimental && length === 2) return;
    if (byte < 128) this.fieldsLeft--;
    if (this.fieldsLeft === 0) this.openBatch(experimental ? 2 : 1, next);
    else if (length >= MAX_HEADER_BYTES) {
      throw new HeaptapeError('bad-data', `bad batch header at offset ${next - length}`);
    }
  }

  private startBatch(type: number, offset: number): void {
    this.fieldsLeft = 4;
    if (type === EV_EVENT_BATCH) return;
    if (type === EV_EXPERIMENTAL_BATCH && this.format !== '1.22') return;
    if (type === EV_END_OF_GENERATION && this.format === '1.26') {
      this.headerLength = 0;
      this.sink.endOfGeneration();
      return;
    }
    throw new HeaptapeError('bad-data', `no batch starts with byte ${type}, at offset ${offset}`);
  }

  private openBatch(skip: number, next: number): void {
    const at = next - this.headerLength;
    const cursor = new ByteCursor(this.header, this.headerLength, at);
    cursor.pos = skip;
    const generation = cursor.uvarint();
    const m = cursor.uvarint();
    const time = cursor.uvarint();
    const size = cursor.uvarint();
    if (cursor.pos !== this.headerLength || generation === 0 || time > Number.MAX_SAFE_INTEGER) {
      throw new HeaptapeError('bad-data', `bad batch header at offset ${at}`);
    }
    if (size > MAX_BATCH_BYTES) {
      throw new HeaptapeError('bad-data', `batch of ${size} bytes at offset ${at}`);
    }
    const bytes = this.take(size);
    const experiment = skip === 2 ? this.header[1] : 0;
    this.headerLength = 0;
    this.filled = 0;
    this.pending = { experiment, generation, m, time, bytes, size, offset: next };
    if (size === 0) this.close(this.pending);
  }

  /** Memory for a payload of `size` bytes and zeros behind it. */
  private take(size: number): Uint8Array {
    const length = size + PADDING;
    if (this.taken + length > BLOCK_BYTES && this.block < this.blocks.length) {
      this.block++;
      this.taken = 0;
    }
    if (this.block === this.blocks.length) this.blocks.push(new Uint8Array(BLOCK_BYTES));
    const from = this.taken;
    this.taken += length;
    return this.blocks[this.block].subarray(from, from + length).fill(0, size);
  }

  private fill(batch: Batch, chunk: Uint8Array, from: number): number {
    const take = Math.min(batch.size - this.filled, chunk.length - from);
    batch.bytes.set(chunk.subarray(from, from + take), this.filled);
    this.filled += take;
    if (this.filled === batch.size) this.close(batch);
    return take;
  }

  private close(batch: Batch): void {
    this.pending = undefined;
    this.sink.batch(batch);
  }
}

/** The version in a trace's header, such as '1.26'. Throws for anything that is not a trace we read. */
function readFormat(header: Uint8Array, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += String.fromCharCode(header[i]);
  const end = text.indexOf(' trace');
  const digits = text.slice(5, end);
  const numbered = text.startsWith('go 1.') && /^\d+$/.test(digits);
  if (length < MAGIC_BYTES || !numbered || text.slice(end + 6) !== '\0'.repeat(10 - end)) {
    throw new HeaptapeError('bad-format', 'not a Go execution trace (offset 0)', RECORD_HINT);
  }
  const version = `1.${digits}`;
  if (FORMATS.includes(version)) return version;
  const old = Number(digits) < 22;
  throw new HeaptapeError(
    'bad-version',
    old
      ? `execution trace in the old format of Go ${version} (offset 0)`
      : `execution trace of format ${version} is not known to this release (offset 0)`,
    RECORD_HINT,
  );
}
