/**
 * Scalars of the state that change too often for the control tree.
 *
 * They live in one Float64Array, `World.scalars`, indexed by these constants, so that they hash and
 * snapshot like any column. All sizes are bytes, all times virtual ns.
 */
export const SCALAR = {
  /** Events folded so far. */
  seq: 0,
  timeNs: 1,
  /** Ordinal the next allocation takes, from 1. */
  nextOrdinal: 2,
  /** 0 off, 1 mark, 2 mark termination (Go's gcphase). */
  gcphase: 3,
  /** mheap_.sweepgen. */
  sweepgen: 4,
  /** Spans of the current cycle that are still to be swept. */
  unswept: 5,
  /** 1 while a sweep is going on. */
  sweeping: 6,
  /** gcController.heapLive. */
  heapLive: 7,
  heapMarked: 8,
  /** Scannable bytes allocated since the last mark, and of the last mark (Go's heapScan). */
  heapScan: 9,
  /** Scannable bytes allocated from cached spans and not yet added to heapScan. */
  scanAlloc: 10,
  /** Bytes marked so far in this cycle, objects allocated black included. */
  bytesMarked: 11,
  totalAlloc: 12,
  totalFree: 13,
  largeAlloc: 14,
  largeAllocCount: 15,
  largeFree: 16,
  largeFreeCount: 17,
  tinyAllocs: 18,
  heapInUse: 19,
  heapFree: 20,
  heapReleased: 21,
  numGC: 22,
  numForcedGC: 23,
  pauseTotalNs: 24,
  lastGCNs: 25,
  /** CPU time of finished cycles, ns, idle workers left out. */
  gcCpuNs: 26,
  /** The P and the goroutine that run. */
  p: 27,
  g: 28,
  /** First page of the last large span made, plus 1. */
  largePage: 29,
  /** Pages in use, and swept in this cycle, for proportional sweeping. */
  pagesInUse: 30,
  pagesSwept: 31,
  /** Recorded mark terminations passed (annotations). */
  recordedCycles: 32,
  /** heapInUse when marking last ended. */
  lastHeapInUse: 33,
  heapScanWork: 34,
  stackScanWork: 35,
  globalsScanWork: 36,
  assistNs: 37,
  workerNs: 38,
  idleNs: 39,
  /** heapLive when the running cycle began. */
  triggered: 40,
  cycleStartNs: 41,
  /** Spans in use. */
  spans: 42,
  /** GOMAXPROCS in force. */
  procs: 43,
  /** CPU time that the Ps offered up to `cpuSinceNs`, and up to the end of the last cycle, ns. */
  cpuNs: 44,
  cpuSinceNs: 45,
  cpuAtGCNs: 46,
  /** Finalizers and cleanups queued by sweeps, and executed. */
  finalizersQueued: 47,
  finalizersExecuted: 48,
  cleanupsQueued: 49,
  cleanupsExecuted: 50,
  /** Slots of dead objects that the last cycle's sweep kept for their finalizers, bytes. */
  revivedBytes: 51,
  /** Of bytesMarked: slots counted because contents of objects with finalizers were scanned. */
  finalizerScanBytes: 52,
  /** Bytes of spans of stacks, and of the stacks that goroutines have (Go's maxStackScan). */
  stackInUse: 53,
  goroutineStacks: 54,
  goroutinesCreated: 55,
  /** Bytes of the stack that a new goroutine gets; 0 until one was computed. */
  startingStack: 56,
  /** Bytes of stacks and of globals that the last mark phase scanned. */
  lastStackScan: 57,
  lastGlobalsScan: 58,
  /** mspan structs handed out, those in caches of Ps included, and the most there ever were. */
  mspans: 59,
  mspansMost: 60,
  /** CPU time of finished cycles by kind, ns. */
  cpuAssistNs: 61,
  cpuWorkerNs: 62,
  cpuIdleMarkNs: 63,
  cpuPauseNs: 64,
  /** CPU time spent returning memory, by the background scavenger and by allocations, ns. */
  scavBackgroundNs: 65,
  scavAssistNs: 66,
  /** The same up to the end of the last cycle. */
  cpuScavBackgroundNs: 67,
  cpuScavAssistNs: 68,
  /** CPU time up to the end of the last cycle: the program's own, and all, ns. */
  cpuUserNs: 69,
  cpuTotalNs: 70,
  /** Cycle in which the GC CPU limiter last began to limit; 0 is never. */
  limiterCycle: 71,
  count: 72,
} as const;
