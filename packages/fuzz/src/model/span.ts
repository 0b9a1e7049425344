/**
 * A span as the events describe it: a run of pages, cut into slots, with the objects that lie in them.
 *
 * Slots, marks and objects are kept in Maps and Sets: slow and plain on purpose, and nothing like the
 * bitmaps that they are compared with. The number of slots follows Go's rule, written out here again:
 * a span of objects with pointers up to 512 bytes gives a bit a word to its pointer bitmap, and since
 * Go 1.26 slots of 16 to 512 bytes also share 128 bytes of mark bits.
 */
import { sizeClasses } from '@heaptape/core';

export const PAGE_BYTES = 8192;
export const PAGE_WORDS = 1024;
/** Largest slot whose pointer bitmap lies in the span. */
const IN_SPAN_BITMAP = 512;
const INLINE_MARKS = 128;
const TINY_BLOCK = 16;
const HEADER_BYTES = 8;

export interface ModelSite {
  readonly bytes: number;
  readonly scanBytes: number;
  readonly held: boolean;
  readonly spanClass: number;
}

export interface ModelObject {
  readonly ordinal: number;
  readonly site: ModelSite;
  /** Pointer words that are not nil: word to ordinal. */
  readonly edges: Map<number, number>;
  span: ModelSpan;
  slot: number;
}

export interface ModelSpan {
  readonly page: number;
  readonly npages: number;
  readonly spanClass: number;
  readonly slotBytes: number;
  readonly slots: number;
  readonly objects: Map<number, ModelObject>;
  readonly marks: Set<number>;
  /** Allocation takes the first free slot from here on. */
  freeIndex: number;
  needsSweep: boolean;
  /** Objects allocated from it since it was cached. */
  untold: number;
  /** The P that has it in its mcache; -1 is none. */
  cachedBy: number;
}

export function makeSpan(
  page: number,
  npages: number,
  spanClass: number,
  layout: string,
): ModelSpan {
  const slotBytes = spanClass < 2 ? npages * PAGE_BYTES : classBytes(spanClass);
  return {
    page,
    npages,
    spanClass,
    slotBytes,
    slots: spanClass < 2 ? 1 : slotsOf(spanClass, layout),
    objects: new Map(),
    marks: new Set(),
    freeIndex: 0,
    needsSweep: false,
    untold: 0,
    cachedBy: -1,
  };
}

/** Bytes of a slot of a small span class. */
function classBytes(spanClass: number): number {
  return sizeClasses[spanClass >> 1]?.bytes ?? 0;
}

/** Pages of a span of a small span class. */
export const classPages = (spanClass: number): number =>
  (sizeClasses[spanClass >> 1]?.spanBytes ?? 0) / PAGE_BYTES;

function slotsOf(spanClass: number, layout: string): number {
  const bytes = classBytes(spanClass);
  const spanBytes = classPages(spanClass) * PAGE_BYTES;
  let room = spanBytes;
  if (bytes <= IN_SPAN_BITMAP && (spanClass & 1) === 0) room -= spanBytes / 64;
  if (bytes <= IN_SPAN_BITMAP && bytes >= TINY_BLOCK && layout === 'go1.26') room -= INLINE_MARKS;
  return Math.floor(room / bytes);
}

/** Bytes that an object's slot must have at least: what was asked for, and the header if it has one. */
export const bytesNeeded = ({ bytes, scanBytes, spanClass }: ModelSite): number =>
  bytes + (spanClass >= 2 && scanBytes > 0 && bytes > IN_SPAN_BITMAP ? HEADER_BYTES : 0);

/** First word of a slot. */
const slotWord = (span: ModelSpan, slot: number): number =>
  span.page * PAGE_WORDS + (slot * span.slotBytes) / 8;

/** First word of an object, after the header if it has one. */
export function objectWord({ site, span, slot }: ModelObject): number {
  return slotWord(span, slot) + (bytesNeeded(site) - site.bytes) / 8;
}
