/**
 * Layout of the simulated heap beyond Go's size classes: addresses, columns, limits.
 *
 * A heap word is 8 bytes and is named by its index from the heap's base, so that an address is one
 * 31-bit integer on the hot paths: `address = HEAP_BASE + 8 * word`. A page is 1024 words.
 * Follows `runtime/malloc.go` and `internal/runtime/gc/malloc.go`, Go 1.26.
 */

/** Pages of a page-allocator chunk: the heap grows by multiples of this (4 MiB). */
export const CHUNK_PAGES = 512;
/** Address of word 0. Go on linux/amd64 starts here up to 1.25; 1.26 adds a random offset. */
export const HEAP_BASE = 0xc000000000;
/** Most pages of the simulated heap: word indices stay below 2^31 (16 GiB). */
export const MAX_PAGES: number = 1 << 21;
/** 32-bit words of one page's share of a bitmap: room for the 1024 slots of the smallest class. */
export const BITMAP_WORDS = 32;
/** Most Ps. */
export const MAX_PROCS = 1024;

/** `spanState`: no span begins at this page. */
export const SPAN_DEAD = 0;
/** `spanState`: a span of the garbage-collected heap begins here (Go's mSpanInUse). */
export const SPAN_IN_USE = 1;
/** `spanState`: a span of stacks begins here; it is not swept (Go's mSpanManual). */
export const SPAN_MANUAL = 2;
