/**
 * Size classes: which slot an allocation of a given size gets.
 *
 * Models `internal/runtime/gc/sizeclasses.go`, `runtime/msize.go`, the branches of `mallocgc` and the
 * part of `mheap.initSpan` that counts slots, for 64-bit platforms, Go 1.22 to 1.26.
 *
 * 1. A small object goes into a span whose slots all have one of 67 sizes; class 0 is the large
 *    object, which has a span of its own.
 * 2. `mallocgc` picks by size and by whether the type has pointers ("scan") or not ("noscan"):
 *      noscan below 16 bytes          tiny allocator, slots of class 2 noscan
 *      noscan up to 32760             class of the size
 *      scan up to 512                 class of the size; the pointer bitmap lies in the span
 *      scan 513 to 32760              class of the size + 8; slot starts with a malloc header
 *      above 32760, either kind       a large span of whole pages
 *    The border is 32760 for noscan too, so class 67 never holds 32761 to 32768 bytes.
 * 3. A span class is `sizeclass << 1 | noscan`, 136 in all.
 * 4. A span holds fewer slots than span size / slot size where metadata lives in its tail:
 *      go1.22   scan spans with slots up to 512 bytes: 1 bit a word of pointer bitmap
 *      go1.26   (Green Tea) that, and 128 bytes of mark bits where slots are 16 to 512 bytes
 *
 * Invariants: slots grow with the class; the lookup tables give the smallest slot that fits.
 * No deviations.
 */
import { assert, HeaptapeError } from '@heaptape/schema';

/** Bytes of a heap page. */
export const PAGE_SIZE = 8192;
/** Number of size classes, the large class 0 included. */
export const NUM_SIZE_CLASSES = 68;
/** Number of span classes. */
export const NUM_SPAN_CLASSES = 136;
/** Bytes of the largest slot. */
const MAX_SMALL_SIZE = 32768;
/** Bytes of the header in front of a pointerful object above `MIN_SIZE_FOR_MALLOC_HEADER`. */
const MALLOC_HEADER_SIZE = 8;
/** Largest pointerful object without a header, bytes; the bound is exclusive for having one. */
const MIN_SIZE_FOR_MALLOC_HEADER = 512;
/** Largest object that is not a large object, bytes. */
export const MAX_SMALL_OBJECT = 32760;
/** Bytes of a tiny block; smaller noscan objects share one. */
export const TINY_SIZE = 16;
/** Span class of tiny blocks. */
const TINY_SPAN_CLASS = 5;
/** Bytes of the mark bits inside a Green Tea span. */
const INLINE_MARK_BYTES = 128;

/** Which release line's span metadata is modelled: up to 1.25, or 1.26 with Green Tea. */
export type GoLayout = 'go1.22' | 'go1.26';

/** One size class; `objects` is span bytes / slot bytes, before metadata is taken off. */
export interface SizeClass {
  readonly class: number;
  readonly bytes: number;
  readonly spanBytes: number;
  readonly objects: number;
}

/** Slot bytes by class. */
// biome-ignore format: a table
export const CLASS_BYTES: Uint16Array = Uint16Array.of(
  0, 8, 16, 24, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240, 256, 288, 320, 352,
  384, 416, 448, 480, 512, 576, 640, 704, 768, 896, 1024, 1152, 1280, 1408, 1536, 1792, 2048, 2304,
  2688, 3072, 3200, 3456, 4096, 4864, 5376, 6144, 6528, 6784, 6912, 8192, 9472, 9728, 10240, 10880,
  12288, 13568, 14336, 16384, 18432, 19072, 20480, 21760, 24576, 27264, 28672, 32768,
);

/** Pages of a span by class; 0 for class 0, whose spans are as long as their object. */
// biome-ignore format: a table
export const CLASS_PAGES: Uint8Array = Uint8Array.of(
  0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 2, 1, 2, 1, 2, 1, 3, 2, 3, 1, 3, 2, 3, 4, 5, 6, 1, 7, 6, 5, 4, 3, 5, 7, 2, 9, 7, 5, 8, 3, 10,
  7, 4,
);

/** All 68 rows, indexed by class. Row 0 (large objects) has zeros. */
export const sizeClasses: readonly SizeClass[] = Array.from(CLASS_BYTES, (bytes, index) => {
  const spanBytes = (CLASS_PAGES[index] ?? 0) * PAGE_SIZE;
  const objects = index === 0 ? 0 : Math.floor(spanBytes / bytes);
  return Object.freeze({ class: index, bytes, spanBytes, objects });
});

const FINE_LIMIT = 1016;
const CLASS_BY_8 = lookupTable(129, 0, 8);
const CLASS_BY_128 = lookupTable(249, 1024, 128);

/** Entry i is the smallest class whose slot holds `start + i * step` bytes. */
function lookupTable(entries: number, start: number, step: number): Uint8Array {
  const table = new Uint8Array(entries);
  let sizeClass = 0;
  for (let i = 0; i < entries; i++) {
    while ((CLASS_BYTES[sizeClass] ?? 0) < start + i * step) sizeClass++;
    table[i] = sizeClass;
  }
  return table;
}

/**
 * The smallest class whose slot holds `bytes` (an integer, 0 to 32768); 0 bytes give class 0.
 * Headers and the 32760 border are `spanClassOf`'s business.
 */
export function classForSize(bytes: number): number {
  if (bytes <= FINE_LIMIT) return CLASS_BY_8[(bytes + 7) >>> 3] as number;
  assert(bytes <= MAX_SMALL_SIZE, `no size class holds ${bytes} bytes`);
  return CLASS_BY_128[(bytes - 1024 + 127) >>> 7] as number;
}

/** Whether an object of `bytes` bytes gets a malloc header. Large objects have none. */
export function hasMallocHeader(bytes: number, noscan: boolean): boolean {
  return !noscan && bytes > MIN_SIZE_FOR_MALLOC_HEADER && bytes <= MAX_SMALL_OBJECT;
}

/**
 * Go's span class (`sizeclass << 1 | noscan`) of an object of `bytes` > 0 bytes, as `mallocgc`
 * picks it. Tiny objects get `TINY_SPAN_CLASS`; large ones 0 or 1. Ask `hasMallocHeader` for the
 * header. Size 0 has no slot (Go returns the address of one global).
 */
export function spanClassOf(bytes: number, noscan: boolean): number {
  assert(bytes > 0, `an object of ${bytes} bytes has no span class`);
  const bit = noscan ? 1 : 0;
  if (bytes > MAX_SMALL_OBJECT) return bit;
  if (noscan && bytes < TINY_SIZE) return TINY_SPAN_CLASS;
  const request = hasMallocHeader(bytes, noscan) ? bytes + MALLOC_HEADER_SIZE : bytes;
  return (classForSize(request) << 1) | bit;
}

/** What `mallocgc` does with a request, spelled out. */
export interface AllocationClass {
  readonly spanClass: number;
  readonly sizeClass: number;
  readonly noscan: boolean;
  /** Whether the slot starts with a malloc header, so that the object is at slot + 8. */
  readonly header: boolean;
  /** Whether the tiny allocator serves it, sharing its slot. */
  readonly tiny: boolean;
  /** Bytes that the collector and all statistics count. */
  readonly slotBytes: number;
}

/** Like `spanClassOf`, as a row for views and tests; makes an object, so not for hot paths. */
export function allocationClassOf(bytes: number, noscan: boolean): AllocationClass {
  const spanClass = spanClassOf(bytes, noscan);
  const sizeClass = spanClass >> 1;
  const slotBytes = sizeClass === 0 ? roundUpToPage(bytes) : (CLASS_BYTES[sizeClass] as number);
  const tiny = noscan && bytes < TINY_SIZE;
  const header = hasMallocHeader(bytes, noscan);
  return { spanClass, sizeClass, noscan, header, tiny, slotBytes };
}

/**
 * Go's `roundupsize`: the bytes usable by an object for which `bytes` bytes are asked, which is
 * what `append` makes its capacity from. Throws `bad-usage` unless `bytes` is an integer of 0 to
 * 2^53 - 8192.
 */
export function roundUpSize(bytes: number, noscan: boolean): number {
  if (!Number.isSafeInteger(bytes) || bytes < 0 || bytes > Number.MAX_SAFE_INTEGER - PAGE_SIZE) {
    throw new HeaptapeError('bad-usage', `not a size in bytes: ${bytes}`);
  }
  if (bytes > MAX_SMALL_OBJECT) return roundUpToPage(bytes);
  const header = hasMallocHeader(bytes, noscan) ? MALLOC_HEADER_SIZE : 0;
  return (CLASS_BYTES[classForSize(bytes + header)] as number) - header;
}

/** `bytes` rounded up to whole pages. */
function roundUpToPage(bytes: number): number {
  return Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE;
}

/** How many slots a span of `spanClass` really has (`mspan.nelems`); 1 for a large object. */
export function nelemsFor(spanClass: number, layout: GoLayout): number {
  assert(spanClass >= 0 && spanClass < NUM_SPAN_CLASSES, `no span class ${spanClass}`);
  const sizeClass = spanClass >> 1;
  if (sizeClass === 0) return 1;
  const slot = CLASS_BYTES[sizeClass] as number;
  const spanBytes = (CLASS_PAGES[sizeClass] as number) * PAGE_SIZE;
  let reserved = 0;
  if (slot <= MIN_SIZE_FOR_MALLOC_HEADER) {
    if ((spanClass & 1) === 0) reserved += spanBytes / 64;
    if (layout === 'go1.26' && slot >= TINY_SIZE) reserved += INLINE_MARK_BYTES;
  }
  return Math.floor((spanBytes - reserved) / slot);
}
