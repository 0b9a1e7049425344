/** What the kernel hands over in bulk: rows, deaths, parts of tiny blocks, ticks of the clock, levels of the heap. */
import {
  AT_DEATHS,
  AT_LEVEL_BYTES,
  AT_LEVEL_ROWS,
  AT_LEVEL_TIMES,
  AT_NEW_ROWS,
  AT_PARTS,
  AT_TICK_ROWS,
  AT_TICK_TIMES,
  F64_EVENTS,
  F64_FREED_BYTES,
  I32_DEATHS,
  I32_FREED,
  I32_LEVELS,
  I32_NEW_ROWS,
  I32_PARTS,
  I32_ROWS,
  I32_TICKS,
} from '../src/exectrace/layout.ts';

/** Reads an integer of the state. */
export function state(at: i32): i32 {
  return load<i32>((<usize>at) << 2);
}

/** Adds 1 to an integer of the state; returns what it was. */
export function count(at: i32): i32 {
  const before = load<i32>((<usize>at) << 2);
  store<i32>((<usize>at) << 2, before + 1);
  return before;
}

/** Adds to a double of the state. */
export function addTo(at: i32, value: f64): void {
  store<f64>((<usize>at) << 3, load<f64>((<usize>at) << 3) + value);
}

/** Adds a row of this site; returns its number. */
export function addRow(site: u32): u32 {
  store<u32>(<usize>(AT_NEW_ROWS + (count(I32_NEW_ROWS) << 2)), site);
  return <u32>count(I32_ROWS);
}

/** A row's object is dead; its slot had this many bytes. */
export function die(row: u32, slotBytes: f64): void {
  store<u32>(<usize>(AT_DEATHS + (count(I32_DEATHS) << 2)), row);
  count(I32_FREED);
  addTo(F64_FREED_BYTES, slotBytes);
}

/** A row is a part of a tiny block. */
export function addPart(row: u32, block: u32): void {
  const at = <usize>(AT_PARTS + (count(I32_PARTS) << 3));
  store<u32>(at, row);
  store<u32>(at, block, 4);
}

/** Notes the clock at a row. */
export function addTick(row: u32, time: f64): void {
  const tick = count(I32_TICKS);
  store<u32>(<usize>(AT_TICK_ROWS + (tick << 2)), row);
  store<f64>(<usize>(AT_TICK_TIMES + (tick << 3)), time);
}

/** Notes a level of the heap. */
export function addLevel(time: f64, bytes: f64): void {
  const level = count(I32_LEVELS);
  store<i32>(<usize>(AT_LEVEL_ROWS + (level << 2)), state(I32_ROWS));
  store<f64>(<usize>(AT_LEVEL_TIMES + (level << 3)), time);
  store<f64>(<usize>(AT_LEVEL_BYTES + (level << 3)), bytes);
}

/** An event of this number was taken. */
export function countEvent(kind: i32): void {
  addTo(F64_EVENTS + kind, 1);
}
