/**
 * Lists of pointer fields.
 *
 * A list says where the pointers of the memory before it are: pairs of a kind and a byte offset, ended by kind 0.
 *
 *     1  pointer        one word
 *     2  iface, 3 eface two words, of which the second is the pointer (not written since Go 1.4, still read)
 *
 * Lists are read twice: once to find their end and check them, then, when the record is known to be whole, to take
 * the pointers. Go writes the fields of objects and segments in ascending order, and those of a frame in two parts;
 * those of a frame may also lie outside of it, where a callee's arguments do.
 */
import type { DumpCursor } from './cursor.ts';

const KIND_EOL = 0;
const KIND_PTR = 1;
const KIND_EFACE = 3;

export class FieldList {
  /** Fields in the list scanned last, those outside its memory left out. */
  count = 0;
  /** Fields left out because they lie outside the memory. */
  outside = 0;
  private start = 0;
  private end = 0;
  private bytes = 0;
  private readonly cursor: DumpCursor;
  private pointerBytes = 8;

  constructor(cursor: DumpCursor) {
    this.cursor = cursor;
  }

  setPointerBytes(bytes: number): void {
    this.pointerBytes = bytes;
  }

  /** Reads the list of the memory that was read last. `strict`: ascending, aligned and inside. */
  scan(strict: boolean): void {
    const { cursor, pointerBytes } = this;
    this.start = cursor.pos;
    this.bytes = cursor.memoryBytes;
    this.count = 0;
    this.outside = 0;
    const last = this.bytes - pointerBytes;
    let least = 0;
    for (let kind = cursor.uvarint(); kind !== KIND_EOL; kind = cursor.uvarint()) {
      const offset = this.offset(kind);
      cursor.complete();
      if (kind > KIND_EFACE) cursor.fail(`no field has kind ${kind}`);
      if (offset <= last) this.count++;
      else this.outside++;
      if (!strict) continue;
      if (offset < least || offset > last || offset % pointerBytes !== 0) {
        cursor.fail(`a pointer at byte ${offset} of ${this.bytes}`);
      }
      least = offset + pointerBytes;
    }
    cursor.complete();
    this.end = cursor.pos;
  }

  /** Goes back to the beginning of the list; then call `next` `count` times, and `leave`. */
  rewind(): void {
    this.cursor.pos = this.start;
  }

  /** Goes to the end of the list. */
  leave(): void {
    this.cursor.pos = this.end;
  }

  /** Byte offset of the next pointer inside the memory. */
  next(): number {
    const last = this.bytes - this.pointerBytes;
    let offset = this.offset(this.cursor.uvarint());
    while (offset > last) offset = this.offset(this.cursor.uvarint());
    return offset;
  }

  private offset(kind: number): number {
    const offset = this.cursor.uvarint();
    return kind === KIND_PTR ? offset : offset + this.pointerBytes;
  }
}
