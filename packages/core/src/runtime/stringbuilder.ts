/**
 * strings.Builder: a byte slice that grows like any other, and a string over the same bytes.
 *
 * Writing appends. Grow asks for twice the capacity and the bytes wanted. String copies nothing, so
 * the string keeps the whole buffer alive. Follows `strings/builder.go`, Go 1.26.
 *
 * The buffer is held by a variable of the program, as the Builder's field would hold it.
 */
import { HeaptapeError } from '@heaptape/schema';
import { roundUpSize } from '../heap/sizeclasses.ts';
import { GoPanic } from './errors.ts';
import type { Frame } from './frame.ts';
import type { Slot } from './goroutines.ts';
import { GO } from './gotypes.ts';
import { Slice, withRoom } from './slices.ts';
import { GoString, rawBytes, type StringLike, textOf, utf8Length } from './strings.ts';

export class StringsBuilder {
  readonly #frame: Frame;
  readonly #holder: Slot;
  #buf: Slice = new Slice(GO.byte, null, 0, 0, 0);
  readonly #parts: string[] = [];

  /** Keeps its buffer in `holder`, which is its own until it is reset. */
  constructor(frame: Frame, holder: Slot) {
    this.#frame = frame;
    this.#holder = holder;
  }

  /** Bytes written. */
  get Len(): number {
    return this.#buf.len;
  }

  get Cap(): number {
    return this.#buf.cap;
  }

  WriteString(value: StringLike): void {
    const text = textOf(value);
    const bytes = utf8Length(text);
    if (bytes === 0) return;
    this.#use((frame) => {
      if (value instanceof GoString) frame.keep(value.bytes);
      return withRoom(frame, this.#buf, this.#buf.len + bytes);
    });
    this.#parts.push(text);
  }

  /** One character: a byte, or the bytes of its UTF-8 form. */
  WriteRune(character: string): void {
    if ([...character].length !== 1) {
      throw new HeaptapeError('bad-usage', `a rune is one character, not "${character}"`);
    }
    this.WriteString(character);
  }

  /** Makes room for `n` more bytes. */
  Grow(n: number): void {
    if (n < 0) throw new GoPanic('strings.Builder.Grow: negative count');
    const { len, cap } = this.#buf;
    if (cap - len >= n) return;
    this.#use((frame) => {
      const size = roundUpSize(2 * cap + n, true);
      return new Slice(GO.byte, frame.allocate(rawBytes('uint8', size)), 0, len, size);
    });
  }

  /** What was written, over the same bytes. */
  String(): GoString {
    return new GoString(this.#parts.join(''), this.#buf.array);
  }

  /** Forgets everything, the buffer too. */
  Reset(): void {
    this.#buf = new Slice(GO.byte, null, 0, 0, 0);
    this.#parts.length = 0;
    this.#holder.set(null);
  }

  #use(grow: (frame: Frame) => Slice): void {
    try {
      const grown = grow(this.#frame);
      if (grown.array !== this.#buf.array) this.#holder.set(grown.array);
      this.#buf = grown;
    } finally {
      this.#frame.leave();
    }
  }
}
