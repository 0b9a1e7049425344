/**
 * Strings: bytes on the heap, or constants, and what is allocated where strings are made.
 *
 * 1. A string points to its bytes. Constants and strings of one byte made at run time lie outside the
 *    heap; a substring shares the bytes, and keeps all of them alive.
 * 2. Bytes of a string are allocated at their exact number; those of a `[]byte` or `[]rune` made of a
 *    string up to what the slot holds, which is its capacity. Below 16 bytes both are tiny objects.
 * 3. Concatenation allocates the sum, unless all but one operand are empty.
 *
 * Text is JavaScript's; lengths are those of its UTF-8 form. Follows `runtime/string.go`, Go 1.22 to
 * 1.26, for results that escape: the compiler keeps others of up to 32 bytes on the stack.
 */
import { encodeUtf8, HeaptapeError } from '@heaptape/schema';
import { roundUpSize } from '../heap/sizeclasses.ts';
import type { Frame } from './frame.ts';
import { GO } from './gotypes.ts';
import type { Heap, Obj } from './heap.ts';
import { Slice } from './slices.ts';
import { arrayLayout, type Layout } from './types.ts';
import type { Held } from './values.ts';

/** A Go string at run time. */
export class GoString implements Held {
  readonly text: string;
  /** The bytes; null where they are outside the heap. */
  readonly bytes: Obj | null;

  constructor(text: string, bytes: Obj | null) {
    this.text = text;
    this.bytes = bytes;
  }

  /** Bytes. */
  get len(): number {
    return utf8Length(this.text);
  }

  get pointers(): readonly (Obj | null)[] {
    return [this.bytes];
  }

  get identity(): string {
    return `s${this.text}`;
  }

  /** `s[low:high]`, in bytes. Throws `refused` for bounds out of range or inside of a character. */
  slice(low: number, high: number = this.len): GoString {
    const units = [unitOf(this.text, low), unitOf(this.text, high)];
    if (units.includes(-1) || low > high) {
      throw new HeaptapeError(
        'refused',
        `slice bounds out of range [${low}:${high}] or inside of a character, length ${this.len}`,
      );
    }
    return new GoString(this.text.slice(units[0], units[1]), low === high ? null : this.bytes);
  }
}

/** A string as programs here write it: a constant, or one that was made. */
export type StringLike = string | GoString;

export function textOf(value: StringLike): string {
  return typeof value === 'string' ? value : value.text;
}

export function utf8Length(text: string): number {
  return encodeUtf8(text).length;
}

/** Index in the text of a byte that begins a character; -1 if it does not. */
function unitOf(text: string, byte: number): number {
  let at = 0;
  let unit = 0;
  for (const character of text) {
    if (at >= byte) break;
    at += utf8Length(character);
    unit += character.length;
  }
  return at === byte ? unit : -1;
}

/** Pointer-free memory of so many bytes, without a type. */
export function rawBytes(name: string, bytes: number): Layout {
  return arrayLayout({ name, size: 1 }, bytes, bytes);
}

/** `string(bytes)`: a copy of bytes that say `text`. */
export function makeString(heap: Heap, text: string): GoString {
  const bytes = utf8Length(text);
  return new GoString(text, bytes <= 1 ? null : heap.allocate(rawBytes('string', bytes)));
}

/** `string(rune)`: room for any character, whichever it is. */
export function stringOfRune(heap: Heap, character: string): GoString {
  return new GoString(character, heap.allocate(rawBytes('string', 4)));
}

/** `string(runes)`: three bytes more than needed. */
export function stringOfRunes(heap: Heap, text: string): GoString {
  return new GoString(text, heap.allocate(rawBytes('string', utf8Length(text) + 3)));
}

/** `a + b + …`. */
export function concat(frame: Frame, parts: readonly StringLike[]): GoString {
  const some = parts.filter((part) => textOf(part) !== '');
  const text = some.map(textOf).join('');
  if (some.length <= 1) {
    const [only] = some;
    return only instanceof GoString ? only : new GoString(text, null);
  }
  try {
    for (const part of some) if (part instanceof GoString) frame.keep(part.bytes);
    return new GoString(text, frame.allocate(rawBytes('string', utf8Length(text))));
  } finally {
    frame.leave();
  }
}

/** `[]byte(s)`. */
export function bytesOf(heap: Heap, value: StringLike): Slice {
  const len = utf8Length(textOf(value));
  const cap = len === 0 ? 0 : roundUpSize(len, true);
  return new Slice(GO.byte, heap.allocate(rawBytes('uint8', cap)), 0, len, cap);
}

/** `[]rune(s)`. */
export function runesOf(heap: Heap, value: StringLike): Slice {
  const len = [...textOf(value)].length;
  const bytes = len === 0 ? 0 : roundUpSize(len * GO.rune.size, true);
  const cap = bytes / GO.rune.size;
  return new Slice(GO.rune, heap.allocate(arrayLayout(GO.rune, cap, bytes)), 0, len, cap);
}
