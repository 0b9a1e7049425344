/**
 * What goes into a pacer and what can be stored of it.
 *
 * 1. Options and reports are plain records: bytes and nanoseconds, integers.
 * 2. `PacerState` holds every figure, by Go's names, and survives JSON. JSON has no infinities, so
 *    a cons/mark that is not finite is stored as a string.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { WorkerMode } from './workers.ts';

/** Memory beside the live heap, in bytes; all 0 unless told. */
export interface MemoryFigures {
  /** Memory that is mapped and not given back to the operating system. */
  readonly mappedReady?: number;
  /** Of it: heap in no span. */
  readonly heapFree?: number;
  /** Bytes of objects ever allocated; less `totalFree`, heap objects. */
  readonly totalAlloc?: number;
  /** Bytes of objects ever freed. */
  readonly totalFree?: number;
}

export interface PacerOptions extends MemoryFigures {
  /** GOGC; negative is off. */
  readonly gcPercent: number;
  /** GOMEMLIMIT in bytes; Infinity is none. */
  readonly memoryLimit: number;
}

/** What `Pacer.startCycle` needs. */
export interface CycleStart {
  /** Stack bytes that goroutines have. */
  readonly stackBytes: number;
  /** Scannable bytes of globals. */
  readonly globalsBytes: number;
  /** Scannable share of the heap allocated since the last cycle, 0 to 1. */
  readonly scannableFraction: number;
  /** GOMAXPROCS. */
  readonly procs: number;
  /** Live heap now, bytes; left out, the cycle starts exactly at its trigger. */
  readonly heapLive?: number;
  /** What started it, as far as mark workers are concerned; 'normal' unless told. */
  readonly mode?: WorkerMode;
}

/** What happened since the last call of `Pacer.revise`, bytes. */
export interface ReviseDelta {
  readonly heapLive: number;
  readonly heapScan: number;
  readonly heapScanWork: number;
  readonly stackScanWork: number;
  readonly globalsScanWork: number;
}

/** What `Pacer.endCycle` needs. */
export interface CycleEnd {
  /** Bytes found or made live, those allocated during the cycle included. */
  readonly bytesMarked: number;
  /** CPU time of assists, all Ps together. */
  readonly assistNs: number;
  /** CPU time of idle workers, all Ps together; 0 unless told. */
  readonly idleNs?: number;
  /** How long marking lasted. */
  readonly elapsedNs: number;
  /** GOMAXPROCS. */
  readonly procs: number;
}

/** A number that JSON can hold. */
export type JsonFloat = number | 'Infinity' | '-Infinity' | 'NaN';

/** Everything a pacer knows. `triggered` and `memoryLimit` are 2^64 and 2^63 for none. */
export interface PacerState {
  readonly gcPercent: number;
  readonly memoryLimit: number;
  readonly mappedReady: number;
  readonly heapFree: number;
  readonly totalAlloc: number;
  readonly totalFree: number;
  readonly gcPercentHeapGoal: number;
  readonly sweepDistMinTrigger: number;
  readonly runway: number;
  readonly heapLive: number;
  readonly heapScan: number;
  readonly heapMarked: number;
  readonly lastHeapScan: number;
  readonly lastStackScan: number;
  readonly maxStackScan: number;
  readonly globalsScan: number;
  readonly lastHeapGoal: number;
  readonly triggered: number;
  readonly heapScanWork: number;
  readonly stackScanWork: number;
  readonly globalsScanWork: number;
  readonly assistWorkPerByte: number;
  readonly assistBytesPerWork: number;
  readonly procs: number;
  readonly mode: WorkerMode;
  readonly consMark: JsonFloat;
  readonly lastConsMark: readonly JsonFloat[];
}

/** `x` as JSON can hold it. */
export function toJsonFloat(x: number): JsonFloat {
  if (Number.isFinite(x)) return x;
  if (Number.isNaN(x)) return 'NaN';
  return x > 0 ? 'Infinity' : '-Infinity';
}

/** GOGC as Go keeps it: an int32, -1 for any negative one. Throws `bad-usage` for others. */
export function checkGcPercent(percent: number): number {
  if ((percent | 0) !== percent) {
    throw new HeaptapeError('bad-usage', `not a GOGC: ${percent}`, 'use an integer, or -1 for off');
  }
  return percent < 0 ? -1 : percent;
}

/** `value` if it is an integer >= 0; else throws `bad-usage`, naming it. */
export function checkCount(value: number, name: string): number {
  if (!(Number.isInteger(value) && value >= 0)) {
    throw new HeaptapeError('bad-usage', `${name} is not an integer >= 0: ${value}`);
  }
  return value;
}
