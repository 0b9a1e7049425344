/**
 * A recording of a real program, as the what-if engine needs it.
 *
 * The importers' recordings have this shape, and a tape made from a recording gives it back. Row `i`
 * is the allocation with ordinal `i + 1`. Sizes are bytes, times ns since the recording began.
 */

/** A column that is read by index. */
export interface Column {
  readonly length: number;
  get(index: number): number;
  /** Copies `count` entries from `index` on into the beginning of `into`: quicker than `get` for many. */
  read?(index: number, count: number, into: Uint32Array): void;
  /** Gives up the memory of entries before `index`, which are not read again. */
  release?(index: number): void;
}

/** One collection that the recorded program went through. */
export interface RecordedCycle {
  readonly n: number;
  /** Rows allocated before marking began and ended. */
  readonly beginRow: number;
  readonly endRow: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly heapAtStart: number;
  readonly heapAtMarkEnd: number;
  readonly heapMarked: number;
  readonly heapGoal: number;
  readonly nextGoal: number;
  readonly trigger: 'heap' | 'forced' | 'periodic';
  readonly stwSweepTermNs: number;
  readonly stwMarkTermNs: number;
  readonly assistNs: number;
  readonly workerNs: {
    readonly dedicated: number;
    readonly fractional: number;
    readonly idle: number;
  };
}

export interface Recording {
  readonly layout: 'go1.22' | 'go1.26';
  readonly durationNs: number;
  readonly gomaxprocs: number;
  readonly types: { readonly name: readonly string[] };
  readonly sites: {
    readonly count: number;
    /** 0 an object, 1 a tiny block, 2 a part of one. */
    readonly kind: ArrayLike<number>;
    readonly spanClass: ArrayLike<number>;
    readonly slotBytes: ArrayLike<number>;
    readonly bytes: ArrayLike<number>;
    readonly scanBytes: ArrayLike<number>;
    readonly type: ArrayLike<number>;
  };
  readonly allocs: {
    readonly count: number;
    readonly site: Column;
    /** 0: never; else the cycle whose sweep freed the row. `FREED_BEFORE` is none of the recorded. */
    readonly freedBy: Column;
  };
  readonly startCount: number;
  readonly schedule: {
    readonly count: number;
    readonly firstRow: Column;
    readonly proc: Column;
    readonly goroutine: Column;
  };
  readonly clock: { readonly count: number; readonly row: Column; readonly timeNs: Column };
  /** The clock, and `durationNs`, already leave out what the recorded collector took of the time. */
  readonly programTime?: boolean;
  readonly cycles: readonly RecordedCycle[];
  /** heapLive as the program logged it, bytes; left out by tapes. */
  readonly heapSeries?: { readonly count: number; readonly heapLive: ArrayLike<number> };
}

/** `freedBy` of rows that were garbage before the first recorded cycle. */
export const FREED_BEFORE = 0xffff;
/** `sites.kind` of a part of a tiny block: no slot of its own. */
export const KIND_TINY_PART = 2;

/** Entries that a pass over a column reads at a time. */
export const BLOCK_ROWS = 4096;

/** Copies `count` entries of a column from `index` on into the beginning of `into`. */
export function readBlock(column: Column, index: number, count: number, into: Uint32Array): void {
  if (column.read !== undefined) column.read(index, count, into);
  else for (let i = 0; i < count; i += 1) into[i] = column.get(index + i);
}
