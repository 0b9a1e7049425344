/**
 * The pacer and the limiter, kept in step with the simulated heap.
 *
 * 1. The heap's figures live in the World; the pacer is told how they changed at each refill and large
 *    allocation, as Go's refill tells its controller.
 * 2. A new goal is committed when marking ends and when a setting changes. Each commit is an event, and
 *    paces the sweeper and the scavenger.
 * 3. The GC CPU limiter sees the same time and the same assists. While it limits, the program does not
 *    assist, and memory-limit scavenging is left out.
 *
 * Follows `runtime/mgcpacer.go` gcControllerCommit and update, and `mgclimit.go`, Go 1.26. Deviation:
 * Ps without work are not known, so the limiter counts idle-priority marking as its only idle time.
 */
import { EVENTS } from '@heaptape/schema';
import { GCCPULimiter } from '../collector/limiter.ts';
import { Pacer } from '../collector/pacer.ts';
import type { RunConfig } from '../control.ts';
import { mappedReady } from '../heap/memory.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';
import type { Scavenger } from './scavenger.ts';
import type { Sweeper } from './sweeper.ts';

/** Share of the CPU that marking takes in the background. */
const BACKGROUND = 0.25;
/** The largest figure an event can hold: stands for "no goal". */
const LARGEST: number = Number.MAX_SAFE_INTEGER;

export class Pacing {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #sweeper: Sweeper;
  readonly #scavenger: Scavenger;
  readonly #config: RunConfig;
  readonly #pacer: Pacer;
  readonly #limiter: GCCPULimiter;
  /** heapScan as the pacer was last told. */
  #scanBasis = 0;

  constructor(journal: Journal, config: RunConfig, sweeper: Sweeper, scavenger: Scavenger) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#config = config;
    this.#sweeper = sweeper;
    this.#scavenger = scavenger;
    this.#pacer = new Pacer({
      gcPercent: config.gcPercent,
      memoryLimit: config.memoryLimit === 0 ? Infinity : config.memoryLimit,
    });
    this.#pacer.setRoots(config.stackBytes, config.globalsBytes);
    this.#limiter = new GCCPULimiter(0, config.procs);
  }

  /** heapLive at which a cycle starts, bytes. */
  get trigger(): number {
    return this.#pacer.trigger;
  }

  /** Goal in force, bytes. */
  get heapGoal(): number {
    return Math.min(this.#pacer.heapGoal, LARGEST);
  }

  get consMark(): number {
    return this.#pacer.consMark;
  }

  /** Scan work that the program owes for an allocated byte, and the inverse. */
  get assistWorkPerByte(): number {
    return this.#pacer.assistWorkPerByte;
  }

  get assistBytesPerWork(): number {
    return this.#pacer.assistBytesPerWork;
  }

  /** Whether the GC CPU limiter limits: then nobody assists. */
  get limiting(): boolean {
    return this.#limiter.limiting;
  }

  /** Tells the pacer how the heap has changed since it was last told. */
  sync(): void {
    const { scalars } = this.#world;
    const live = scalars[SCALAR.heapLive] - this.#pacer.heapLive;
    const scan = scalars[SCALAR.heapScan] - this.#scanBasis;
    this.#scanBasis = scalars[SCALAR.heapScan];
    this.#pacer.heapLiveAdd(live, scan);
    if (this.#world.control.pacer.memoryLimit > 0) this.#syncMemory();
  }

  /** Time has passed: the limiter is told, with the assists in it. */
  timePassed(assistNs: number): void {
    const { scalars } = this.#world;
    const spent = Math.floor(assistNs) + this.#scavenger.takeUnreportedNs();
    if (spent > 0) this.#limiter.addAssistTime(spent);
    if (this.#limiter.needUpdate(scalars[SCALAR.timeNs])) {
      this.#limiter.update(scalars[SCALAR.timeNs], scalars[SCALAR.numGC]);
      this.#noteLimiter();
    }
    this.#scavenger.assists = !this.#limiter.limiting;
  }

  setProcs(procs: number): void {
    const { scalars } = this.#world;
    this.#limiter.resetCapacity(scalars[SCALAR.timeNs], procs, scalars[SCALAR.numGC]);
    this.#noteLimiter();
  }

  /** Records that the limiter began to limit in this cycle. */
  #noteLimiter(): void {
    if (this.#limiter.lastEnabledCycle === this.#world.scalars[SCALAR.limiterCycle]) return;
    this.#journal.emit(EVENTS.LimiterEnabled.tag);
  }

  setGCPercent(percent: number): number {
    this.sync();
    this.#journal.emit(EVENTS.GCPercentSet.tag, Math.max(-1, percent));
    const old = this.#pacer.setGCPercent(percent, this.#sweepDone);
    this.#committed();
    return old;
  }

  /** `bytes` 0 is none. */
  setMemoryLimit(bytes: number): void {
    this.sync();
    this.#journal.emit(EVENTS.MemoryLimitSet.tag, bytes);
    this.#syncMemory();
    this.#pacer.setMemoryLimit(bytes === 0 ? Infinity : bytes, this.#sweepDone);
    this.#committed();
  }

  /** The process had collected before; its last cycle marked this much. */
  prime(heapMarked: number): void {
    this.#journal.emit(EVENTS.PacerPrimed.tag, heapMarked);
    this.#pacer.resetLive(heapMarked);
    this.commit();
  }

  /** Commits a goal from the figures as they are. */
  commit(): void {
    this.#syncMemory();
    this.#pacer.commit({ sweepDone: this.#sweepDone });
    this.#committed();
  }

  /** A cycle starts over stacks of that size: `announce` records it, its pause included. */
  startCycle(stackBytes: number, announce: () => void): void {
    const { globalsBytes } = this.#config;
    const { scalars } = this.#world;
    const heapLive = scalars[SCALAR.heapLive];
    this.#transition(true, announce);
    const procs = scalars[SCALAR.procs];
    const roots = { stackBytes, globalsBytes, scannableFraction: 0 };
    this.#pacer.startCycle({ ...roots, procs, heapLive });
    const { dedicated, fractionalGoal } = this.#pacer.workers;
    const ratio = this.#pacer.assistWorkPerByte;
    const scan = this.#pacer.heapScan;
    const goal = this.heapGoal;
    const tag = EVENTS.MarkPaced.tag;
    this.#journal.emit(tag, ratio, scan, heapLive, goal, dedicated, fractionalGoal);
  }

  /** Marking did this much scan work, bytes. */
  workDone(heapScanWork: number, stackScanWork: number, globalsScanWork: number): void {
    const work = { heapScanWork, stackScanWork, globalsScanWork };
    this.#pacer.revise({ heapLive: 0, heapScan: 0, ...work });
  }

  /** Marking has ended: measures the cycle; `announce` records its end, its pause included. */
  endCycle(elapsedNs: number, assistNs: number, idleNs: number, announce: () => void): void {
    const { scalars } = this.#world;
    this.#syncMemory();
    const bytesMarked = scalars[SCALAR.bytesMarked];
    const procs = scalars[SCALAR.procs];
    if (this.#pacer.heapLive > this.#pacer.triggered) {
      const share = elapsedNs > 0 ? assistNs / (elapsedNs * procs) : 0;
      const { expectedScan, consMark } = this.#pacer;
      this.#journal.emit(EVENTS.MarkMeasured.tag, BACKGROUND + share, expectedScan, consMark);
    }
    this.#pacer.endCycle({ bytesMarked, assistNs, elapsedNs, procs, idleNs });
    this.#limiter.addIdleTime(idleNs);
    this.#transition(false, announce);
    this.#scanBasis = scalars[SCALAR.heapScan];
    this.#committed();
  }

  #transition(on: boolean, announce: () => void): void {
    const { scalars } = this.#world;
    this.#limiter.startGCTransition(on, scalars[SCALAR.timeNs], scalars[SCALAR.numGC]);
    this.#noteLimiter();
    announce();
    this.#limiter.finishGCTransition(scalars[SCALAR.timeNs], scalars[SCALAR.numGC]);
    this.#noteLimiter();
  }

  get #sweepDone(): boolean {
    return this.#world.scalars[SCALAR.sweeping] === 0;
  }

  #syncMemory(): void {
    const { scalars } = this.#world;
    this.#pacer.setMemory(
      mappedReady(this.#world),
      scalars[SCALAR.heapFree],
      scalars[SCALAR.totalAlloc],
      scalars[SCALAR.totalFree],
    );
  }

  /** Records the goal in force and paces sweeper and scavenger by it. */
  #committed(): void {
    const trigger = Math.min(this.#pacer.trigger, LARGEST);
    const runway = Math.min(this.#pacer.runway, LARGEST);
    this.#journal.emit(EVENTS.PacerCommitted.tag, this.heapGoal, trigger, runway);
    this.#sweeper.pace(trigger);
    this.#scavenger.pace(this.heapGoal);
  }
}
