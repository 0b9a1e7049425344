/**
 * What a recording of a real Go program says, as columns.
 *
 * A Go execution trace with allocation events (`GODEBUG=traceallocfree=1`, Go 1.23 or later) tells, for every
 * object that the program allocated while the trace ran: the order of the allocations, the span class and slot
 * size, the element type, the goroutine and P that allocated it, and after which collection the sweeper freed it.
 * It tells nothing about pointers, requested sizes or allocation sites in the source.
 *
 * 1. One **row** is one allocation; row `i` is the allocation with ordinal `i + 1`. The first `startCount` rows
 *    are the objects that were alive when the trace began, in address order of the snapshot; their age and, mostly,
 *    their type are unknown. The rest are in the order in which the threads' events merge (see `merge.ts`).
 * 2. What is constant about a row is interned as a **site**: span class, size, type, and the part that it plays
 *    in Go's tiny allocator. There are a few thousand distinct sites for millions of rows.
 * 3. A row's death is known to one collection only: `freedBy` names the cycle whose sweep freed it. The object
 *    became unreachable between the start of the cycle before that one (or its allocation) and the end of `freedBy`.
 * 4. What changes seldom (goroutine, clock) is run-length or sparse, keyed by row.
 *
 * Times are nanoseconds since the first event of the recording. Sizes are bytes.
 */
import type { F64Column, U16Column, U32Column } from './columns.ts';

/** `freedBy` of a row that was not freed while the recording ran. */
export const NOT_FREED: number = 0;
/** `freedBy` of a row that a sweep freed before the first cycle of the recording ended: garbage from the start. */
export const FREED_BEFORE_FIRST_CYCLE: number = 0xffff;
/** `schedule.proc` where the allocating thread's P is not known. */
export const NO_PROC: number = 0xffff;

/** `SiteTable.kind`: an ordinary object, in a slot of its own. */
export const SITE_OBJECT: number = 0;
/** `SiteTable.kind`: a 16-byte block of the tiny allocator, opened by this row and shared with later ones. */
export const SITE_TINY_BLOCK: number = 1;
/** `SiteTable.kind`: a request that the tiny allocator placed in a block which an earlier row opened. */
export const SITE_TINY_PART: number = 2;

/** Element types. Index 0 is "no type given": strings, byte buffers, snapshot objects of unknown type. */
export interface TypeTable {
  readonly count: number;
  /** Address of the runtime's type descriptor: the identity of a type within one process. 0 for index 0. */
  readonly address: Float64Array;
  /** Bytes of one element. */
  readonly size: Float64Array;
  /** Bytes of the prefix of an element that can hold pointers; 0 for a pointer-free type. */
  readonly ptrBytes: Float64Array;
  /** Go's short type string, such as `js_ast.Expr`. Not unique: two packages may share a name. */
  readonly name: readonly string[];
}

/** Distinct kinds of allocation. A row refers to one by its index. */
export interface SiteTable {
  readonly count: number;
  /** SITE_OBJECT, SITE_TINY_BLOCK or SITE_TINY_PART. */
  readonly kind: Uint8Array;
  /** Go's span class: size class × 2 + noscan bit. Size class 0 is a large object. */
  readonly spanClass: Uint8Array;
  /** 8 KiB pages of a large object's span; 0 for small objects. */
  readonly pages: Uint32Array;
  /** Bytes of the slot as the heap counts them; 0 for a tiny part, whose block was counted. */
  readonly slotBytes: Float64Array;
  /** Bytes of the slot less the malloc header: the most that the program can have asked for; 0 for a tiny part. */
  readonly bytes: Float64Array;
  /** Bytes from the object's start that a scan would read, at most; 0 in pointer-free spans. */
  readonly scanBytes: Float64Array;
  /** Index into `TypeTable`. */
  readonly type: Uint32Array;
}

/** One column entry per allocation; see the essay above. */
export interface AllocColumns {
  /** Number of rows. */
  readonly count: number;
  /** Index into `SiteTable`. */
  readonly site: U32Column;
  /** NOT_FREED, FREED_BEFORE_FIRST_CYCLE, or the number `n` of the recorded cycle whose sweep freed the row. */
  readonly freedBy: U16Column;
}

/** Who allocated: from `firstRow[k]` up to `firstRow[k + 1]` it was this P and this goroutine. */
export interface ScheduleColumns {
  readonly count: number;
  readonly firstRow: U32Column;
  /** P number, or NO_PROC. */
  readonly proc: U16Column;
  /** Index into `GoroutineTable`; 0 where no goroutine was current. */
  readonly goroutine: U32Column;
}

/** Sparse clock: when row `row[k]` was allocated. Both columns rise; at most 256 rows or 64 KiB apart. */
export interface ClockColumns {
  readonly count: number;
  readonly row: U32Column;
  readonly timeNs: F64Column;
}

/** Goroutines that were seen. Index 0 stands for "none". */
export interface GoroutineTable {
  readonly count: number;
  /** Go's goroutine id. */
  readonly id: F64Column;
  /** Index into `functions` of the function that the goroutine started in; 0 where unknown. */
  readonly entry: U32Column;
  /** Function names; index 0 is the empty string. */
  readonly functions: readonly string[];
}

/** Points of the heap curve, thinned so that peaks survive; at most 100 000 of them. */
export interface HeapSeries {
  readonly count: number;
  /** Rows allocated when the point was recorded. */
  readonly row: Float64Array;
  readonly timeNs: Float64Array;
  /** Go's heapLive, bytes. */
  readonly heapLive: Float64Array;
  /** The heap goal in force, bytes; 0 where the collector is off or no goal was seen yet. */
  readonly goal: Float64Array;
}

/** What started a cycle: the heap reached its trigger, a call of runtime.GC, or the two-minute timer. */
export type CycleTrigger = 'heap' | 'forced' | 'periodic';

/** CPU time of background mark workers by mode, nanoseconds of running on a P. */
export interface WorkerTime {
  readonly dedicated: number;
  readonly fractional: number;
  readonly idle: number;
}

/** One collection whose end was recorded. */
export interface RecordedCycle {
  /** Ordinal of the cycle's end in this recording, from 1. (`gc N` of gctrace counts from the process's start.) */
  readonly n: number;
  /**
   * False where the recording began inside this cycle's mark phase. Its start is then that of the recording, and
   * `heapAtStart` is not known (0).
   */
  readonly startSeen: boolean;
  /** Rows allocated before the mark phase began. */
  readonly beginRow: number;
  /** Rows allocated before the mark phase ended. */
  readonly endRow: number;
  readonly startNs: number;
  readonly endNs: number;
  /** heapLive just before the world was stopped to start marking: gctrace's first heap figure. */
  readonly heapAtStart: number;
  /** heapLive at mark termination: gctrace's second heap figure. */
  readonly heapAtMarkEnd: number;
  /** Bytes marked live: gctrace's third heap figure. */
  readonly heapMarked: number;
  /** The goal last announced before the cycle; 0 where there was none. */
  readonly heapGoal: number;
  /**
   * The goal that the pacer worked to: `heapGoal`, but at least 64 KiB above `heapAtStart`, as Go raises it silently
   * where the heap has overshot. gctrace's goal, except under a memory limit, where Go does not raise it.
   */
  readonly effectiveGoal: number;
  /** The goal announced at this cycle's end, for the next one. */
  readonly nextGoal: number;
  readonly forced: boolean;
  readonly trigger: CycleTrigger;
  /** The stop-the-world pauses, including the time to stop everybody. */
  readonly stwSweepTermNs: number;
  readonly stwMarkTermNs: number;
  /** Time that goroutines ran inside mark assists. */
  readonly assistNs: number;
  readonly workerNs: WorkerTime;
  /** Slots that the sweep after this cycle freed, and their slot bytes. */
  readonly freedObjects: number;
  readonly freedBytes: number;
}

/** The part of a cut-off recording that was left out of the columns. */
export interface DroppedGeneration {
  readonly batches: number;
  readonly events: number;
  readonly allocs: number;
  readonly frees: number;
}

/** How much was read, and what did not fit together. */
export interface TraceCounts {
  readonly bytes: number;
  /** Generations seen, a cut-off last one included. */
  readonly generations: number;
  /** Batches seen, those of a cut-off last generation included. */
  readonly batches: number;
  /** Timed events seen, those of a cut-off last generation included. */
  readonly events: number;
  /** Timed events by event number, those of a cut-off last generation included. */
  readonly byKind: Float64Array;
  /** Bytes whose meaning is not known (batches of unknown experiments). */
  readonly unknownBytes: number;
  /** Event batches that repeat an earlier one and were left out (Go 1.26 writes some twice). */
  readonly duplicateBatches: number;
  /** Objects of the snapshot at the start. */
  readonly startObjects: number;
  /** HeapObjectAlloc events that became rows, and those among them that joined a tiny block. */
  readonly allocs: number;
  readonly tinyParts: number;
  /** HeapObjectFree events in the generations that were used. */
  readonly frees: number;
  /** Object events whose address fits no slot of its span. */
  readonly misaligned: number;
  /** Object events on a page of no span that holds objects. */
  readonly unmapped: number;
  /** Allocations in a slot that was still occupied: the free of the old object came later in the merge, or never. */
  readonly allocsOnLive: number;
  /** Those of them whose old object's free never came. */
  readonly orphans: number;
  /** Frees of a slot that was empty. */
  readonly freesWithoutObject: number;
  /** Spans of objects that disappeared because another was laid over them without a SpanFree. */
  readonly implicitSpanFrees: number;
  /** Objects that were still alive when their span was freed. */
  readonly diedWithSpan: number;
  /** Allocations whose type id is in no table. */
  readonly unresolvedTypes: number;
  /** GC events that could only be taken out of their sequence. */
  readonly gcOutOfSequence: number;
  /** The incomplete last generation, if it was left out; null if the file is whole. */
  readonly dropped: DroppedGeneration | null;
}

/** Something odd that did not prevent reading. */
export interface TraceWarning {
  readonly message: string;
  readonly count: number;
}

/** A whole execution trace; see the essay at the top of this file. */
export interface TraceRecording {
  /** Version of the trace format: '1.23' (Go 1.23 and 1.24), '1.25' or '1.26'. */
  readonly goFormat: string;
  /** Span layout of that release: 'go1.26' reserves inline mark bits in small spans, 'go1.22' does not. */
  readonly layout: 'go1.22' | 'go1.26';
  /** Clock units per second. */
  readonly frequency: number;
  readonly startNs: 0;
  readonly durationNs: number;
  /** GOMAXPROCS when the recording began; 0 where it was not recorded. */
  readonly gomaxprocs: number;
  readonly types: TypeTable;
  readonly sites: SiteTable;
  readonly allocs: AllocColumns;
  /** How many of the first rows are objects that were alive when the recording began. */
  readonly startCount: number;
  readonly schedule: ScheduleColumns;
  readonly clock: ClockColumns;
  readonly goroutines: GoroutineTable;
  readonly cycles: readonly RecordedCycle[];
  readonly heapSeries: HeapSeries;
  readonly counts: TraceCounts;
  readonly warnings: readonly TraceWarning[];
}
