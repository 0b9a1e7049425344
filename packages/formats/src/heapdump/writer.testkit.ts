/**
 * Writing heap dumps, for tests.
 */
export class DumpWriter {
  readonly data: number[] = [];
  readonly pointerBytes: number;
  readonly bigEndian: boolean;
  /** Offsets at which records begin. */
  readonly starts: number[] = [];

  constructor(pointerBytes = 8, bigEndian = false, magic = 'go1.7 heap dump\n') {
    this.pointerBytes = pointerBytes;
    this.bigEndian = bigEndian;
    for (const char of magic) this.data.push(char.charCodeAt(0));
  }

  /** A record's tag and integers and strings, as they come. */
  record(tag: number, ...fields: (number | bigint | string)[]): this {
    this.starts.push(this.data.length);
    this.uvarint(tag);
    for (const field of fields) {
      if (typeof field === 'string') this.blob(Buffer.from(field));
      else this.uvarint(field);
    }
    return this;
  }

  params(arenaStart: number, arenaEnd: number, version = 'go1.21'): this {
    const { bigEndian, pointerBytes } = this;
    return this.record(
      6,
      bigEndian ? 1 : 0,
      pointerBytes,
      arenaStart,
      arenaEnd,
      'made',
      version,
      3,
    );
  }

  object(address: number, memory: Uint8Array, offsets: readonly number[]): this {
    this.record(1, address).blob(memory);
    return this.fields(offsets);
  }

  segment(tag: 12 | 13, address: number, memory: Uint8Array, offsets: readonly number[]): this {
    this.record(tag, address).blob(memory);
    return this.fields(offsets);
  }

  goroutine(goid: number, ctxt = 0): this {
    return this.record(4, 0x5000, 0x6000, goid, 0x400100, 4, 0, 0, 99, 'select', ctxt, 0, 0, 0);
  }

  frame(func: string, depth: number, memory: Uint8Array, offsets: readonly number[]): this {
    this.record(5, 0x7000, depth, 0).blob(memory);
    for (const value of [0x400000, 0x400010, 0x400010]) this.uvarint(value);
    this.blob(Buffer.from(func));
    return this.fields(offsets);
  }

  /** Counters 1 to 24, pauses 1000 to 1255, 7 cycles. */
  memstats(): this {
    const counters = Array.from({ length: 24 }, (_, i) => i + 1);
    const pauses = Array.from({ length: 256 }, (_, i) => 1000 + i);
    return this.record(10, ...counters, ...pauses, 7);
  }

  end(): Uint8Array {
    return Uint8Array.from(this.record(0).data);
  }

  /** Memory of `bytes` bytes with pointers at some offsets. */
  memory(bytes: number, pointers: readonly (readonly [number, number])[] = []): Uint8Array {
    const memory = Buffer.alloc(bytes);
    for (const [offset, value] of pointers) {
      const at = memory.subarray(offset, offset + this.pointerBytes);
      if (this.pointerBytes === 4) at[this.bigEndian ? 'writeUInt32BE' : 'writeUInt32LE'](value);
      else at[this.bigEndian ? 'writeBigUInt64BE' : 'writeBigUInt64LE'](BigInt(value));
    }
    return memory;
  }

  fields(offsets: readonly number[], kind = 1): this {
    for (const offset of offsets) this.uvarint(kind).uvarint(offset);
    return this.uvarint(0);
  }

  blob(bytes: Uint8Array): this {
    this.uvarint(bytes.length);
    for (const byte of bytes) this.data.push(byte);
    return this;
  }

  uvarint(value: number | bigint): this {
    let rest = BigInt(value);
    while (rest >= 128n) {
      this.data.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.data.push(Number(rest));
    return this;
  }
}
