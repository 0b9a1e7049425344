/**
 * Which span covers a page, and what lies in its slots.
 *
 * 1. Pages map to spans in tables of 8192 pages (64 MiB of address space, as Go's arenas). Tables of the first
 *    512 GiB are found by index, others by asking the host.
 * 2. A span's slots are a run of 32-bit numbers: row + 1 of what lies there, 0 for an empty slot. Runs of freed
 *    spans are kept by their length, each holding the address of the next in its first entry, and used again; so
 *    the runs take what the heap took at its fullest. Freed spans are kept likewise.
 * 3. Manually managed spans (goroutine stacks, work buffers) have no slots.
 * 4. A span laid over pages that still belong to another one replaces it. Go 1.23 drops some span events.
 *
 * Every size that the trace states is bounded before anything of that size is allocated or walked. Addresses count
 * from the lowest heap address at the start of the trace; what lies below it is negative.
 */

import {
  AT_ARENAS,
  AT_CLASS_TO_SIZE,
  AT_FREE_RUNS,
  AT_NO_ARENA,
  BLOCKED,
  FULL,
  I32_DEATHS,
  I32_DIED_WITH_SPAN,
  I32_IMPLICIT_SPAN_FREES,
  MAX_SLOTS,
  MOST_DEATHS,
  OTHER,
  SHAPE_LARGE,
  SIZE_CLASSES,
  TAKEN,
  TINY_SPAN_CLASS,
  TOO_MANY_ARENAS,
  TOO_MANY_PAGES,
} from '../src/exectrace/layout.ts';
import { farArena } from './host.ts';
import { allocate } from './memory.ts';
import { count, die, state } from './output.ts';

const ARENA_SHIFT = 13;
const ARENA_PAGES: i64 = 1 << ARENA_SHIFT;
const ARENA_MASK = ARENA_PAGES - 1;
const NEAR_ARENAS: i64 = 8192;

/** Bounds: 512 GiB of arenas touched, 128 GiB in one span, 4 TiB of spans laid out in one recording. */
const MAX_ARENAS = 8192;
const MAX_SPAN_PAGES: u64 = 0x100_0000;
const MAX_PAGES_LAID: u64 = 0x2000_0000;
/** Go's bound on the pages of a span of small objects. */
const MAX_SMALL_SPAN_PAGES: u64 = 10;
/** Page numbers are byte distances / 8192 modulo 2^64 / 8192; the upper half of them is meant to be negative. */
const PAGE_NUMBERS: u64 = 1 << 51;
const PAGE_SHIFT = 13;
/** `kindClass` of manually managed memory. */
const MANUAL: u64 = 1;
/** Slots of more than this many units in pointerful spans have a malloc header. */
const HEADER_UNITS: i64 = 64;

/* A span: first page, units of 8 bytes in a slot, pages, slots, run, shape of its objects, flags. */
const FIRST_PAGE = 0;
const SLOT_UNITS = 8;
const PAGES = 16;
const SLOTS = 20;
const RUN = 24;
const SHAPE = 28;
const FLAGS = 32;
const SPAN_BYTES = 40;

/** Flags: slots hold tiny blocks; objects may be reported one unit into their slot. */
export const SPAN_TINY = 1;
export const SPAN_INSIDE = 2;

let arenas = 0;
let pagesLaid: u64 = 0;
let freeSpans: usize = 0;

export function firstPage(span: usize): i64 {
  return load<i64>(span, FIRST_PAGE);
}
export function slotUnits(span: usize): i64 {
  return load<i64>(span, SLOT_UNITS);
}
export function slots(span: usize): u32 {
  return load<u32>(span, SLOTS);
}
export function run(span: usize): usize {
  return load<u32>(span, RUN);
}
export function shape(span: usize): i32 {
  return load<i32>(span, SHAPE);
}
export function flags(span: usize): i32 {
  return load<i32>(span, FLAGS);
}
export function slotBytes(span: usize): f64 {
  return <f64>(load<i64>(span, SLOT_UNITS) << 3);
}

/** Empties the tables; once, before anything else. */
export function startSpans(): void {
  for (let i: i64 = 0; i < NEAR_ARENAS; i++) store<u32>(nearTable(i), AT_NO_ARENA);
}

/** Where the address of the table of one of the first arenas lies. */
function nearTable(index: i64): usize {
  return <usize>(AT_ARENAS + ((<i32>index) << 2));
}

/** Table of the pages of an arena; one without spans where none was made. */
function tableOf(index: i64): usize {
  if (<u64>index < <u64>NEAR_ARENAS) return load<u32>(nearTable(index));
  const far = farArena(<f64>index, 0);
  return far === 0 ? AT_NO_ARENA : far;
}

/** The span that covers a page; 0 if there is none. */
export function spanAt(page: i64): usize {
  return load<u32>(tableOf(page >> ARENA_SHIFT) + ((<usize>(page & ARENA_MASK)) << 2));
}

/** The first page from `page` on that belongs to a span; `end` if there is none before it. */
function nextCovered(page: i64, end: i64): i64 {
  for (let p = page; p < end; ) {
    const table = tableOf(p >> ARENA_SHIFT);
    const to = min(end, (p | ARENA_MASK) + 1);
    if (table !== AT_NO_ARENA) {
      for (; p < to; p++) if (load<u32>(table + ((<usize>(p & ARENA_MASK)) << 2)) !== 0) return p;
    }
    p = to;
  }
  return end;
}

/** Makes the tables of some pages; false when that would be too many. */
function makeTables(page: i64, end: i64): bool {
  for (let index = page >> ARENA_SHIFT; index <= (end - 1) >> ARENA_SHIFT; index++) {
    if (tableOf(index) !== AT_NO_ARENA) continue;
    if (++arenas > MAX_ARENAS) return false;
    if (<u64>index >= <u64>NEAR_ARENAS) farArena(<f64>index, 1);
    else store<u32>(nearTable(index), <u32>allocate((<u32>ARENA_PAGES) << 2));
  }
  return true;
}

function fill(page: i64, pages: u32, span: usize): void {
  const end = page + pages;
  for (let p = page; p < end; ) {
    const table = tableOf(p >> ARENA_SHIFT);
    const to = min(end, (p | ARENA_MASK) + 1);
    for (; p < to; p++) store<u32>(table + ((<usize>(p & ARENA_MASK)) << 2), <u32>span);
  }
}

function takeRun(length: u32): usize {
  const list = <usize>(AT_FREE_RUNS + ((<i32>length) << 2));
  const freed = load<u32>(list);
  if (freed === 0) return allocate(length << 2);
  store<u32>(list, load<u32>(freed));
  store<u32>(freed, 0);
  return freed;
}

function giveRun(from: usize, length: u32): void {
  if (length === 0) return;
  const list = <usize>(AT_FREE_RUNS + ((<i32>length) << 2));
  store<u32>(from, load<u32>(list));
  store<u32>(list, <u32>from);
}

/** Whether a Span or SpanAlloc event can be true. */
function possible(id: u64, pages: u64, kindClass: u64): bool {
  const small = kindClass > 3;
  const known =
    kindClass === MANUAL || ((kindClass & 1) === 0 && kindClass < <u64>(SIZE_CLASSES * 4));
  return (
    known &&
    pages >= 1 &&
    pages <= (small ? MAX_SMALL_SPAN_PAGES : MAX_SPAN_PAGES) &&
    id < PAGE_NUMBERS
  );
}

/** The page that an id means. */
function pageOf(id: u64): i64 {
  return <i64>(id < PAGE_NUMBERS / 2 ? id : id - PAGE_NUMBERS);
}

/**
 * A Span or SpanAlloc event: a span is laid out. `kindClass` is 1 for manually managed memory, else span class × 2.
 * Where the pages still belong to another one, that is dropped if `overdue`; else the event must wait. An impossible
 * event is left to the host.
 */
export function addSpan(id: u64, pages: u64, kindClass: u64, overdue: bool): i32 {
  if (!possible(id, pages, kindClass)) return OTHER;
  const page = pageOf(id);
  const end = page + <i64>pages;
  for (let p = nextCovered(page, end); p < end; p = nextCovered(p, end)) {
    if (!overdue) return BLOCKED;
    if (noRoom()) return FULL;
    const old = spanAt(p);
    if (slots(old) > 0) count(I32_IMPLICIT_SPAN_FREES);
    drop(old);
  }
  pagesLaid += pages;
  if (pagesLaid > MAX_PAGES_LAID) return TOO_MANY_PAGES;
  if (!makeTables(page, end)) return TOO_MANY_ARENAS;
  const span = newSpan();
  store<i64>(span, page, FIRST_PAGE);
  store<u32>(span, <u32>pages, PAGES);
  layOut(span, (<i64>pages) << PAGE_SHIFT, <i32>kindClass);
  fill(page, <u32>pages, span);
  return TAKEN;
}

/** Cuts a span of so many bytes into slots. */
function layOut(span: usize, bytes: i64, kindClass: i32): void {
  const spanClass = kindClass >> 1;
  const large = spanClass < 2;
  const slotSize = large
    ? bytes
    : <i64>load<u32>(<usize>(AT_CLASS_TO_SIZE + ((kindClass >> 2) << 2)));
  const units = slotSize >> 3;
  const slotCount = kindClass === 1 ? 0 : <u32>min(bytes / slotSize, MAX_SLOTS);
  let spanFlags = 0;
  if (spanClass === TINY_SPAN_CLASS) spanFlags = SPAN_TINY | SPAN_INSIDE;
  else if (!large && (spanClass & 1) === 0 && units > HEADER_UNITS) spanFlags = SPAN_INSIDE;
  store<i64>(span, units, SLOT_UNITS);
  store<u32>(span, slotCount, SLOTS);
  store<u32>(span, <u32>takeRun(slotCount), RUN);
  store<i32>(
    span,
    large ? SHAPE_LARGE + ((<i32>(bytes >> PAGE_SHIFT)) << 1) + spanClass : spanClass,
    SHAPE,
  );
  store<i32>(span, spanFlags, FLAGS);
}

function newSpan(): usize {
  const span = freeSpans;
  if (span === 0) return allocate(SPAN_BYTES);
  freeSpans = load<u32>(span);
  return span;
}

/** A SpanFree event; nothing happens where there is no span. */
export function freeSpan(id: u64): i32 {
  if (noRoom()) return FULL;
  const span = id < PAGE_NUMBERS ? spanAt(pageOf(id)) : 0;
  if (span !== 0) drop(span);
  return TAKEN;
}

/** The deaths of what lies in one span might not fit their buffer. */
function noRoom(): bool {
  return state(I32_DEATHS) > MOST_DEATHS - MAX_SLOTS;
}

/** A span goes: what still lies in it dies with it. */
function drop(span: usize): void {
  const from = run(span);
  const end = from + (slots(span) << 2);
  for (let slot = from; slot < end; slot += 4) {
    const occupant = load<u32>(slot);
    if (occupant === 0) continue;
    count(I32_DIED_WITH_SPAN);
    store<u32>(slot, 0);
    die(occupant - 1, slotBytes(span));
  }
  fill(firstPage(span), load<u32>(span, PAGES), 0);
  giveRun(from, slots(span));
  store<u32>(span, <u32>freeSpans);
  freeSpans = span;
}
