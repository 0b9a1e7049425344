/**
 * Who runs where: threads (Ms), their current P and goroutine, and what goroutines do in GC.
 *
 * Trace events carry only changes, so each M keeps its current P and G, which later events on it belong to:
 *
 * 1. Status events name a P or G before its first event in each generation; Start/Stop/Block/Switch events move
 *    them; a P can be stolen from another M while that one is in a system call.
 * 2. Goroutines are numbered in order of appearance; number 0 is "none". The table keeps them all, the id lookup
 *    only those that live, so a server that starts a goroutine per request does not grow it.
 * 3. A mark assist counts while its goroutine runs; it may be parked in between.
 * 4. A background worker labels its running stint "GC (dedicated)", "GC (fractional)" or "GC (idle)"; the stint
 *    ends where the goroutine leaves the M, and at the latest with the mark phase.
 *
 * Follows the event meanings in Go's internal/trace (order.go), 1.22 to 1.26, without its checks.
 */
import { F64Column, U32Column } from './columns.ts';
import type { CycleRecorder, WorkerMode } from './cycles.ts';
import { NO_PROC } from './recording.ts';

/** What one M is doing. */
export class ThreadState {
  proc: number = NO_PROC;
  /** Number of the current goroutine; 0 for none. */
  goroutine = 0;
  /** Running stint of a background worker: its kind and start; '' if none. */
  workerMode: WorkerMode | '' = '';
  workerSince = 0;
}

const WORKER_LABELS: ReadonlyMap<string, WorkerMode> = new Map([
  ['GC (dedicated)', 'dedicated'],
  ['GC (fractional)', 'fractional'],
  ['GC (idle)', 'idle'],
]);
/** `assists` value of a goroutine that is in an assist but not running. */
const PARKED = -1;

export class ThreadRecorder {
  readonly goroutineId: F64Column = new F64Column();
  readonly goroutineEntry: U32Column = new U32Column();
  readonly functions: string[] = [''];
  private readonly functionIndex: Map<string, number> = new Map([['', 0]]);
  private readonly threads: Map<number, ThreadState> = new Map();
  private readonly live: Map<number, number> = new Map();
  /** Goroutines in a mark assist: since when they run, or PARKED. */
  private readonly assists: Map<number, number> = new Map();
  /** Threads on which a background worker runs. */
  private readonly stints: Set<ThreadState> = new Set();
  private readonly cycles: CycleRecorder;

  constructor(cycles: CycleRecorder) {
    this.cycles = cycles;
    this.goroutineId.push(0);
    this.goroutineEntry.push(0);
  }

  /** The state of an M, by its thread id. */
  thread(m: number): ThreadState {
    let state = this.threads.get(m);
    if (state === undefined) {
      state = new ThreadState();
      this.threads.set(m, state);
    }
    return state;
  }

  /** Number of a function name in `functions`. */
  functionNumber(name: string): number {
    let index = this.functionIndex.get(name);
    if (index === undefined) {
      index = this.functions.length;
      this.functions.push(name);
      this.functionIndex.set(name, index);
    }
    return index;
  }

  /** Number of a goroutine by its id; `entry` is what it started in, if that is known. */
  goroutine(id: number, entry: number): number {
    let index = this.live.get(id);
    if (index === undefined) {
      index = this.goroutineId.length;
      this.goroutineId.push(id);
      this.goroutineEntry.push(entry);
      this.live.set(id, index);
    } else if (entry !== 0 && this.goroutineEntry.get(index) === 0) {
      this.goroutineEntry.set(index, entry);
    }
    return index;
  }

  /** A P was taken from an M. */
  steal(proc: number, victim: number): void {
    const state = this.threads.get(victim);
    if (state !== undefined && state.proc === proc) state.proc = NO_PROC;
  }

  /** Goroutine `index` runs on `thread` from now on. */
  start(thread: ThreadState, index: number, timeNs: number): void {
    if (thread.goroutine !== 0) this.stop(thread, timeNs);
    thread.goroutine = index;
    if (this.assists.size > 0 && this.assists.get(index) === PARKED)
      this.assists.set(index, timeNs);
  }

  /** The goroutine of `thread` stops running, for a while or for good. */
  stop(thread: ThreadState, timeNs: number): void {
    const index = thread.goroutine;
    thread.goroutine = 0;
    this.endStint(thread, timeNs);
    if (this.assists.size === 0) return;
    const since = this.assists.get(index);
    if (since === undefined) return;
    this.creditAssist(since, timeNs);
    this.assists.set(index, PARKED);
  }

  /** The goroutine of `thread` ends. */
  destroy(thread: ThreadState, timeNs: number): void {
    const index = thread.goroutine;
    this.stop(thread, timeNs);
    if (index === 0) return;
    this.assists.delete(index);
    this.live.delete(this.goroutineId.get(index));
  }

  label(thread: ThreadState, label: string, timeNs: number): void {
    this.endStint(thread, timeNs);
    const mode = WORKER_LABELS.get(label);
    if (mode === undefined) return;
    thread.workerMode = mode;
    thread.workerSince = timeNs;
    this.stints.add(thread);
  }

  /** A mark phase ends: what its workers do from here on is not marking. */
  endMarking(timeNs: number): void {
    for (const thread of this.stints) this.endStint(thread, timeNs);
  }

  assistBegin(thread: ThreadState, timeNs: number): void {
    if (thread.goroutine !== 0) this.assists.set(thread.goroutine, timeNs);
  }

  /** A new generation repeats that a goroutine, running or not, is in an assist. */
  assistActive(thread: ThreadState, id: number, timeNs: number): void {
    const index = this.goroutine(id, 0);
    if (this.assists.has(index)) return;
    this.assists.set(index, thread.goroutine === index ? timeNs : PARKED);
  }

  assistEnd(thread: ThreadState, timeNs: number): void {
    const since = this.assists.get(thread.goroutine);
    if (since === undefined) return;
    this.creditAssist(since, timeNs);
    this.assists.delete(thread.goroutine);
  }

  private creditAssist(since: number, timeNs: number): void {
    const cycle = this.cycles.current;
    if (since !== PARKED && cycle !== undefined) cycle.assistNs += timeNs - since;
  }

  private endStint(thread: ThreadState, timeNs: number): void {
    const mode = thread.workerMode;
    if (mode === '') return;
    thread.workerMode = '';
    this.stints.delete(thread);
    const cycle = this.cycles.current;
    if (cycle !== undefined) cycle.workerNs[mode] += timeNs - thread.workerSince;
  }
}
