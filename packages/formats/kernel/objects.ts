/**
 * Object events become rows, and frees deaths. What is noisy about them, and by which rules, is told in
 * `src/exectrace/rows.ts`.
 */

import {
  AT_ORPHANS,
  AT_SITE_CACHE,
  I32_ALLOCS_ON_LIVE,
  I32_BEGIN_ROW_OF_LAST,
  I32_FREES_WITHOUT_OBJECT,
  I32_MISALIGNED,
  I32_UNMAPPED,
  SHAPE_TINY_PART,
} from '../src/exectrace/layout.ts';
import { bytesOfTaken, findSite, setAside, takeBack } from './host.ts';
import { addPart, addRow, count, die, state } from './output.ts';
import {
  firstPage,
  flags,
  run,
  SPAN_INSIDE,
  SPAN_TINY,
  shape,
  slotBytes,
  slots,
  slotUnits,
  spanAt,
} from './spans.ts';

/** log2 of the units of object numbers (8 bytes) in a page. */
const UNITS_SHIFT = 10;
const CACHE_MASK = 4095;

/** The span of the slot that was found last. */
let span: usize = 0;

/**
 * Address of the slot that starts at an object. 0 where no slot does; an `overdue` event is counted then, and
 * gets the slot around the object, if there is one.
 */
function slotOf(number: i64, overdue: bool): usize {
  span = spanAt(number >> UNITS_SHIFT);
  if (span === 0) {
    if (overdue) count(I32_UNMAPPED);
    return 0;
  }
  const unit = number - (firstPage(span) << UNITS_SHIFT);
  const units = slotUnits(span);
  let slot: i64;
  if (<u64>(unit | units) < 0x1_0000_0000) slot = <i64>(<u32>unit / <u32>units);
  else slot = unit / units;
  const within = unit - slot * units;
  const fits = within === 0 || (within === 1 && (flags(span) & SPAN_INSIDE) !== 0);
  const beyond = slot >= <i64>slots(span);
  if (!fits || beyond) {
    if (!overdue) return 0;
    count(I32_MISALIGNED);
    if (beyond) return 0;
  }
  return run(span) + ((<usize>slot) << 2);
}

function siteOf(typeId: u64, objectShape: i32): u32 {
  const at = <usize>(AT_SITE_CACHE + (((<i32>typeId * 29 + objectShape) & CACHE_MASK) << 4));
  if (load<u64>(at) === typeId && load<i32>(at, 8) === objectShape) return load<u32>(at, 12);
  const found = findSite(<f64>typeId, objectShape);
  if ((found & 1) !== 0) {
    store<u64>(at, typeId);
    store<i32>(at, objectShape, 8);
    store<u32>(at, found >> 1, 12);
  }
  return found >> 1;
}

/** Forgets which sites were found. */
export function forgetSites(): void {
  memory.fill(AT_SITE_CACHE, 0xff, (CACHE_MASK + 1) << 4);
}

/** Number of a slot, whatever span it is of: units of 8 bytes above the base. */
function slotNumber(slot: usize): i64 {
  return (firstPage(span) << UNITS_SHIFT) + <i64>((slot - run(span)) >> 2) * slotUnits(span);
}

function filterAt(number: i64): usize {
  return <usize>(AT_ORPHANS + ((<i32>(number ^ (number >> 16)) & 0xffff) >> 3));
}

/** An object of this type begins. Returns its slot's bytes, 0 for a part of a tiny block, -1 if it fits no span. */
export function allocated(number: i64, typeId: u64, overdue: bool): f64 {
  const slot = slotOf(number, overdue);
  if (slot === 0) return -1;
  const occupant = load<u32>(slot);
  if (occupant !== 0) {
    const tiny = (flags(span) & SPAN_TINY) !== 0;
    if (tiny && occupant > <u32>state(I32_BEGIN_ROW_OF_LAST)) {
      addPart(addRow(siteOf(typeId, SHAPE_TINY_PART)), occupant - 1);
      return 0;
    }
    count(I32_ALLOCS_ON_LIVE);
    const where = slotNumber(slot);
    const filter = filterAt(where);
    store<u8>(filter, load<u8>(filter) | (1 << (<u8>where & 7)));
    setAside(<f64>where, occupant - 1, slotBytes(span));
  }
  const row = addRow(siteOf(typeId, shape(span)));
  store<u32>(slot, row + 1);
  return slotBytes(span);
}

/** An object is freed. False if it fits no span. */
export function freed(number: i64, overdue: bool): bool {
  const slot = slotOf(number, overdue);
  if (slot === 0) return false;
  const where = slotNumber(slot);
  if ((load<u8>(filterAt(where)) & (1 << (<u8>where & 7))) !== 0) {
    const old = takeBack(<f64>where);
    if (old !== 0) {
      die(old - 1, bytesOfTaken());
      return true;
    }
  }
  const occupant = load<u32>(slot);
  if (occupant === 0) {
    count(I32_FREES_WITHOUT_OBJECT);
    return true;
  }
  store<u32>(slot, 0);
  die(occupant - 1, slotBytes(span));
  return true;
}
