/**
 * A position in the part of a dump that is there so far.
 *
 * A record has no length of its own, so the only way to know that it is whole is to read it. What is read beyond the
 * end comes from padding; a reader calls `complete` before it acts on anything it has read. Both that and a length
 * that reaches beyond the end throw `Incomplete`, with the number of bytes that are needed at least.
 */
import { HeaptapeError } from '@heaptape/schema';
import { ByteCursor } from '../exectrace/bytes.ts';

/** The record goes on beyond the bytes there are. Not an error: more bytes may come. */
export class Incomplete {
  /** Position up to which bytes are needed. */
  readonly need: number;

  constructor(need: number) {
    this.need = need;
  }
}

/** Longest name of a function, file, type or wait reason, bytes. */
const MAX_NAME_BYTES = 65536;
const TWO_32 = 0x1_0000_0000;

export class DumpCursor extends ByteCursor {
  /** Longest run of memory that the dump can hold, bytes. */
  maxMemory = 0;
  /** Start and length of what `memory` read last. */
  memoryStart = 0;
  memoryBytes = 0;
  private pointerBytes = 8;
  private littleEndian = true;
  private view: DataView;

  constructor(bytes: Uint8Array, end: number, offset: number) {
    super(bytes, end, offset);
    this.view = new DataView(bytes.buffer, bytes.byteOffset);
  }

  /** Goes on in another buffer that begins with the same file offset. */
  moveTo(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset);
  }

  setPointers(bytes: number, bigEndian: boolean): void {
    this.pointerBytes = bytes;
    this.littleEndian = !bigEndian;
  }

  /** Throws `Incomplete` where reading went beyond the end. */
  complete(): void {
    if (this.pos > this.end) throw new Incomplete(this.pos);
  }

  bool(): boolean {
    const value = this.uvarint();
    if (value > 1 && this.pos <= this.end) this.fail(`a truth value of ${value}`);
    return value === 1;
  }

  /** Next address or other integer that is of no use above 2^53. */
  address(): number {
    const value = this.uvarint();
    if (value > Number.MAX_SAFE_INTEGER && this.pos <= this.end) {
      this.fail(`address ${value} is above 2^53`);
    }
    return value;
  }

  /** A length and so many bytes of memory, which are skipped. */
  memory(): void {
    const length = this.uvarint();
    this.complete();
    if (length > this.maxMemory) this.fail(`a length of ${length} bytes`);
    this.memoryStart = this.pos;
    this.memoryBytes = length;
    this.pos += length;
    this.complete();
  }

  /** A length and so many bytes of UTF-8. */
  name(): string {
    const length = this.uvarint();
    this.complete();
    if (length > MAX_NAME_BYTES) this.fail(`a name of ${length} bytes`);
    if (this.pos + length > this.end) throw new Incomplete(this.pos + length);
    return this.text(length);
  }

  /** The pointer at byte `offset` of the memory read last. Not exact above 2^53. */
  pointerAt(offset: number): number {
    const at = this.memoryStart + offset;
    if (this.pointerBytes === 4) return this.view.getUint32(at, this.littleEndian);
    const first = this.view.getUint32(at, this.littleEndian);
    const second = this.view.getUint32(at + 4, this.littleEndian);
    return this.littleEndian ? second * TWO_32 + first : first * TWO_32 + second;
  }

  fail(what: string): never {
    throw new HeaptapeError('bad-data', `${what} at offset ${this.offset + this.pos}`);
  }
}
