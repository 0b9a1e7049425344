/**
 * The kernel: the events of one thread, decoded and followed while it is their turn.
 *
 * A trace is a few hundred stretches of ten thousand object events each, with scheduling and GC events between them.
 * Code that a process runs once is slow in JavaScript until it has been compiled, which takes longer than such a
 * stretch, and WebAssembly is fast from the first call. So what happens per object, span and level of the heap is here,
 * and what happens per GC cycle or switch of goroutine is in TypeScript: `follow` takes events until it meets
 * one of the latter, and answers with that. Rows, deaths and so on gather in buffers, which the host drains.
 *
 * The format of events is told in `src/exectrace/streams.ts`, the order of threads in `merge.ts`. Times are clock
 * units in doubles, like there.
 */

import {
  AT_ARGUMENT_COUNT,
  BATCH_ENDS,
  BLOCKED,
  CLOCK_BYTES,
  CLOCK_ROWS,
  F64_ARGUMENTS,
  F64_NOW,
  F64_START_BYTES,
  FULL,
  I32_ALLOC_ROWS,
  I32_ANY_BLOCKED,
  I32_ARGUMENTS_AT,
  I32_DEATHS,
  I32_FIRST_ALLOC_ROW,
  I32_LEVELS,
  I32_NEW_ROWS,
  I32_PARTS,
  I32_ROWS,
  I32_START_ROWS,
  I32_TICKS,
  LATER,
  MOST_DEATHS,
  MOST_LEVELS,
  MOST_NEW_ROWS,
  MOST_PARTS,
  MOST_TICKS,
  OTHER,
  PAST_END,
  SPANS_CHANGED,
  STREAM_BASE,
  STREAM_END,
  STREAM_HEAD,
  STREAM_KIND,
  STREAM_OVERDUE,
  STREAM_POSITION,
  STREAM_TIME,
  TAKEN,
  UNKNOWN_KIND,
} from '../src/exectrace/layout.ts';
import { tooLong } from './host.ts';
import { allocated, freed } from './objects.ts';
import { addLevel, addTick, addTo, count, countEvent, state } from './output.ts';
import { addSpan, freeSpan } from './spans.ts';

export { allocate } from './memory.ts';
export { forgetSites } from './objects.ts';
export { startSpans } from './spans.ts';

/* Event numbers of Go's execution trace. */
const GC_SWEEP_BEGIN = 32;
const GC_SWEEP_END = 33;
const HEAP_ALLOC = 37;
const SPAN = 128;
const SPAN_ALLOC = 129;
const SPAN_FREE = 130;
const HEAP_OBJECT = 131;
const HEAP_OBJECT_ALLOC = 132;
const HEAP_OBJECT_FREE = 133;
const UNKNOWN_EVENT = 255;

/** No program's heap is larger: 48 bits of addresses. */
const MAX_HEAP_BYTES: u64 = 1 << 48;

/** Object numbers are byte distances / 8 modulo 2^64 / 8; from the half of that up they are meant to be negative. */
const NUMBER_HALF: u64 = 1 << 60;
const NUMBERS: u64 = 1 << 61;

/** Address behind the integer that was read last. */
let next: usize = 0;
/** Events that certainly fit the buffers. */
let room = 0;
let clockRowsLeft = 0;
let clockBytesLeft: f64 = 0;

/** Reads an unsigned LEB128 integer; `next` is then behind it. */
function uvarint(at: usize): u64 {
  const word = load<u32>(at);
  if ((word & 0x80) === 0) {
    next = at + 1;
    return word & 0x7f;
  }
  if ((word & 0x8000) === 0) {
    next = at + 2;
    return (word & 0x7f) | ((word >> 1) & 0x3f80);
  }
  if ((word & 0x80_0000) === 0) {
    next = at + 3;
    return (word & 0x7f) | ((word >> 1) & 0x3f80) | ((word >> 2) & 0x1f_c000);
  }
  const low =
    (word & 0x7f) | ((word >> 1) & 0x3f80) | ((word >> 2) & 0x1f_c000) | ((word >> 3) & 0xfe0_0000);
  if ((word & 0x8000_0000) === 0) {
    next = at + 4;
    return low;
  }
  return long(at, low);
}

/** The rest of an integer of more than four bytes. */
function long(at: usize, low: u64): u64 {
  let value = low;
  let p = at + 4;
  for (let shift: u64 = 28; shift < 70; shift += 7) {
    const byte = <u64>load<u8>(p++);
    if (shift === 63 && byte > 1) break;
    value |= (byte & 0x7f) << shift;
    if (byte < 128) {
      next = p;
      return value;
    }
  }
  tooLong(<u32>at + 4);
  return 0;
}

function isSweepEvent(kind: i32): bool {
  return (
    kind === HEAP_OBJECT_FREE ||
    kind === SPAN_FREE ||
    kind === GC_SWEEP_BEGIN ||
    kind === GC_SWEEP_END
  );
}

/** Moves to the stream's next event, whose arguments are then next. */
export function advance(stream: usize): i32 {
  const base = load<u32>(stream, STREAM_BASE);
  const at = base + load<u32>(stream, STREAM_POSITION);
  const end = base + load<u32>(stream, STREAM_END);
  if (at >= end) return at > end ? PAST_END : BATCH_ENDS;
  const kind = <i32>load<u8>(at);
  if (load<u8>(AT_ARGUMENT_COUNT + kind) === UNKNOWN_EVENT) {
    store<u32>(stream, at + 1 - base, STREAM_POSITION);
    return UNKNOWN_KIND;
  }
  const step = uvarint(at + 1);
  const time = load<f64>(stream, STREAM_TIME) + <f64>step;
  store<f64>(stream, time, STREAM_TIME);
  // One tick may mean less than one tick, where sweeping runs ahead of the clock.
  if (step !== 1 || !isSweepEvent(kind)) store<f64>(stream, time, STREAM_HEAD);
  store<i32>(stream, kind, STREAM_KIND);
  store<u32>(stream, next - base, STREAM_POSITION);
  return OTHER;
}

/**
 * Takes events of a stream, whose next one is known, up to `limit`, and a run of allocations up to `farLimit`. A
 * first event that is overdue is taken as it is.
 */
export function follow(stream: usize, limit: f64, farLimit: f64): i32 {
  store<i32>(I32_FIRST_ALLOC_ROW << 2, -1);
  let overdue = load<i32>(stream, STREAM_OVERDUE) !== 0;
  let answer = OTHER;
  while (answer === OTHER) {
    const kind = load<i32>(stream, STREAM_KIND);
    const time = load<f64>(stream, STREAM_HEAD);
    if (time > limit && !overdue && (kind !== HEAP_OBJECT_ALLOC || time > farLimit)) return LATER;
    if (--room < 0) {
      room = leastRoom();
      if (--room < 0) return FULL;
    }
    if (time > load<f64>(F64_NOW << 3)) store<f64>(F64_NOW << 3, time);
    answer =
      kind >= HEAP_OBJECT && kind <= HEAP_OBJECT_FREE
        ? object(stream, kind, overdue)
        : other(stream, kind, overdue);
    if (answer !== TAKEN && answer !== SPANS_CHANGED) return answer;
    countEvent(kind);
    if (overdue) store<i32>(stream, 0, STREAM_OVERDUE);
    overdue = false;
    if (answer === SPANS_CHANGED) return answer;
    answer = advance(stream);
  }
  return answer;
}

/** Events that fit all buffers: each takes at most one place in each. */
function leastRoom(): i32 {
  const rows = min(MOST_NEW_ROWS - state(I32_NEW_ROWS), MOST_DEATHS - state(I32_DEATHS));
  const parts = min(MOST_PARTS - state(I32_PARTS), MOST_LEVELS - state(I32_LEVELS));
  return min(min(rows, parts), MOST_TICKS - state(I32_TICKS));
}

/** Takes one event about an object, or answers why not; the stream is then still at it. */
function object(stream: usize, kind: i32, overdue: bool): i32 {
  const base = load<u32>(stream, STREAM_BASE);
  const at = base + load<u32>(stream, STREAM_POSITION);
  const unsigned = uvarint(at);
  const number = <i64>(unsigned < NUMBER_HALF ? unsigned : unsigned - NUMBERS);
  if (kind === HEAP_OBJECT_FREE) {
    const behind = next;
    if (!freed(number, overdue) && !overdue) return BLOCKED;
    store<u32>(stream, behind - base, STREAM_POSITION);
    return TAKEN;
  }
  const typeId = uvarint(next);
  const behind = next;
  const row = state(I32_ROWS);
  const start = kind === HEAP_OBJECT;
  if (start && state(I32_LEVELS) > 0) return FULL;
  const bytes = allocated(number, typeId, overdue || start);
  if (bytes < 0) {
    if (!overdue && !start) return BLOCKED;
  } else if (start) {
    count(I32_START_ROWS);
    addTo(F64_START_BYTES, bytes);
  } else noteAllocation(row, bytes);
  store<u32>(stream, behind - base, STREAM_POSITION);
  return TAKEN;
}

/** An allocation became a row. */
function noteAllocation(row: i32, bytes: f64): void {
  count(I32_ALLOC_ROWS);
  if (state(I32_FIRST_ALLOC_ROW) < 0) store<i32>(I32_FIRST_ALLOC_ROW << 2, row);
  clockBytesLeft -= bytes;
  clockRowsLeft--;
  if (clockRowsLeft >= 0 && clockBytesLeft >= 0) return;
  addTick(row, load<f64>(F64_NOW << 3));
  clockRowsLeft = CLOCK_ROWS;
  clockBytesLeft = CLOCK_BYTES;
}

/** Decodes any other event, and takes it if it is about spans or the heap's level. */
function other(stream: usize, kind: i32, overdue: bool): i32 {
  const base = load<u32>(stream, STREAM_BASE);
  const at = base + load<u32>(stream, STREAM_POSITION);
  const expected = <i32>load<u8>(AT_ARGUMENT_COUNT + kind);
  next = at;
  const a = expected > 0 ? uvarint(next) : 0;
  const b = expected > 1 ? uvarint(next) : 0;
  const c = expected > 2 ? uvarint(next) : 0;
  const d = expected > 3 ? uvarint(next) : 0;
  const behind = next - base;
  let answer = OTHER;
  if (behind > load<u32>(stream, STREAM_END)) answer = PAST_END;
  else if (kind === SPAN || kind === SPAN_ALLOC) answer = addSpan(a, b, c, overdue);
  else if (kind === SPAN_FREE) answer = freeSpan(a);
  else if (kind === HEAP_ALLOC) answer = level(a);
  if (answer === BLOCKED || answer === FULL) return answer;
  // Spans take more than one place in the buffer of deaths.
  if (kind !== HEAP_ALLOC) room = 0;
  store<u32>(stream, behind, STREAM_POSITION);
  if (answer === TAKEN)
    return kind !== HEAP_ALLOC && state(I32_ANY_BLOCKED) !== 0 ? SPANS_CHANGED : TAKEN;
  store<u32>(I32_ARGUMENTS_AT << 2, at - base);
  store<f64>(F64_ARGUMENTS << 3, <f64>a);
  store<f64>((F64_ARGUMENTS + 1) << 3, <f64>b);
  store<f64>((F64_ARGUMENTS + 2) << 3, <f64>c);
  store<f64>((F64_ARGUMENTS + 3) << 3, <f64>d);
  return answer;
}

/** A HeapAlloc event. An impossible one is left to the host. */
function level(bytes: u64): i32 {
  if (bytes > MAX_HEAP_BYTES) return OTHER;
  if (state(I32_START_ROWS) > 0) return FULL;
  addLevel(load<f64>(F64_NOW << 3), <f64>bytes);
  return TAKEN;
}
