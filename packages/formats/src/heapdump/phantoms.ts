/**
 * Telling objects from the runtime's own bits.
 *
 * Since Go 1.22 a span of small objects with pointers ends with a bitmap that says which words are pointers, and since
 * 1.26 a span of small objects of either kind also has its mark bits there. Slots that overlap these are not
 * allocated from. `WriteHeapDump` does not know that: it counts a span's slots as if all of it were slots, and writes
 * those at the end as objects in every span. They must go, or a dump has more objects than `MemStats.HeapObjects`.
 *
 * 1. Only slots of up to `64 * pointer size` bytes are concerned, and their spans are one page each, so an object's
 *    page is its span, and its slot follows from its address.
 * 2. Objects with pointers and objects without are never in the same span. Every object of the first kind has a
 *    pointer field, and every span in use has an object; so a span has a bitmap if any of its slots has a field.
 * 3. With that, the number of real slots is that of `mheap.initSpan`, and slots from there on are phantoms.
 *
 * Follows `runtime/mheap.go` and `runtime/mbitmap.go`, Go 1.22 to 1.26. Versions that cannot be read from the params
 * record ("devel" included, where it names no number) are taken to have no such bits.
 */
import type { HeapDumpParams } from './dump.ts';

const PAGE_BYTES = 8192;
const WORDS_WITH_BITMAP = 64;
const WORDS_WITH_BITMAP_32 = 32;
const INLINE_MARK_BYTES = 128;
/** Smallest slot whose span has its mark bits inside. */
const MIN_INLINE_MARK_SLOT = 16;
/** Minor versions of Go 1 that brought the bitmap and the mark bits. */
const WITH_BITMAP = 22;
const WITH_MARKS = 26;

/** Which bits a program's spans of small objects end with. */
export interface SpanTail {
  /** Largest slot whose span may have such bits, bytes; 0 if none has. */
  readonly maxSlot: number;
  readonly bitmapBytes: number;
  readonly markBytes: number;
}

/** What the Go version in the params record says about spans. */
export function spanTailOf({ version, pointerBytes }: HeapDumpParams): SpanTail {
  const minor = Number(/\bgo1\.(\d+)/.exec(version)?.[1] ?? 0);
  const experiment = (name: string): boolean => new RegExp(`[ ,:]${name}\\b`).test(version);
  if (minor < WITH_BITMAP || experiment('noallocheaders')) {
    return { maxSlot: 0, bitmapBytes: 0, markBytes: 0 };
  }
  const byDefault = minor >= WITH_MARKS && !experiment('nogreenteagc');
  const words = pointerBytes === 8 ? WORDS_WITH_BITMAP : WORDS_WITH_BITMAP_32;
  return {
    maxSlot: words * pointerBytes,
    bitmapBytes: PAGE_BYTES / pointerBytes / 8,
    markBytes: byDefault || experiment('greenteagc') ? INLINE_MARK_BYTES : 0,
  };
}

/** Slots that can be allocated in a page of slots of `slot` bytes. */
export function slotsOfPage(tail: SpanTail, slot: number, pointers: boolean): number {
  if (slot > tail.maxSlot) return Math.floor(PAGE_BYTES / slot);
  const bitmap = pointers ? tail.bitmapBytes : 0;
  const marks = slot >= MIN_INLINE_MARK_SLOT ? tail.markBytes : 0;
  return Math.floor((PAGE_BYTES - bitmap - marks) / slot);
}

/** Objects in ascending order of address, as phantoms are looked for. */
export interface OrderedObjects {
  readonly count: number;
  readonly address: Float64Array;
  readonly bytes: Float64Array;
  /** Number of pointer fields of each. */
  readonly fields: Uint32Array;
}

/** A 1 for each object that is none. */
export function phantomsOf(objects: OrderedObjects, tail: SpanTail): Uint8Array {
  const { count, address, bytes } = objects;
  const phantom = new Uint8Array(count);
  for (let first = 0; first < count; ) {
    const page = Math.floor(address[first] / PAGE_BYTES) * PAGE_BYTES;
    let end = first + 1;
    while (end < count && address[end] < page + PAGE_BYTES && bytes[end] === bytes[first]) end++;
    if (bytes[first] <= tail.maxSlot) markPhantoms(objects, tail, page, first, end, phantom);
    first = end;
  }
  return phantom;
}

/** Looks at the objects `first` to `end`, all of one size in one page. */
function markPhantoms(
  { address, bytes, fields }: OrderedObjects,
  tail: SpanTail,
  page: number,
  first: number,
  end: number,
  phantom: Uint8Array,
): void {
  let pointers = false;
  for (let i = first; i < end && !pointers; i++) pointers = fields[i] > 0;
  const limit = page + slotsOfPage(tail, bytes[first], pointers) * bytes[first];
  for (let i = end - 1; i >= first && address[i] >= limit; i--) phantom[i] = 1;
}
