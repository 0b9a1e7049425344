/** What an import comes to: the report that scripts read, and what people see beside it. */
import type { Collector } from '../settings.ts';

/** A cycle as it was recorded. Bytes, ns since the recording began. */
export interface CycleReport {
  readonly n: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly heapAtStart: number;
  readonly heapAtMarkEnd: number;
  readonly heapMarked: number;
  readonly heapGoal: number;
  readonly forced: boolean;
}

export interface Warning {
  readonly message: string;
  readonly count: number;
}

/** The settings that the tape's run was decided under. */
export interface SettingsReport {
  /** -1 is off. */
  readonly gogc: number;
  /** Bytes; null is none. */
  readonly memoryLimit: number | null;
  readonly procs: number;
  readonly collector: Collector;
}

/** The keys of `import --json`; also the tape's document `import`. */
export interface ImportReport {
  readonly format: 'exectrace' | 'gctrace' | 'heapdump';
  /** `go1.26`; null where the file does not say. */
  readonly goVersion: string | null;
  /** Allocations: tiny ones and those alive at the start included. */
  readonly objects: number;
  /** Bytes of the heap that they took, rounded up to size classes. */
  readonly bytes: number;
  /** Events on the tape. */
  readonly events: number;
  readonly goroutines: number;
  readonly durationNs: number;
  readonly cycles: readonly CycleReport[];
  readonly warnings: readonly Warning[];
  /** Null where there is no workload. */
  readonly settings: SettingsReport | null;
  /** Bytes of the file as it was read, decompressed. */
  readonly inputBytes: number;
}

export interface Imported {
  readonly report: ImportReport;
  /** Cycles of the simulated run. */
  readonly simulated: readonly Omit<CycleReport, 'forced'>[];
}

/** A limit in the configuration's terms, as reports have it. */
export const limitOrNull = (memoryLimit: number): number | null =>
  memoryLimit === 0 ? null : memoryLimit;
