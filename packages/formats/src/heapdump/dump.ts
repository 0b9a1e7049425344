/**
 * A heap dump, as read: the value that `HeapDumpReader.finish` returns.
 *
 * Objects are numbered by address from 0, and everything that refers to one holds that number or `NO_OBJECT`.
 * What there may be millions of (objects, pointer fields, roots) is columns; the rest is rows. Addresses are numbers:
 * Go's user addresses stay below 2^48. Integers of the dump above 2^53 (`LastGC`, in practice) are rounded to a double.
 *
 * A dump has no types of objects. What it has instead is the call stack of an object's allocation, for those that
 * the memory profile sampled (all of them at `runtime.MemProfileRate = 1`).
 */

/** Refers to no object of the dump: nil, or memory outside the heap or in a free slot. */
export const NO_OBJECT = -1;

/** What a root is; `HeapDumpRoots.kind` holds places in this list. */
export const ROOT_KINDS: readonly RootKind[] = [
  'data',
  'bss',
  'frame',
  'other',
  'finalizer',
  'queued-finalizer',
  'goroutine',
  'defer',
  'panic',
  'frame-word',
];

/**
 * - `data`, `bss`: a global variable; owner is a segment.
 * - `frame`: a pointer of a stack frame, by the compiler's stack map.
 * - `other`: what the runtime named itself.
 * - `finalizer`: a finalizer's closure, or a pointer field of the object that has the finalizer: Go marks what the
 *   object refers to and not the object itself.
 * - `queued-finalizer`: the object or the closure of a finalizer that is to run.
 * - `goroutine`: the closure that a goroutine runs or switches to.
 * - `defer`, `panic`: the closure of a deferred call, the value of a panic.
 * - `frame-word`: a word of a frame which is not in its stack map and yet holds the address of an object. Variables
 *   whose address was taken are found only this way, and so are stale slots: take these as possible roots.
 */
export type RootKind =
  | 'data'
  | 'bss'
  | 'frame'
  | 'other'
  | 'finalizer'
  | 'queued-finalizer'
  | 'goroutine'
  | 'defer'
  | 'panic'
  | 'frame-word';

/** What the params record says of the program that was dumped. */
export interface HeapDumpParams {
  readonly bigEndian: boolean;
  /** 4 or 8. */
  readonly pointerBytes: number;
  /** Bounds of the heap's address space. */
  readonly arenaStart: number;
  readonly arenaEnd: number;
  readonly arch: string;
  /** Go's version with its experiments, such as `go1.26.8 X:nogreenteagc`. */
  readonly version: string;
  readonly cpus: number;
}

/** `runtime.MemStats` as it was when the world stopped, before the dump swept what was unswept. */
export interface HeapDumpMemStats {
  readonly Alloc: number;
  readonly TotalAlloc: number;
  readonly Sys: number;
  readonly Lookups: number;
  readonly Mallocs: number;
  readonly Frees: number;
  readonly HeapAlloc: number;
  readonly HeapSys: number;
  readonly HeapIdle: number;
  readonly HeapInuse: number;
  readonly HeapReleased: number;
  readonly HeapObjects: number;
  readonly StackInuse: number;
  readonly StackSys: number;
  readonly MSpanInuse: number;
  readonly MSpanSys: number;
  readonly MCacheInuse: number;
  readonly MCacheSys: number;
  readonly BuckHashSys: number;
  readonly GCSys: number;
  readonly OtherSys: number;
  readonly NextGC: number;
  /** ns since 1970, rounded to 256 ns by the double that holds it. */
  readonly LastGC: number;
  readonly PauseTotalNs: number;
  /** Ring of 256 pauses, ns; the newest is at `(NumGC + 255) % 256`. */
  readonly PauseNs: readonly number[];
  readonly NumGC: number;
}

/** The heap's objects (slots in use) by address, and their pointer fields. */
export interface HeapDumpObjects {
  readonly count: number;
  readonly address: Float64Array;
  /** Bytes of the slot, not of the request. */
  readonly bytes: Float64Array;
  /** Place of each object's first field in the two columns below; one entry more than objects. */
  readonly firstField: Uint32Array;
  /** Byte offset of each pointer field in its slot. */
  readonly fieldOffset: Uint32Array;
  /** Object that the field refers to, also by its inside, or `NO_OBJECT`. */
  readonly fieldTarget: Int32Array;
  /** Allocation site in `sites`, -1 where the memory profile did not sample the object. */
  readonly site: Int32Array;
}

/** Everything outside the heap that refers to an object. */
export interface HeapDumpRoots {
  readonly count: number;
  /** Place in `ROOT_KINDS`. */
  readonly kind: Uint8Array;
  readonly target: Int32Array;
  /** Row of `segments`, `frames`, `otherRoots`, `finalizers`, `goroutines`, `defers` or `panics`, by kind. */
  readonly owner: Int32Array;
  /** Bytes from the beginning of the owner to the root's word; 0 where that means nothing. */
  readonly offset: Float64Array;
}

/** A data or bss segment. */
export interface HeapDumpSegment {
  readonly kind: 'data' | 'bss';
  readonly address: number;
  readonly bytes: number;
}

/** A goroutine that was not running Go code; the one that wrote the dump is among them. */
export interface HeapDumpGoroutine {
  /** Address of its `g`. */
  readonly address: number;
  readonly sp: number;
  readonly goid: number;
  /** Program counter of its go statement. */
  readonly gopc: number;
  /** Go's status: 1 runnable, 2 running, 3 in a system call, 4 waiting. */
  readonly status: number;
  readonly system: boolean;
  readonly waitSince: number;
  readonly waitReason: string;
  /** Addresses of its context closure, its thread, its newest defer and panic; 0 is none. */
  readonly ctxt: number;
  readonly m: number;
  readonly defer: number;
  readonly panic: number;
  /** Its frames in `frames`, innermost first: place of the first, and how many. */
  readonly firstFrame: number;
  readonly frameCount: number;
}

/** A stack frame. */
export interface HeapDumpFrame {
  readonly goroutine: number;
  readonly sp: number;
  /** 0 is the innermost. */
  readonly depth: number;
  /** Stack pointer of the frame it called; 0 is none. */
  readonly childSp: number;
  readonly bytes: number;
  readonly entry: number;
  readonly pc: number;
  readonly continuePc: number;
  readonly func: string;
}

/** A finalizer, set or queued to run. */
export interface HeapDumpFinalizer {
  readonly queued: boolean;
  readonly address: number;
  readonly object: number;
  /** Address of its closure, and the object that this is in. */
  readonly fn: number;
  readonly fnObject: number;
  readonly pc: number;
  /** Addresses of the types of its argument and of the object; `types` need not have them. */
  readonly fint: number;
  readonly ot: number;
}

/** A root with a description by the runtime. */
export interface HeapDumpOtherRoot {
  readonly description: string;
  readonly address: number;
}

/** A type that some interface value may hold. */
export interface HeapDumpType {
  readonly address: number;
  readonly bytes: number;
  /**
   * Import path, a dot and the name; as in source where the type has no methods. Go's writer leaves the name out for a
   * pointer to a named type: `main.` is some `*main.T` with methods.
   */
  readonly name: string;
  /** As the dump says; Go's writer sets it for types with pointers and for those that interfaces box. */
  readonly indirect: boolean;
}

/** An interface table and the type in it. */
export interface HeapDumpItab {
  readonly address: number;
  readonly type: number;
}

/** A thread of the runtime. */
export interface HeapDumpThread {
  readonly address: number;
  readonly id: number;
  readonly osId: number;
}

/** A deferred call. */
export interface HeapDumpDefer {
  readonly address: number;
  /** Address of the goroutine's `g`. */
  readonly g: number;
  readonly sp: number;
  readonly pc: number;
  readonly fn: number;
  readonly fnPc: number;
  readonly link: number;
}

/** A panic under way. */
export interface HeapDumpPanic {
  readonly address: number;
  readonly g: number;
  /** Address of the value's type, and the value's data word. */
  readonly type: number;
  readonly data: number;
  readonly defer: number;
  readonly link: number;
}

/** A call of an allocation's stack. */
export interface HeapDumpCall {
  readonly func: string;
  readonly file: string;
  readonly line: number;
}

/** A bucket of the memory profile: allocations of one size by one call stack. */
export interface HeapDumpSite {
  readonly address: number;
  readonly bytes: number;
  /** Innermost call first. */
  readonly stack: readonly HeapDumpCall[];
  readonly allocs: number;
  readonly frees: number;
}

/** What was counted while reading. */
export interface HeapDumpCounts {
  readonly bytes: number;
  readonly records: number;
  /** Object records that are no objects but the runtime's own bits at a span's end. */
  readonly phantoms: number;
  /** Pointer fields of objects that refer to memory outside the heap's objects, and those that are nil. */
  readonly fieldsElsewhere: number;
  readonly fieldsNil: number;
  /** Pointer offsets that lie outside their stack frame; ignored. */
  readonly fieldsOutside: number;
  /** Samples of the memory profile that lie in no object or name no site, and repeated samples of one object. */
  readonly samplesLost: number;
  readonly samplesRepeated: number;
  /** Bytes behind the end record; ignored. */
  readonly trailingBytes: number;
}

export interface HeapDump {
  readonly params: HeapDumpParams;
  readonly memstats: HeapDumpMemStats;
  readonly objects: HeapDumpObjects;
  readonly roots: HeapDumpRoots;
  readonly segments: readonly HeapDumpSegment[];
  readonly goroutines: readonly HeapDumpGoroutine[];
  readonly frames: readonly HeapDumpFrame[];
  readonly finalizers: readonly HeapDumpFinalizer[];
  readonly otherRoots: readonly HeapDumpOtherRoot[];
  readonly types: ReadonlyMap<number, HeapDumpType>;
  readonly itabs: readonly HeapDumpItab[];
  readonly threads: readonly HeapDumpThread[];
  readonly defers: readonly HeapDumpDefer[];
  readonly panics: readonly HeapDumpPanic[];
  readonly sites: readonly HeapDumpSite[];
  readonly counts: HeapDumpCounts;
}
