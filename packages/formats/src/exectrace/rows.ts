/**
 * Turning object events into rows, and frees into deaths.
 *
 * Identity of an object is its slot until the slot is freed. The trace is noisy in known ways:
 *
 * 1. Addresses are rounded down to the slot. Objects with a malloc header are reported eight bytes into it, parts of
 *    tiny blocks up to fifteen.
 * 2. A second allocation in an occupied 16-byte pointer-free slot is a part of a tiny block: it becomes a row
 *    that holds no slot and dies with its block. The block's own row is then known to be one.
 * 3. Threads' clocks differ by up to some 0.2 ms, so an allocation may precede the free of the slot's old object.
 *    The old object is set aside as an **orphan**; the free, when it comes, takes the orphan first.
 * 4. In tiny slots rules 2 and 3 compete. Only an object that existed when the last finished mark phase began can
 *    have been freed since, and no tiny block stays open across the end of a mark phase; so an occupant older
 *    than that is an orphan, a younger one a block.
 * 5. What still lies in a span that goes dies with it.
 *
 * Deaths are credited to the last cycle whose end was seen: only sweepers free, and they work between cycles.
 */
import { U16Column, U32Column } from './columns.ts';
import type { CycleRecorder } from './cycles.ts';
import { FREED_BEFORE_FIRST_CYCLE } from './recording.ts';
import { objectShape, type SiteDictionary, TINY_SPAN_CLASS } from './sites.ts';
import { SpanMap, type SpanObserver, UNIT_BYTES, UNITS_PER_PAGE } from './spans.ts';

/** Slots of at least this many units of 8 bytes in pointerful spans have a malloc header. */
const HEADER_UNITS = 64;

export class RowRecorder implements SpanObserver {
  readonly site: U32Column = new U32Column();
  readonly freedBy: U16Column = new U16Column();
  readonly spans: SpanMap = new SpanMap(this);
  allocs = 0;
  tinyParts = 0;
  misaligned = 0;
  unmapped = 0;
  allocsOnLive = 0;
  freesWithoutObject = 0;
  implicitSpanFrees = 0;
  diedWithSpan = 0;
  private lostOrphans = 0;
  private readonly sites: SiteDictionary;
  private readonly cycles: CycleRecorder;
  /** Slot (page × units + first unit) to row + 1 of an object whose free has not come. */
  private readonly orphanOf: Map<number, number> = new Map();
  /** Rows of tiny parts and of their blocks, in pairs. */
  private readonly partRow: U32Column = new U32Column();
  private readonly blockRow: U32Column = new U32Column();
  private span = 0;

  constructor(sites: SiteDictionary, cycles: CycleRecorder) {
    this.sites = sites;
    this.cycles = cycles;
  }

  /** Rows so far. */
  get count(): number {
    return this.site.length;
  }

  /**
   * A HeapObject or HeapObjectAlloc event: an object at `number` × 8 bytes above the base, of this type id.
   * Returns the slot bytes that it took (0 for a part of a tiny block), or -1 if it fits no span; that is counted if
   * the event is `overdue`.
   */
  alloc(number: number, typeId: number, overdue: boolean): number {
    const entry = this.slotOf(number, overdue);
    if (entry < 0) return -1;
    const spans = this.spans;
    const spanClass = spans.spanClass[this.span];
    const occupant = spans.pool.get(entry);
    if (occupant !== 0) {
      if (spanClass === TINY_SPAN_CLASS && occupant > this.cycles.beginRowOfLast) {
        this.tinyPart(occupant - 1, typeId);
        return 0;
      }
      this.orphan(entry, occupant);
    }
    const site = this.sites.find(typeId, objectShape(spanClass, spans.pages[this.span]));
    this.site.push(site);
    this.freedBy.extend(1);
    spans.pool.set(entry, this.site.length);
    return this.sites.slotBytes[site];
  }

  /** A HeapObjectFree event. False if it fits no span; that is counted if the event is `overdue`. */
  free(number: number, overdue: boolean): boolean {
    const entry = this.slotOf(number, overdue);
    if (entry < 0) return false;
    const occupant = this.spans.pool.get(entry);
    if (this.orphanOf.size > 0) {
      const slot = this.slotKey(entry);
      const old = this.orphanOf.get(slot);
      if (old !== undefined) {
        this.orphanOf.delete(slot);
        this.die(old - 1, this.sites.slotBytes[this.site.get(old - 1)]);
        return true;
      }
    }
    if (occupant === 0) this.freesWithoutObject++;
    else {
      this.spans.pool.set(entry, 0);
      this.die(occupant - 1, this.spans.slotUnits[this.span] * UNIT_BYTES);
    }
    return true;
  }

  spanGone(span: number, implicit: boolean): void {
    const { pool, run, slots, slotUnits } = this.spans;
    if (implicit && slots[span] > 0) this.implicitSpanFrees++;
    const end = run[span] + slots[span];
    for (let entry = run[span]; entry < end; entry++) {
      const occupant = pool.get(entry);
      if (occupant === 0) continue;
      this.diedWithSpan++;
      pool.set(entry, 0);
      this.die(occupant - 1, slotUnits[span] * UNIT_BYTES);
    }
  }

  /** Ends the recording: tiny parts die with their blocks. */
  finish(): void {
    for (let i = 0; i < this.partRow.length; i++) {
      const death = this.freedBy.get(this.blockRow.get(i));
      if (death !== 0) this.freedBy.set(this.partRow.get(i), death);
    }
  }

  /** Objects whose slot was taken by another one and whose free never came. */
  get orphans(): number {
    return this.lostOrphans + this.orphanOf.size;
  }

  /**
   * Pool entry of the slot that starts at an address; leaves the span's number in `span`. -1 where no slot does;
   * an `overdue` event is counted then, and gets the slot around the address, if there is one.
   */
  private slotOf(number: number, overdue: boolean): number {
    const spans = this.spans;
    const page =
      number >= 0 && number < 0x1_0000_0000 ? number >>> 10 : Math.floor(number / UNITS_PER_PAGE);
    const span = spans.at(page);
    this.span = span;
    if (span === 0) {
      if (overdue) this.unmapped++;
      return -1;
    }
    const unit = number - spans.firstPage[span] * UNITS_PER_PAGE;
    const units = spans.slotUnits[span];
    const slot = Math.floor(unit / units);
    const within = unit - slot * units;
    const fits = within === 0 || (within === 1 && this.mayStartInside(span));
    if (!fits || slot >= spans.slots[span]) {
      if (!overdue) return -1;
      this.misaligned++;
      if (slot >= spans.slots[span]) return -1;
    }
    return spans.run[span] + slot;
  }

  private mayStartInside(span: number): boolean {
    const spanClass = this.spans.spanClass[span];
    if (spanClass === TINY_SPAN_CLASS) return true;
    return spanClass > 1 && (spanClass & 1) === 0 && this.spans.slotUnits[span] > HEADER_UNITS;
  }

  private tinyPart(block: number, typeId: number): void {
    this.tinyParts++;
    this.partRow.push(this.site.length);
    this.blockRow.push(block);
    this.site.push(this.sites.findTinyPart(typeId));
    this.freedBy.extend(1);
    this.site.set(block, this.sites.asTinyBlock(this.site.get(block)));
  }

  private orphan(entry: number, occupant: number): void {
    this.allocsOnLive++;
    const slot = this.slotKey(entry);
    if (this.orphanOf.has(slot)) this.lostOrphans++;
    this.orphanOf.set(slot, occupant);
  }

  private slotKey(entry: number): number {
    const { firstPage, slotUnits, run } = this.spans;
    return firstPage[this.span] * UNITS_PER_PAGE + (entry - run[this.span]) * slotUnits[this.span];
  }

  /** A row's object is dead; its slot had this many bytes. */
  private die(row: number, slotBytes: number): void {
    const cycle = this.cycles.ended;
    this.freedBy.set(row, cycle === 0 ? FREED_BEFORE_FIRST_CYCLE : cycle);
    this.cycles.freed(slotBytes);
  }
}
