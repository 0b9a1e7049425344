/**
 * Control state: what there is one of, in a small plain tree that changes through Immer.
 *
 * It changes at phase and cycle granularity only (a change costs some 15 microseconds), its patches
 * say what changed, and it never holds a typed array, because Immer does not draft them.
 */
import type { CostModel } from './collector/costs.ts';

/** What a run is decided under. Stored in the tape's first event. */
export interface RunConfig {
  /** GOGC; -1 is off. */
  readonly gcPercent: number;
  /** GOMEMLIMIT, bytes; 0 is none. */
  readonly memoryLimit: number;
  readonly procs: number;
  readonly collector: 'classic' | 'greentea';
  /** Span layout: slots per span of Go 1.22-1.25, or of Go 1.26. */
  readonly layout: 'go1.22' | 'go1.26';
  /** 1: objects are moved together at the end of every mark phase, which Go never does. */
  readonly compact: number;
  /** Seed of every random decision. */
  readonly seed: number;
  /**
   * Bytes of goroutine stacks in use (of a run that starts no goroutine), and of globals, that marking
   * scans.
   */
  readonly stackBytes: number;
  readonly globalsBytes: number;
  /**
   * Runtime memory outside the heap, bytes: counts against the memory limit. -1: as much as spans, Ps
   * and cycles make a process of Go 1.26 take (`heap/memory.ts`).
   */
  readonly nonHeapBytes: number;
  readonly costs: CostModel;
}

/** The pacer's figures in force; bytes unless said. */
export interface PacerFigures {
  readonly gcPercent: number;
  readonly memoryLimit: number;
  readonly heapGoal: number;
  readonly trigger: number;
  readonly runway: number;
  /** Ratio of allocation to marking per CPU time. */
  readonly consMark: number;
}

export interface Control {
  readonly config: RunConfig | null;
  readonly pacer: PacerFigures;
  /** The running or last cycle. */
  readonly cycle: {
    readonly n: number;
    readonly trigger: number;
    readonly heapAtStart: number;
    readonly heapGoal: number;
    /** Its first stop-the-world pause, ns. */
    readonly pauseNs: number;
  };
  /** Rings of 256, newest at (numGC + 255) % 256: both pauses of a cycle and when it ended; ns. */
  readonly pauseNs: readonly number[];
  readonly pauseEnd: readonly number[];
  /** Goal in force when the last cycle ended, bytes. */
  readonly lastHeapGoal: number;
}

/** Most entries of the rings. */
const RING = 256;

export function initialControl(): Control {
  return {
    config: null,
    pacer: { gcPercent: 100, memoryLimit: 0, heapGoal: 0, trigger: 0, runway: 0, consMark: 0 },
    cycle: { n: 0, trigger: 0, heapAtStart: 0, heapGoal: 0, pauseNs: 0 },
    pauseNs: [],
    pauseEnd: [],
    lastHeapGoal: 0,
  };
}

/** Whether every number of `like` is a number in `value` too, and every ring one of numbers. */
function hasShape(value: unknown, like: object): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const found = value as Record<string, unknown>;
  return Object.entries(like).every(([key, model]) => {
    const part = found[key];
    if (typeof model === 'number') return typeof part === 'number';
    if (!Array.isArray(model)) return hasShape(part, model as object);
    return Array.isArray(part) && part.length <= RING && part.every((ns) => typeof ns === 'number');
  });
}

/** Whether a value that came from a file is a control state. Its configuration is not looked at. */
export function isControl(value: unknown): value is Control {
  const { config: _, ...like } = initialControl();
  return hasShape(value, like);
}
