/**
 * Writes well-formed execution traces, for tests: the inverse of the reader, written from the format's description
 * and sharing no code with the reader but the names of event numbers.
 */
import * as ev from './events.ts';

/** A version of the trace format that has allocation events. */
export type WrittenFormat = '1.23' | '1.25' | '1.26';

const NO_THREAD = 2n ** 64n - 1n;
/** Clock units per second: 64 ns a unit. */
const UNITS_PER_SECOND = 15_625_000;

/** Bytes under construction. */
export class Bytes {
  readonly data: number[] = [];

  byte(value: number): this {
    this.data.push(value);
    return this;
  }

  /** Unsigned LEB128, with as many bytes as needed but at least `width`. */
  uvarint(value: number | bigint, width = 1): this {
    let rest = BigInt(value);
    for (let n = 1; rest > 127n || n < width; n++) {
      this.data.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.data.push(Number(rest));
    return this;
  }

  text(value: string): this {
    const utf8 = unescape(encodeURIComponent(value));
    this.uvarint(utf8.length);
    for (let i = 0; i < utf8.length; i++) this.data.push(utf8.charCodeAt(i));
    return this;
  }

  append(other: Bytes): this {
    for (const value of other.data) this.data.push(value);
    return this;
  }
}

/** A type as the trace describes it. */
export interface WrittenType {
  readonly address: number;
  readonly size: number;
  readonly ptrBytes: number;
  readonly name: string;
}

interface OpenBatch {
  readonly start: number;
  last: number;
  readonly payload: Bytes;
}

/** Hands out ids from 1 in order of first use. */
class Ids<T> {
  readonly keys: T[] = [];
  private readonly byText: Map<string, number> = new Map();

  id(key: T): number {
    const text = JSON.stringify(key);
    let id = this.byText.get(text);
    if (id === undefined) {
      id = this.keys.push(key);
      this.byText.set(text, id);
    }
    return id;
  }
}

/** Writes one trace, generation by generation. */
export class TraceWriter {
  private readonly file: Bytes = new Bytes();
  private readonly format: WrittenFormat;
  private readonly batchBytes: number;
  /** Clock units per second that the next generation states. */
  frequency: number = UNITS_PER_SECOND;
  private generation = 0;
  private open: Map<number, OpenBatch> = new Map();
  private strings: Ids<string> = new Ids();
  private stacks: Ids<readonly string[]> = new Ids();
  private types: Ids<WrittenType> = new Ids();

  /** `batchBytes`: a thread's batch is closed when it holds this much. */
  constructor(format: WrittenFormat, batchBytes: number) {
    this.format = format;
    this.batchBytes = batchBytes;
    for (const char of `go ${format} trace\0\0\0`) this.file.byte(char.charCodeAt(0));
  }

  /** Starts a generation at a time; the first one also says how addresses are to be read. */
  begin(time: number): void {
    this.generation++;
    if (this.format !== '1.23') {
      const sync = new Bytes().byte(ev.EV_SYNC).byte(ev.EV_FREQUENCY).uvarint(this.frequency);
      sync
        .byte(ev.EV_CLOCK_SNAPSHOT)
        .uvarint(5)
        .uvarint(time * 64)
        .uvarint(1)
        .uvarint(2);
      this.batch(NO_THREAD, time, sync);
    }
    if (this.generation === 1) {
      const info = new Bytes()
        .byte(1)
        .uvarint(0xc0_0000_0000)
        .uvarint(8192)
        .uvarint(8)
        .uvarint(2048);
      this.batch(NO_THREAD, time, info, 1);
    }
  }

  /** One timed event of thread `m`. Times of a thread must rise. */
  event(m: number, time: number, kind: number, ...args: readonly (number | bigint)[]): void {
    let batch = this.open.get(m);
    if (batch === undefined) {
      batch = { start: time - 1, last: time - 1, payload: new Bytes() };
      this.open.set(m, batch);
    }
    batch.payload.byte(kind).uvarint(time - batch.last);
    for (const arg of args) batch.payload.uvarint(arg);
    batch.last = time;
    if (batch.payload.data.length >= this.batchBytes) this.flush(m);
  }

  string(value: string): number {
    return value === '' ? 0 : this.strings.id(value);
  }

  /** Function names, leaf first. */
  stack(functions: readonly string[]): number {
    for (const name of functions) this.string(name);
    return this.stacks.id(functions);
  }

  type(type: WrittenType | undefined): number {
    return type === undefined ? 0 : this.types.id(type);
  }

  /** Writes what is buffered without ending the generation, as far as a crashed process would have. */
  flushAll(): void {
    for (const m of [...this.open.keys()]) this.flush(m);
  }

  /** Ends the generation: event batches, tables and, where the format has one, the mark. */
  end(time: number): void {
    this.flushAll();
    if (this.format === '1.23') {
      this.batch(NO_THREAD, time, new Bytes().byte(ev.EV_FREQUENCY).uvarint(this.frequency));
    }
    const stacks = new Bytes().byte(ev.EV_STACKS);
    this.stacks.keys.forEach((functions, i) => {
      stacks
        .byte(ev.EV_STACK)
        .uvarint(i + 1)
        .uvarint(functions.length);
      functions.forEach((name, line) => {
        stacks
          .uvarint(0x400000 + line)
          .uvarint(this.string(name))
          .uvarint(0)
          .uvarint(line);
      });
    });
    this.batch(NO_THREAD, time, stacks);
    const types = new Bytes().byte(0);
    this.types.keys.forEach((type, i) => {
      types
        .uvarint(i + 1)
        .uvarint(type.address)
        .uvarint(type.size)
        .uvarint(type.ptrBytes);
      types.text(type.name);
    });
    this.batch(NO_THREAD, time, types, 1);
    const strings = new Bytes().byte(ev.EV_STRINGS);
    this.strings.keys.forEach((value, i) => {
      strings
        .byte(ev.EV_STRING)
        .uvarint(i + 1)
        .text(value);
    });
    this.batch(NO_THREAD, time, strings);
    if (this.format === '1.26') this.file.byte(ev.EV_END_OF_GENERATION);
    this.strings = new Ids();
    this.stacks = new Ids();
    this.types = new Ids();
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.file.data);
  }

  /** A batch of no thread with this payload; `experiment` 0 is a normal batch. */
  table(time: number, payload: Bytes, experiment = 0): void {
    this.batch(NO_THREAD, time, payload, experiment);
  }

  private flush(m: number): void {
    const batch = this.open.get(m);
    if (batch === undefined) return;
    this.open.delete(m);
    this.batch(BigInt(m), batch.start, batch.payload);
  }

  private batch(m: bigint, time: number, payload: Bytes, experiment = 0): void {
    if (experiment === 0) this.file.byte(ev.EV_EVENT_BATCH);
    else this.file.byte(ev.EV_EXPERIMENTAL_BATCH).byte(experiment);
    this.file.uvarint(this.generation).uvarint(m).uvarint(time);
    this.file.uvarint(payload.data.length, 10).append(payload);
  }
}
