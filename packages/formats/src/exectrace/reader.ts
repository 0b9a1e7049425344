/**
 * Reading an execution trace, pushed in chunks, into a recording.
 *
 * 1. The splitter cuts bytes into batches.
 * 2. Batches are kept, undecoded, until their generation is whole (its tables come last); then its tables are
 *    indexed, its events merged and recorded, and its bytes dropped.
 * 3. A generation is whole when the next one begins, or at the mark that Go 1.26 writes; the last one of older
 *    formats when it has a clock frequency and strings. A process that exits while it is traced leaves a last
 *    generation without tables and with some threads' events missing. It is left out and counted, unless there is
 *    no other.
 *
 * Memory: one generation's bytes, six bytes a row, four bytes a slot of the largest heap, and the dictionaries.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { Batch, BatchSink } from './batches.ts';
import { BatchSplitter } from './batches.ts';
import { ByteCursor } from './bytes.ts';
import { withoutDuplicates } from './duplicates.ts';
import { EV_HEAP_OBJECT_ALLOC, EV_HEAP_OBJECT_FREE } from './events.ts';
import { Merger } from './merge.ts';
import { Recorder } from './recorder.ts';
import type { DroppedGeneration, TraceRecording } from './recording.ts';
import { toRecording } from './result.ts';
import { countEvents } from './scan.ts';
import { GenerationTables, isEventBatch } from './tables.ts';

/** Options of `ExecTraceReader`. */
export interface ExecTraceOptions {
  /** Refuse files of more bytes than this (after decompression); 4 GiB if left out. */
  readonly maxBytes?: number;
  /** Called after each chunk with the bytes read so far. */
  readonly onProgress?: (bytesRead: number) => void;
}

const DEFAULT_MAX_BYTES = 0x1_0000_0000;
const DEFAULT_FREQUENCY = 15_625_000;
/** Longest recording, nanoseconds: 52 days. Simulated time stays exact beyond it. */
const MOST_NS = 0x10_0000_0000_0000;
const EXPERIMENT_ALLOC_FREE = 1;
const ALLOC_FREE_TYPES = 0;
const ALLOC_FREE_INFO = 1;
const REMEDY = 'record with GODEBUG=traceallocfree=1 and Go 1.23 or later';

/** Reads one Go execution trace with allocation events. Push the bytes in order, then call `finish` once. */
export class ExecTraceReader implements BatchSink {
  private readonly splitter: BatchSplitter = new BatchSplitter(this);
  private readonly recorder: Recorder = new Recorder();
  private readonly merger: Merger = new Merger(this.recorder);
  private readonly maxBytes: number;
  private readonly onProgress: ((bytesRead: number) => void) | undefined;
  private pending: Batch[] = [];
  private generation = 0;
  private generations = 0;
  private batches = 0;
  private unknownBytes = 0;
  private duplicateBatches = 0;
  private frequency = 0;
  private hasInfo = false;
  private dropped: DroppedGeneration | null = null;
  private usedIncomplete = false;

  constructor(options: ExecTraceOptions = {}) {
    this.maxBytes = Math.min(options.maxBytes ?? DEFAULT_MAX_BYTES, DEFAULT_MAX_BYTES);
    this.onProgress = options.onProgress;
  }

  /** Takes the next bytes of the (decompressed) file. The chunk is not kept. */
  push(chunk: Uint8Array): void {
    if (this.splitter.offset + chunk.length > this.maxBytes) {
      throw new HeaptapeError('too-large', `the trace is larger than ${this.maxBytes} bytes`);
    }
    this.splitter.push(chunk);
    this.onProgress?.(this.splitter.offset);
  }

  /** The file is at its end: returns the recording. */
  finish(): TraceRecording {
    this.splitter.finish();
    this.closeLast();
    if (!this.hasInfo) this.refuseWithoutAllocations();
    this.recorder.finish();
    const recording = toRecording(this.recorder, this.merger, {
      format: this.splitter.format,
      bytes: this.splitter.offset,
      generations: this.generations,
      batches: this.batches,
      frequency: this.frequency,
      unknownBytes: this.unknownBytes,
      duplicateBatches: this.duplicateBatches,
      dropped: this.dropped,
      usedIncomplete: this.usedIncomplete,
    });
    if (!(recording.durationNs <= MOST_NS)) {
      const { offset } = this.splitter;
      throw new HeaptapeError(
        'bad-data',
        `the trace's clock runs for ${recording.durationNs} ns (read up to offset ${offset})`,
      );
    }
    return recording;
  }

  batch(next: Batch): void {
    let batch = next;
    this.batches++;
    if (batch.generation !== this.generation) {
      this.closeGeneration();
      if (batch.generation < this.generation) {
        throw new HeaptapeError(
          'bad-data',
          `generation ${batch.generation} after ${this.generation} at offset ${batch.offset}`,
        );
      }
      this.generation = batch.generation;
      this.generations++;
      batch = { ...next, bytes: next.bytes.slice() };
      this.splitter.recycle();
    }
    this.pending.push(batch);
  }

  endOfGeneration(): void {
    this.closeGeneration();
    this.splitter.recycle();
  }

  /** Processes what is pending as a whole generation. */
  private closeGeneration(): void {
    if (this.pending.length === 0) return;
    const batches = this.pending;
    this.pending = [];
    this.record(batches, this.index(batches));
    if (!this.hasInfo) this.refuseWithoutAllocations();
  }

  /** Processes what is pending at the end of the file, which may be incomplete. */
  private closeLast(): void {
    const batches = this.pending;
    if (batches.length === 0 && this.splitter.atBoundary()) return;
    this.pending = [];
    const tables = this.index(batches);
    const marked = this.splitter.format === '1.26';
    const whole =
      this.splitter.atBoundary() && !marked && tables.frequency > 0 && tables.hasStrings;
    if (whole || this.generations <= 1) {
      this.usedIncomplete = !whole;
      this.record(batches, tables);
      return;
    }
    const byKind = new Float64Array(256);
    let events = 0;
    for (const batch of batches) if (isEventBatch(batch)) events += countEvents(batch, byKind);
    for (let kind = 0; kind < 256; kind++) this.merger.byKind[kind] += byKind[kind];
    this.dropped = {
      batches: batches.length,
      events,
      allocs: byKind[EV_HEAP_OBJECT_ALLOC],
      frees: byKind[EV_HEAP_OBJECT_FREE],
    };
  }

  private index(batches: readonly Batch[]): GenerationTables {
    const tables = new GenerationTables(this.recorder.types);
    for (const batch of batches) {
      if (batch.experiment !== 0) this.experiment(batch, tables);
      else if (!isEventBatch(batch)) tables.add(batch);
    }
    return tables;
  }

  private record(batches: readonly Batch[], tables: GenerationTables): void {
    if (tables.frequency > 0) this.frequency = tables.frequency;
    else if (this.frequency === 0) this.frequency = DEFAULT_FREQUENCY;
    this.recorder.useTables(tables);
    const timed = batches.filter(isEventBatch);
    const unique = withoutDuplicates(timed);
    this.duplicateBatches += timed.length - unique.length;
    this.merger.merge(unique, this.frequency);
  }

  private experiment(batch: Batch, tables: GenerationTables): void {
    const cursor = new ByteCursor(batch.bytes, batch.size, batch.offset);
    const kind = batch.size > 0 ? cursor.uvarint() : -1;
    if (batch.experiment !== EXPERIMENT_ALLOC_FREE) this.unknownBytes += batch.size;
    else if (kind === ALLOC_FREE_TYPES) tables.addTypes(cursor);
    else if (kind === ALLOC_FREE_INFO) this.info(cursor);
    else this.unknownBytes += batch.size;
  }

  private info(cursor: ByteCursor): void {
    cursor.uvarint();
    const pageBytes = cursor.uvarint();
    const align = cursor.uvarint();
    cursor.uvarint();
    if (pageBytes !== 8192 || align !== 8 || cursor.pos !== cursor.end) {
      throw new HeaptapeError(
        'bad-data',
        `heap of ${pageBytes}-byte pages and ${align}-byte alignment at offset ${cursor.offset}`,
      );
    }
    this.hasInfo = true;
  }

  private refuseWithoutAllocations(): never {
    const { format, offset } = this.splitter;
    throw new HeaptapeError(
      'missing-data',
      `this trace (format ${format}) has no allocation and free events (read up to offset ${offset})`,
      REMEDY,
    );
  }
}
