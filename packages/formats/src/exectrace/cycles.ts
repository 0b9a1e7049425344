/**
 * GC cycles as the trace tells them, in gctrace's terms.
 *
 * One cycle on the trace, in order: HeapAlloc (the last heapLive of the mutator), GCBegin with the stack of what
 * triggered it, STWBegin "GC sweep termination", STWEnd, concurrent marking (workers' stints, assists, more
 * HeapAllocs), STWBegin "GC mark termination", HeapAlloc (the bytes marked), GCEnd, HeapGoal (of the next
 * cycle), STWEnd; then frees, until the next GCBegin.
 *
 * 1. heapAtStart: gcStart reads heapLive between writing GCBegin and asking the world to stop, so HeapAllocs count up
 *    to the first STWBegin; other threads go on allocating for a while after it.
 * 2. heapAtMarkEnd: heapLive only grows while marking, so its largest value is the one at the end.
 * 3. heapMarked: the last HeapAlloc before GCEnd.
 * 4. effectiveGoal: where heapLive has passed the goal already, the pacer moves the goal to 64 KiB above it. No event
 *    tells that.
 * 5. GCActive repeats, in a new generation, that a mark phase is on. Only where no GCBegin was seen (the recording
 *    began while marking) does it open a cycle.
 * 6. Pauses of one kind within one cycle add up: mark termination starts the world again when it finds work left.
 *
 * Follows gcStart and gcMarkTermination in Go's mgc.go and heapGoalInternal in mgcpacer.go, 1.23 to 1.26.
 */
import { HeaptapeError } from '@heaptape/schema';
import type { CycleTrigger, RecordedCycle } from './recording.ts';
import { FREED_BEFORE_FIRST_CYCLE } from './recording.ts';

/** Above this a goal means "none": the runtime prints an overflown number (Go issue 63864). */
const MAX_GOAL = 0x4_0000_0000_0000;
/** Go's minRunway: the least distance between where a cycle is triggered and its goal. */
const MIN_RUNWAY = 65536;
/** `nextGoal` until the goal is announced. */
const NOT_ANNOUNCED = -1;
const STW_SWEEP_TERM = 'GC sweep termination';
const STW_MARK_TERM = 'GC mark termination';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type OpenCycle = Mutable<Omit<RecordedCycle, 'workerNs'>> & {
  readonly workerNs: Mutable<RecordedCycle['workerNs']>;
};
/** How a background worker runs; gctrace's three kinds. */
export type WorkerMode = keyof RecordedCycle['workerNs'];

/** Follows the events that tell about cycles, in merged order. */
export class CycleRecorder {
  readonly cycles: RecordedCycle[] = [];
  /** Cycles whose end was seen. */
  ended = 0;
  /** Rows allocated before the last ended cycle began. */
  beginRowOfLast = 0;
  /** Last HeapAlloc (until there is one: slot bytes of the snapshot) and last HeapGoal. */
  heapLive = 0;
  goal = 0;
  private open: OpenCycle | undefined;
  private last: OpenCycle | undefined;
  private stwKind = '';
  private stwSince = 0;
  private starting = false;
  /** What the sweep after the last ended cycle has freed so far. */
  private freedObjects = 0;
  private freedBytes = 0;

  /** The cycle whose mark phase is on or else was the last: what marking work is credited to. */
  get current(): OpenCycle | undefined {
    return this.open ?? this.last;
  }

  /** Objects of the snapshot: a first idea of heapLive, until a HeapAlloc tells it. */
  startObjects(bytes: number): void {
    this.heapLive += bytes;
  }

  heapAlloc(bytes: number): void {
    this.heapLive = bytes;
    const cycle = this.open;
    if (cycle === undefined) return;
    if (this.starting) cycle.heapAtStart = bytes;
    if (bytes > cycle.heapAtMarkEnd) cycle.heapAtMarkEnd = bytes;
  }

  heapGoal(bytes: number): void {
    this.goal = bytes > MAX_GOAL ? 0 : bytes;
    this.settleGoal();
  }

  /** `functions`: the stack of what triggered the cycle, leaf first. */
  begin(row: number, timeNs: number, functions: readonly string[]): void {
    const trigger: CycleTrigger = functions.includes('runtime.GC')
      ? 'forced'
      : functions.includes('runtime.forcegchelper')
        ? 'periodic'
        : 'heap';
    this.open = this.newCycle(row, timeNs, trigger, true);
    this.starting = true;
  }

  active(): void {
    this.open ??= this.unseenStart();
  }

  end(row: number, timeNs: number): void {
    const cycle = this.open ?? this.unseenStart();
    if (++this.ended >= FREED_BEFORE_FIRST_CYCLE) {
      throw new HeaptapeError('too-large', `more than ${FREED_BEFORE_FIRST_CYCLE - 1} GC cycles`);
    }
    cycle.n = this.ended;
    cycle.endRow = row;
    cycle.endNs = timeNs;
    cycle.heapMarked = this.heapLive;
    if (this.goal > 0) cycle.effectiveGoal = Math.max(this.goal, cycle.heapAtStart + MIN_RUNWAY);
    this.settleGoal();
    cycle.nextGoal = NOT_ANNOUNCED;
    this.beginRowOfLast = cycle.beginRow;
    this.creditFreed();
    this.last = cycle;
    this.open = undefined;
    this.cycles.push(cycle);
  }

  stwBegin(timeNs: number, kind: string): void {
    this.stwKind = kind;
    this.stwSince = timeNs;
    if (kind === STW_SWEEP_TERM) this.starting = false;
  }

  stwEnd(timeNs: number): void {
    const pause = timeNs - this.stwSince;
    const cycle = this.current;
    if (this.stwKind === STW_SWEEP_TERM) {
      if (this.open !== undefined) this.open.stwSweepTermNs += pause;
    } else if (this.stwKind === STW_MARK_TERM && cycle !== undefined) cycle.stwMarkTermNs += pause;
    this.stwKind = '';
  }

  /** So many slots were freed by the sweep that follows the last ended cycle. */
  freed(objects: number, bytes: number): void {
    this.freedObjects += objects;
    this.freedBytes += bytes;
  }

  /** A mark phase is on. */
  get unfinished(): boolean {
    return this.open !== undefined;
  }

  /** Ends the recording. */
  finish(): void {
    this.creditFreed();
    this.settleGoal();
  }

  /** The last ended cycle's next goal is the one in force now, unless it was known before. */
  private settleGoal(): void {
    if (this.last?.nextGoal === NOT_ANNOUNCED) this.last.nextGoal = this.goal;
  }

  /** A cycle that had begun when the recording, or what is left of it, began: not before the last one ended. */
  private unseenStart(): OpenCycle {
    const cycle = this.newCycle(this.last?.endRow ?? 0, this.last?.endNs ?? 0, 'heap', false);
    cycle.heapAtStart = 0;
    return cycle;
  }

  /** Kept apart from the cycle until here, because objects are freed one by one. */
  private creditFreed(): void {
    if (this.last !== undefined) {
      this.last.freedObjects += this.freedObjects;
      this.last.freedBytes += this.freedBytes;
    }
    this.freedObjects = 0;
    this.freedBytes = 0;
  }

  private newCycle(row: number, ns: number, trigger: CycleTrigger, startSeen: boolean): OpenCycle {
    return {
      n: 0,
      startSeen,
      beginRow: row,
      endRow: row,
      startNs: ns,
      endNs: ns,
      heapAtStart: this.heapLive,
      heapAtMarkEnd: this.heapLive,
      heapMarked: 0,
      heapGoal: this.goal,
      effectiveGoal: this.goal,
      nextGoal: 0,
      forced: trigger === 'forced',
      trigger,
      stwSweepTermNs: 0,
      stwMarkTermNs: 0,
      assistNs: 0,
      workerNs: { dedicated: 0, fractional: 0, idle: 0 },
      freedObjects: 0,
      freedBytes: 0,
    };
  }
}
