/**
 * Where the kernel and the TypeScript around it meet: addresses in the kernel's memory, and answers.
 *
 * Compiled by both compilers: every number is a literal without a type, which one reads as an integer and the
 * other as a number. `F64_` and `I32_` are places in arrays of doubles and of 32-bit integers that begin at byte 0
 * of the memory; `AT_` are bytes. What is written here is small; columns, spans and slots lie behind `AT_HEAP`.
 */

/* Doubles of the state. */
/** Latest time that an event was taken at, clock units. */
export const F64_NOW = 128;
/** The first four arguments of the event that is answered with `OTHER`. */
export const F64_ARGUMENTS = 129;
/** Slot bytes freed, and slot bytes of objects of the snapshot, since the last drain. */
export const F64_FREED_BYTES = 133;
export const F64_START_BYTES = 134;
/** Events taken since the beginning, by number, of those that the kernel takes itself. */
export const F64_EVENTS = 35328;

/* Integers of the state. */
/** Rows since the beginning. */
export const I32_ROWS = 272;
/** Entries in the buffers: sites of new rows, deaths, tiny parts, clock ticks, levels of the heap. */
export const I32_NEW_ROWS = 273;
export const I32_DEATHS = 274;
export const I32_PARTS = 275;
export const I32_TICKS = 276;
export const I32_LEVELS = 277;
/** Objects of the snapshot, and allocations, that became rows; slots that became empty. */
export const I32_START_ROWS = 278;
export const I32_ALLOC_ROWS = 279;
export const I32_FREED = 280;
/** What did not fit together. */
export const I32_MISALIGNED = 281;
export const I32_UNMAPPED = 282;
export const I32_ALLOCS_ON_LIVE = 283;
export const I32_FREES_WITHOUT_OBJECT = 284;
export const I32_DIED_WITH_SPAN = 285;
export const I32_IMPLICIT_SPAN_FREES = 286;
/** All but the rows count since the last drain: from here, up to here. */
export const I32_DRAINED_FROM = 273;
export const I32_DRAINED_END = 287;
/** First row of a HeapObjectAlloc event in the last `follow`; -1 if there was none. */
export const I32_FIRST_ALLOC_ROW = 288;
/** Position of the arguments of the event that is answered with `OTHER`. */
export const I32_ARGUMENTS_AT = 289;
/** Objects of rows below this one existed when the last ended cycle began. */
export const I32_BEGIN_ROW_OF_LAST = 290;
/** Not 0 while streams are blocked: changes of spans are to be told. */
export const I32_ANY_BLOCKED = 291;

/* Tables and buffers. */
/** Number of arguments by event number, one byte each; slot bytes by size class. */
export const AT_ARGUMENT_COUNT = 2048;
export const AT_CLASS_TO_SIZE = 2304;
/** Sites of new rows; rows that died; tiny parts with their blocks, in pairs. */
export const AT_NEW_ROWS = 4096;
export const AT_DEATHS = 36864;
export const AT_PARTS = 69632;
/** Clock ticks: row in one buffer, time in the other. */
export const AT_TICK_ROWS = 102400;
export const AT_TICK_TIMES = 106496;
/** Levels of the heap: rows so far, time, bytes. */
export const AT_LEVEL_ROWS = 262144;
export const AT_LEVEL_TIMES = 266240;
export const AT_LEVEL_BYTES = 274432;
/** Site by type and shape: a direct-mapped cache of 4096 entries of 16 bytes. */
export const AT_SITE_CACHE = 114688;
/** Filter of slots with orphans, 65,536 bits. */
export const AT_ORPHANS = 180224;
/** Free runs of slots, by their length. */
export const AT_FREE_RUNS = 188416;
/** Tables of pages of the first 512 GiB, by arena. */
export const AT_ARENAS = 196608;
/** A table of pages that no span covers. */
export const AT_NO_ARENA = 229376;
export const AT_HEAP = 284672;

/** Entries that the buffers hold. */
export const MOST_NEW_ROWS = 8192;
export const MOST_DEATHS = 8192;
export const MOST_PARTS = 4096;
export const MOST_TICKS = 1024;
export const MOST_LEVELS = 1024;
/** The longest run; Go puts at most this many objects in a span. */
export const MAX_SLOTS = 1024;

/* A stream: its batch's bytes (base, position, end), next event, clock, time of the next event, which is overdue. */
export const STREAM_BYTES = 40;
export const STREAM_BASE = 0;
export const STREAM_POSITION = 4;
export const STREAM_END = 8;
export const STREAM_KIND = 12;
export const STREAM_TIME = 16;
export const STREAM_HEAD = 24;
export const STREAM_OVERDUE = 32;

/* Answers of `follow` and `advance`. */
/** It is another stream's turn. */
export const LATER = 0;
/** The batch is at its end. */
export const BATCH_ENDS = 1;
/** An event that the kernel does not take: its arguments are in the state, the stream is behind it. */
export const OTHER = 2;
/** The event cannot have happened yet; the stream is still at it. */
export const BLOCKED = 3;
/** A buffer is full, or holds what the next event must not overtake. */
export const FULL = 4;
/** The event, which was taken, changed spans, and streams are blocked. */
export const SPANS_CHANGED = 5;
/** Errors in the data, at the stream's position: an event that is longer than its batch, or unknown. */
export const PAST_END = 6;
export const UNKNOWN_KIND = 7;
/** Too much for the kernel: pages of spans, arenas. */
export const TOO_MANY_PAGES = 8;
export const TOO_MANY_ARENAS = 9;
/** Inside the kernel only: the event was taken. */
export const TAKEN = 10;

/* A site's shape: the span class for small objects, then two for tiny blocks and parts, then large objects. */
export const SHAPE_TINY_BLOCK = 136;
export const SHAPE_TINY_PART = 137;
export const SHAPE_LARGE = 256;
/** Span class of 16-byte pointer-free slots, where tiny blocks live. */
export const TINY_SPAN_CLASS = 5;
/** Number of size classes, the one for large objects included. */
export const SIZE_CLASSES = 68;

/** How often the clock is noted: rows and bytes between two ticks. */
export const CLOCK_ROWS = 256;
export const CLOCK_BYTES = 65536;
