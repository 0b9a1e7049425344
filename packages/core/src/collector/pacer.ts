/**
 * The pacer: when a cycle starts, how large the heap may get until it ends, how hard the program
 * must help. The collector uses this very class.
 *
 * Models `gcControllerState` of `runtime/mgcpacer.go`, Go 1.21 to 1.26 (checked against 1.26.8).
 *
 * 1. `startCycle` notes where the heap stood (`triggered`), splits the workers (`workers.ts`) and
 *    computes the first assist ratio.
 * 2. `revise` moves that ratio as the heap grows and scan work gets done (`assist_ratio.ts`).
 * 3. `endCycle` measures allocation against marking (`consmark.ts`), then
 * 4. `resetLive` makes the marked bytes the live heap, and the work done the expectation, and
 * 5. `commit` derives GOGC's goal and the runway: what the program will allocate while the expected
 *    work is done at 25 % of the CPUs.
 *
 * Goal and trigger are computed when asked for (`heapgoal.ts`), so they follow every change at once.
 *
 * Invariants: trigger <= goal; outside a cycle `triggered` is `NOT_TRIGGERED`; bytes, work and
 * nanoseconds are integers, exact below 2^53 (`int64.ts`).
 * Deviation: each pacer has its own `lastHeapGoal`, which Go keeps in its one global controller.
 */
import { HeaptapeError } from '@heaptape/schema';
import { AssistRatio } from './assist_ratio.ts';
import { ConsMark } from './consmark.ts';
import { gcPercentGoal, heapMinimumFor, triggerFor } from './heapgoal.ts';
import { floatToInt64, floatToUint64, TWO_63, TWO_64 } from './int64.ts';
import { MemoryLimit } from './memory_limit.ts';
import { BACKGROUND_UTILIZATION, MIN_RUNWAY, SWEEP_MIN_HEAP_DISTANCE } from './pacer_constants.ts';
import type {
  CycleEnd,
  CycleStart,
  MemoryFigures,
  PacerOptions,
  PacerState,
  ReviseDelta,
} from './pacer_types.ts';
import { checkCount, checkGcPercent, toJsonFloat } from './pacer_types.ts';
import type { MarkWorkers } from './workers.ts';
import { splitMarkWorkers } from './workers.ts';

/** `Pacer.triggered` outside a cycle; stands for Go's largest uint64. */
export const NOT_TRIGGERED: number = TWO_64;

export class Pacer {
  #gcPercent = 100;
  readonly #memory = new MemoryLimit();
  readonly #assist = new AssistRatio();
  readonly #consMark = new ConsMark();
  // Set by `commit`.
  #gcPercentHeapGoal = 0;
  #sweepDistMinTrigger = 0;
  #runway = 0;
  // The heap now, and what the last cycle found.
  #heapLive = 0;
  #heapScan = 0;
  #heapMarked = 0;
  #lastHeapScan = 0;
  #lastStackScan = 0;
  #maxStackScan = 0;
  #globalsScan = 0;
  #lastHeapGoal = 0;
  // This cycle.
  #triggered = NOT_TRIGGERED;
  #heapScanWork = 0;
  #stackScanWork = 0;
  #globalsScanWork = 0;
  #workers: MarkWorkers = splitMarkWorkers(1);

  /** A pacer before its first cycle. Throws `bad-usage` for settings that Go does not have. */
  constructor(options: PacerOptions) {
    this.#gcPercent = checkGcPercent(options.gcPercent);
    this.#memory.setLimit(options.memoryLimit);
    this.#memory.setFigures(options);
    this.commit({ sweepDone: true });
  }

  /** Heap size that the cycle should not pass before it ends, bytes; about 2^63 if unbounded. */
  get heapGoal(): number {
    const limitGoal = this.#memoryLimitHeapGoal();
    let goal = this.#gcPercentHeapGoal;
    // Under the memory limit nothing may push the goal up again.
    if (limitGoal < goal) return limitGoal;
    if (this.#sweepDistMinTrigger > goal) goal = this.#sweepDistMinTrigger;
    if (this.#triggered !== NOT_TRIGGERED && goal < this.#triggered + MIN_RUNWAY) {
      goal = this.#triggered + MIN_RUNWAY;
    }
    return goal;
  }

  /** `heapLive` at which a cycle starts, bytes. */
  get trigger(): number {
    const limited = this.#memoryLimitHeapGoal() < this.#gcPercentHeapGoal;
    const minTrigger = limited ? 0 : this.#sweepDistMinTrigger;
    return triggerFor(this.heapGoal, minTrigger, this.#heapMarked, this.#runway);
  }

  /** `heapLive` at which the running cycle started, bytes; `NOT_TRIGGERED` if none runs. */
  get triggered(): number {
    return this.#triggered;
  }

  /** Bytes retained by the last cycle plus bytes allocated since. */
  get heapLive(): number {
    return this.#heapLive;
  }

  /** Bytes retained by the last cycle. */
  get heapMarked(): number {
    return this.#heapMarked;
  }

  /** Scan work that an assist owes per allocated byte. */
  get assistWorkPerByte(): number {
    return this.#assist.workPerByte;
  }

  /** Bytes that may be allocated per byte of scan work. */
  get assistBytesPerWork(): number {
    return this.#assist.bytesPerWork;
  }

  /** Scannable bytes of the heap. */
  get heapScan(): number {
    return this.#heapScan;
  }

  /** Scan work that the last cycle lets expect, bytes. */
  get expectedScan(): number {
    return this.#lastHeapScan + this.#lastStackScan + this.#globalsScan;
  }

  /** Estimate of bytes allocated per byte scanned, each per CPU time. */
  get consMark(): number {
    return this.#consMark.estimate;
  }

  /** Bytes expected to be allocated while the next cycle marks. */
  get runway(): number {
    return this.#runway;
  }

  /** Goal in force when the last cycle ended, bytes; 0 before. The scavenger paces by it. */
  get lastHeapGoal(): number {
    return this.#lastHeapGoal;
  }

  /** GOGC; -1 is off. */
  get gcPercent(): number {
    return this.#gcPercent;
  }

  /** Memory limit in bytes; Infinity is none. */
  get memoryLimit(): number {
    return this.#memory.limit === TWO_63 ? Infinity : this.#memory.limit;
  }

  /** The background workers of the running or last cycle. */
  get workers(): MarkWorkers {
    return this.#workers;
  }

  /** Sets GOGC (negative is off) and commits; `sweepDone` as in `commit`. Returns the old one. */
  setGCPercent(percent: number, sweepDone = true): number {
    const old = this.#gcPercent;
    this.#gcPercent = checkGcPercent(percent);
    this.#recommit(sweepDone);
    return old;
  }

  /**
   * Sets the memory limit in bytes (Infinity is none) and commits; `sweepDone` as in `commit`.
   * A negative one, or the one in force, changes nothing. Returns the old one.
   */
  setMemoryLimit(bytes: number, sweepDone = true): number {
    const old = this.memoryLimit;
    if (bytes < 0 || bytes === old) return old;
    this.#memory.setLimit(bytes);
    this.#recommit(sweepDone);
    return old;
  }

  /** Tells about memory beside the live heap; figures left out keep their value. */
  setMemoryFigures(figures: MemoryFigures): void {
    this.#memory.setFigures(figures);
  }

  /** `setMemoryFigures` without an object, for the collector. Bytes. */
  setMemory(mappedReady: number, heapFree: number, totalAlloc: number, totalFree: number): void {
    this.#memory.set(mappedReady, heapFree, totalAlloc, totalFree);
  }

  /** Sets the stack bytes that goroutines have and the scannable bytes of globals. */
  setRoots(stackBytes: number, globalsBytes: number): void {
    this.#maxStackScan = checkCount(stackBytes, 'stackBytes');
    this.#globalsScan = checkCount(globalsBytes, 'globalsBytes');
  }

  /**
   * Counts `bytes` more (or, negative, fewer) of live heap, `scannable` of them scannable. While a
   * cycle runs, the scannable heap stays as it is and the assist ratio is revised.
   */
  heapLiveAdd(bytes: number, scannable = 0): void {
    this.#heapLive += bytes;
    if (this.#triggered === NOT_TRIGGERED) this.#heapScan += scannable;
    else this.#revise();
  }

  /**
   * Starts a cycle. Without `heapLive` it starts at max(trigger, heapMarked). Live heap that
   * `heapLiveAdd` has not counted is scannable in `scannableFraction`.
   */
  startCycle(start: CycleStart): void {
    this.#expectCycle(false, 'startCycle');
    const fraction = start.scannableFraction;
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new HeaptapeError('bad-usage', `scannableFraction is not in 0..1: ${fraction}`);
    }
    const mode = start.mode ?? 'normal';
    if (start.procs !== this.#workers.procs || mode !== this.#workers.mode) {
      this.#workers = splitMarkWorkers(start.procs, mode);
    }
    const live = checkCount(start.heapLive ?? Math.max(this.trigger, this.#heapMarked), 'heapLive');
    this.setRoots(start.stackBytes, start.globalsBytes);
    const uncounted = live - this.#heapLive;
    if (uncounted > 0) this.#heapScan += floatToInt64(uncounted * fraction);
    this.#heapLive = live;
    this.#triggered = live;
    this.#heapScanWork = 0;
    this.#stackScanWork = 0;
    this.#globalsScanWork = 0;
    this.#revise();
  }

  /** Adds what happened since the last call and computes the assist ratio anew. */
  revise(delta: ReviseDelta): void {
    const { heapLive, heapScan, heapScanWork, stackScanWork, globalsScanWork } = delta;
    this.reviseBy(heapLive, heapScan, heapScanWork, stackScanWork, globalsScanWork);
  }

  /** `revise` without an object, for the collector. */
  reviseBy(
    heapLive: number,
    heapScan: number,
    heapScanWork: number,
    stackScanWork: number,
    globalsScanWork: number,
  ): void {
    this.#expectCycle(true, 'revise');
    if (!Number.isInteger(heapLive + heapScan + heapScanWork + stackScanWork + globalsScanWork)) {
      throw new HeaptapeError('bad-usage', 'revise: a figure is missing or not an integer');
    }
    this.#heapLive += heapLive;
    this.#heapScan += heapScan;
    this.#heapScanWork += heapScanWork;
    this.#stackScanWork += stackScanWork;
    this.#globalsScanWork += globalsScanWork;
    this.#revise();
  }

  /**
   * Ends the cycle: measures it, makes `bytesMarked` the live heap and commits for the next one, as
   * Go does while the world is stopped (so sweeping has not begun).
   */
  endCycle(end: CycleEnd): void {
    this.#expectCycle(true, 'endCycle');
    const assistNs = checkCount(end.assistNs, 'assistNs');
    const idleNs = checkCount(end.idleNs ?? 0, 'idleNs');
    const elapsedNs = checkCount(end.elapsedNs, 'elapsedNs');
    const bytesMarked = checkCount(end.bytesMarked, 'bytesMarked');
    this.#lastHeapGoal = this.heapGoal;
    if (this.#heapLive > this.#triggered) {
      const total = elapsedNs * end.procs;
      this.#consMark.measure(
        this.#heapLive - this.#triggered,
        this.#heapScanWork + this.#stackScanWork + this.#globalsScanWork,
        elapsedNs > 0 ? BACKGROUND_UTILIZATION + assistNs / total : BACKGROUND_UTILIZATION,
        elapsedNs > 0 ? idleNs / total : 0,
      );
    }
    this.resetLive(bytesMarked);
    this.commit({ sweepDone: false });
  }

  /** Makes `bytesMarked` the live heap, and the scan work done what the next cycle expects. */
  resetLive(bytesMarked: number): void {
    this.#heapMarked = bytesMarked;
    this.#heapLive = bytesMarked;
    this.#heapScan = this.#heapScanWork;
    this.#lastHeapScan = this.#heapScanWork;
    this.#lastStackScan = this.#stackScanWork;
    this.#triggered = NOT_TRIGGERED;
  }

  /**
   * Derives GOGC's goal and the runway from the figures as they are. Unless sweeping is done, the
   * next trigger leaves the sweeper at least 1 MiB from here.
   */
  commit({ sweepDone }: { readonly sweepDone: boolean }): void {
    this.#sweepDistMinTrigger = sweepDone ? 0 : this.#heapLive + SWEEP_MIN_HEAP_DISTANCE;
    const roots = this.#lastStackScan + this.#globalsScan;
    const goal = gcPercentGoal(this.#heapMarked, roots, this.#gcPercent);
    this.#gcPercentHeapGoal = Math.max(goal, heapMinimumFor(this.#gcPercent));
    const weight =
      (this.#consMark.estimate * (1 - BACKGROUND_UTILIZATION)) / BACKGROUND_UTILIZATION;
    this.#runway = floatToUint64(weight * (this.#lastHeapScan + roots));
  }

  /** Every figure, fit for JSON. */
  toState(): PacerState {
    const { limit, mappedReady, heapFree, totalAlloc, totalFree } = this.#memory;
    return {
      gcPercent: this.#gcPercent,
      memoryLimit: limit,
      mappedReady,
      heapFree,
      totalAlloc,
      totalFree,
      gcPercentHeapGoal: this.#gcPercentHeapGoal,
      sweepDistMinTrigger: this.#sweepDistMinTrigger,
      runway: this.#runway,
      heapLive: this.#heapLive,
      heapScan: this.#heapScan,
      heapMarked: this.#heapMarked,
      lastHeapScan: this.#lastHeapScan,
      lastStackScan: this.#lastStackScan,
      maxStackScan: this.#maxStackScan,
      globalsScan: this.#globalsScan,
      lastHeapGoal: this.#lastHeapGoal,
      triggered: this.#triggered,
      heapScanWork: this.#heapScanWork,
      stackScanWork: this.#stackScanWork,
      globalsScanWork: this.#globalsScanWork,
      assistWorkPerByte: this.#assist.workPerByte,
      assistBytesPerWork: this.#assist.bytesPerWork,
      procs: this.#workers.procs,
      mode: this.#workers.mode,
      consMark: toJsonFloat(this.#consMark.estimate),
      lastConsMark: Array.from(this.#consMark.samples, toJsonFloat),
    };
  }

  /** The pacer that `state` was taken from. */
  static fromState(state: PacerState): Pacer {
    const pacer = new Pacer(state);
    pacer.#gcPercentHeapGoal = state.gcPercentHeapGoal;
    pacer.#sweepDistMinTrigger = state.sweepDistMinTrigger;
    pacer.#runway = state.runway;
    pacer.#heapLive = state.heapLive;
    pacer.#heapScan = state.heapScan;
    pacer.#heapMarked = state.heapMarked;
    pacer.#lastHeapScan = state.lastHeapScan;
    pacer.#lastStackScan = state.lastStackScan;
    pacer.#maxStackScan = state.maxStackScan;
    pacer.#globalsScan = state.globalsScan;
    pacer.#lastHeapGoal = state.lastHeapGoal;
    pacer.#triggered = state.triggered;
    pacer.#heapScanWork = state.heapScanWork;
    pacer.#stackScanWork = state.stackScanWork;
    pacer.#globalsScanWork = state.globalsScanWork;
    pacer.#assist.workPerByte = state.assistWorkPerByte;
    pacer.#assist.bytesPerWork = state.assistBytesPerWork;
    pacer.#workers = splitMarkWorkers(state.procs, state.mode);
    pacer.#consMark.estimate = Number(state.consMark);
    pacer.#consMark.samples.set(state.lastConsMark.map(Number));
    return pacer;
  }

  #memoryLimitHeapGoal(): number {
    return Math.max(this.#memory.goal, this.#heapMarked);
  }

  #recommit(sweepDone: boolean): void {
    this.commit({ sweepDone });
    if (this.#triggered !== NOT_TRIGGERED) this.#revise();
  }

  #expectCycle(running: boolean, who: string): void {
    if ((this.#triggered !== NOT_TRIGGERED) === running) return;
    throw new HeaptapeError('bad-usage', `${who}: ${running ? 'no' : 'a'} cycle is running`);
  }

  #revise(): void {
    this.#assist.revise(
      this.heapGoal,
      this.#triggered,
      this.#heapLive,
      this.#heapScanWork + this.#stackScanWork + this.#globalsScanWork,
      this.#lastHeapScan + this.#lastStackScan + this.#globalsScan,
      this.#heapScan + this.#maxStackScan + this.#globalsScan,
      this.#gcPercent,
    );
  }
}
