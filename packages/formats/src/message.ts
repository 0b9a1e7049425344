/**
 * Messages in protobuf's wire format, field by field, on top of a kept library's writer.
 *
 * The writer knows varints, lengths and nesting; here is what both formats add: a field that has its
 * default value is left out, whole numbers are numbers (never BigInt), and text is encoded by the
 * package's own pure encoder. Whoever uses it names fields by their public numbers.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { encodeUtf8 } from '@heaptape/schema';

/** Below this a whole number is one the quick path takes. */
const UINT32 = 2 ** 32;

export class MessageWriter {
  readonly #writer = new BinaryWriter(encodeUtf8);

  /** An unsigned number, as `uint64` or an enum; 0 is left out. */
  uint(field: number, value: number): void {
    if (value !== 0) this.explicitUint(field, value);
  }

  /** As `uint`, with 0 written too: a member of a oneof. */
  explicitUint(field: number, value: number): void {
    const tagged = this.#writer.tag(field, WireType.Varint);
    if (value < UINT32) tagged.uint32(value);
    else tagged.uint64(value);
  }

  /** A whole number of either sign, as `int64`; 0 is written too. */
  int(field: number, value: number): void {
    if (value >= 0) this.explicitUint(field, value);
    else this.#writer.tag(field, WireType.Varint).int64(value);
  }

  double(field: number, value: number): void {
    this.#writer.tag(field, WireType.Bit64).double(value);
  }

  /** Eight bytes, little-endian. */
  fixed(field: number, value: number): void {
    this.#writer.tag(field, WireType.Bit64).fixed64(value);
  }

  /** Text; the empty one is left out. */
  text(field: number, value: string): void {
    if (value !== '') this.explicitText(field, value);
  }

  /** As `text`, with the empty one written too: an element of a list. */
  explicitText(field: number, value: string): void {
    this.#writer.tag(field, WireType.LengthDelimited).string(value);
  }

  /** A list of whole numbers of either sign, packed; the empty one is left out. */
  ints(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    this.begin(field);
    for (const value of values) {
      if (value >= 0 && value < UINT32) this.#writer.uint32(value);
      else this.#writer.int64(value);
    }
    this.end();
  }

  /** What follows, up to the matching `end`, is the message in this field. */
  begin(field: number): void {
    this.#writer.tag(field, WireType.LengthDelimited).fork();
  }

  end(): void {
    this.#writer.join();
  }

  /** All bytes since the last call. */
  take(): Uint8Array {
    return this.#writer.finish();
  }
}
