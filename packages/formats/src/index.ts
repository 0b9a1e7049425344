/** Go's file formats, from bytes to columns: execution traces, gctrace logs, heap dumps, and telling them apart. */

export {
  CHUNK_LENGTH,
  CHUNK_MASK,
  CHUNK_SHIFT,
  F64Column,
  U16Column,
  U32Column,
} from './exectrace/columns.ts';
export type { ExecTraceOptions } from './exectrace/reader.ts';
export { ExecTraceReader } from './exectrace/reader.ts';
export type {
  AllocColumns,
  ClockColumns,
  CycleTrigger,
  DroppedGeneration,
  GoroutineTable,
  HeapSeries,
  RecordedCycle,
  ScheduleColumns,
  SiteTable,
  TraceCounts,
  TraceRecording,
  TraceWarning,
  TypeTable,
  WorkerTime,
} from './exectrace/recording.ts';
export {
  FREED_BEFORE_FIRST_CYCLE,
  NO_PROC,
  NOT_FREED,
  SITE_OBJECT,
  SITE_TINY_BLOCK,
  SITE_TINY_PART,
} from './exectrace/recording.ts';
export type { TraceScan } from './exectrace/scan.ts';
export { scanTrace } from './exectrace/scan.ts';
export type {
  GcpacertraceRow,
  PacerEndRow,
  PacerStartRow,
  PacerSweepRow,
} from './gctrace/gcpacertrace.ts';
export { formatGcpacertraceLine, parseGcpacertraceLine } from './gctrace/gcpacertrace.ts';
export type { GctraceLog, GctraceRow } from './gctrace/gctrace.ts';
export { formatGctraceLine, parseGctrace, parseGctraceLine } from './gctrace/gctrace.ts';
export type { ScavtraceRow } from './gctrace/scavtrace.ts';
export { formatScavtraceLine, parseScavtraceLine } from './gctrace/scavtrace.ts';
export type {
  HeapDump,
  HeapDumpCall,
  HeapDumpCounts,
  HeapDumpDefer,
  HeapDumpFinalizer,
  HeapDumpFrame,
  HeapDumpGoroutine,
  HeapDumpItab,
  HeapDumpMemStats,
  HeapDumpObjects,
  HeapDumpOtherRoot,
  HeapDumpPanic,
  HeapDumpParams,
  HeapDumpRoots,
  HeapDumpSegment,
  HeapDumpSite,
  HeapDumpThread,
  HeapDumpType,
  RootKind,
} from './heapdump/dump.ts';
export { NO_OBJECT, ROOT_KINDS } from './heapdump/dump.ts';
export { reachableObjects } from './heapdump/reach.ts';
export type { HeapDumpOptions } from './heapdump/reader.ts';
export { HeapDumpReader } from './heapdump/reader.ts';
export { describeRoot } from './heapdump/roots.ts';
export type { SniffedFormat } from './sniff.ts';
export { isGzip, sniffFormat } from './sniff.ts';
