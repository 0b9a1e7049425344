/**
 * Turning object events into rows, and frees into deaths.
 *
 * The kernel does so (`kernel/objects.ts`); its buffers become columns here. Identity of an object is its slot until the slot is freed. The trace is noisy in known ways:
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
import { Kernel, type KernelHost } from './kernel.ts';
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
  F64_START_BYTES,
  I32_ALLOC_ROWS,
  I32_ALLOCS_ON_LIVE,
  I32_BEGIN_ROW_OF_LAST,
  I32_DEATHS,
  I32_DIED_WITH_SPAN,
  I32_DRAINED_END,
  I32_DRAINED_FROM,
  I32_FREED,
  I32_FREES_WITHOUT_OBJECT,
  I32_IMPLICIT_SPAN_FREES,
  I32_LEVELS,
  I32_MISALIGNED,
  I32_NEW_ROWS,
  I32_PARTS,
  I32_ROWS,
  I32_START_ROWS,
  I32_TICKS,
  I32_UNMAPPED,
} from './layout.ts';
import { FREED_BEFORE_FIRST_CYCLE } from './recording.ts';
import type { SiteDictionary } from './sites.ts';

/** An object whose slot was taken by another one, and whose free has not come. */
interface Orphan {
  readonly row: number;
  readonly slotBytes: number;
}

/** Is told what the kernel notes beside rows. Times are clock units. */
export interface RowWatcher {
  /** The time at which a row was allocated, now and then. */
  tick(row: number, units: number): void;
  /** The level of the heap when so many rows had been allocated. */
  heapAlloc(row: number, units: number, bytes: number): void;
}

export class RowRecorder implements KernelHost {
  readonly site: U32Column = new U32Column();
  readonly freedBy: U16Column = new U16Column();
  readonly kernel: Kernel = new Kernel(this);
  startObjects = 0;
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
  private readonly watcher: RowWatcher;
  /** By slot, in units of 8 bytes above the base. */
  private readonly orphanOf: Map<number, Orphan> = new Map();
  private taken: Orphan | undefined;
  /** Rows of tiny parts and of their blocks, in pairs. */
  private readonly partRow: U32Column = new U32Column();
  private readonly blockRow: U32Column = new U32Column();

  constructor(sites: SiteDictionary, cycles: CycleRecorder, watcher: RowWatcher) {
    this.sites = sites;
    this.cycles = cycles;
    this.watcher = watcher;
  }

  /** Events of a number that the kernel has taken. */
  events(kind: number): number {
    return this.kernel.f64[F64_EVENTS + kind];
  }

  /** Rows so far, those that the columns do not hold yet included. */
  get count(): number {
    return this.kernel.i32[I32_ROWS];
  }

  /** Starts a generation: type ids mean something else. */
  startGeneration(): void {
    this.kernel.call.forgetSites();
  }

  /**
   * Takes over what the kernel has gathered. To be called where a buffer is full, where the meaning of what is in one
   * changes (a GC event comes, the clock's frequency changes), where what was counted is looked at, and at the end.
   */
  drain(): void {
    const { i32, f64 } = this.kernel;
    this.takeRows(i32[I32_NEW_ROWS]);
    this.takeParts(i32[I32_PARTS]);
    this.takeDeaths(i32[I32_DEATHS]);
    this.takeTimes(i32[I32_TICKS], i32[I32_LEVELS]);
    this.startObjects += i32[I32_START_ROWS];
    this.allocs += i32[I32_ALLOC_ROWS];
    this.misaligned += i32[I32_MISALIGNED];
    this.unmapped += i32[I32_UNMAPPED];
    this.allocsOnLive += i32[I32_ALLOCS_ON_LIVE];
    this.freesWithoutObject += i32[I32_FREES_WITHOUT_OBJECT];
    this.implicitSpanFrees += i32[I32_IMPLICIT_SPAN_FREES];
    this.diedWithSpan += i32[I32_DIED_WITH_SPAN];
    this.cycles.freed(i32[I32_FREED], f64[F64_FREED_BYTES]);
    this.cycles.startObjects(f64[F64_START_BYTES]);
    i32.fill(0, I32_DRAINED_FROM, I32_DRAINED_END);
    f64[F64_FREED_BYTES] = 0;
    f64[F64_START_BYTES] = 0;
  }

  /** A cycle has ended: what was there when it began is older than any tiny block that is open. */
  cycleEnded(): void {
    this.kernel.i32[I32_BEGIN_ROW_OF_LAST] = this.cycles.beginRowOfLast;
  }

  /** Ends the recording: tiny parts die with their blocks. */
  finish(): void {
    this.drain();
    for (let i = 0; i < this.partRow.length; i++) {
      const death = this.freedBy.get(this.blockRow.get(i));
      if (death !== 0) this.freedBy.set(this.partRow.get(i), death);
    }
  }

  /** Objects whose slot was taken by another one and whose free never came. */
  get orphans(): number {
    return this.lostOrphans + this.orphanOf.size;
  }

  findSite(typeId: number, shape: number): number {
    return this.sites.find(typeId, shape);
  }

  setAside(slot: number, row: number, slotBytes: number): void {
    if (this.orphanOf.has(slot)) this.lostOrphans++;
    this.orphanOf.set(slot, { row, slotBytes });
  }

  takeBack(slot: number): number {
    this.taken = this.orphanOf.get(slot);
    if (this.taken === undefined) return 0;
    this.orphanOf.delete(slot);
    return this.taken.row + 1;
  }

  bytesOfTaken(): number {
    return this.taken?.slotBytes ?? 0;
  }

  private takeRows(count: number): void {
    const from = AT_NEW_ROWS >> 2;
    this.site.append(this.kernel.u32.subarray(from, from + count));
    this.freedBy.extend(count);
  }

  private takeParts(count: number): void {
    const { u32 } = this.kernel;
    const { site, sites } = this;
    this.tinyParts += count;
    for (let at = AT_PARTS >> 2; at < (AT_PARTS >> 2) + count * 2; at += 2) {
      const block = u32[at + 1];
      this.partRow.push(u32[at]);
      this.blockRow.push(block);
      site.set(block, sites.asTinyBlock(site.get(block)));
    }
  }

  private takeTimes(ticks: number, levels: number): void {
    const { i32, f64 } = this.kernel;
    for (let i = 0; i < ticks; i++) {
      this.watcher.tick(i32[(AT_TICK_ROWS >> 2) + i], f64[(AT_TICK_TIMES >> 3) + i]);
    }
    for (let i = 0; i < levels; i++) {
      const row = i32[(AT_LEVEL_ROWS >> 2) + i];
      const units = f64[(AT_LEVEL_TIMES >> 3) + i];
      this.watcher.heapAlloc(row, units, f64[(AT_LEVEL_BYTES >> 3) + i]);
    }
  }

  private takeDeaths(count: number): void {
    const { u32 } = this.kernel;
    const { freedBy } = this;
    const cycle = this.cycles.ended === 0 ? FREED_BEFORE_FIRST_CYCLE : this.cycles.ended;
    const from = AT_DEATHS >> 2;
    for (let i = from; i < from + count; i++) freedBy.set(u32[i], cycle);
  }
}
