/**
 * The scavenger: free pages go back to the system.
 *
 * 1. Two goals bound the memory that is retained (in use or free and backed): 10 % over what the last
 *    goal would need, and 95 % of the memory limit. They are set when a heap goal is committed.
 * 2. The background scavenger works while either goal is passed, 64 KiB at a time for a millisecond,
 *    then sleeps so that it takes 1 % of the CPU. It stops when the goals are met or a walk over the
 *    heap has found nothing; the end of a sweep and the start of a cycle wake it.
 * 3. When a span is about to take the process past the memory limit, or the heap has just grown past
 *    the first goal, the excess is returned first, and the program takes that long.
 * 4. debug.FreeOSMemory returns every free page at once.
 *
 * Follows `runtime/mgcscavenge.go` and `mheap.go` allocSpan and scavengeAll, Go 1.26. Deviations:
 * returning a page takes what the cost model says; background work takes no time from the program.
 */
import { EVENTS } from '@heaptape/schema';
import { ScavengePace } from '../collector/scavenge_pace.ts';
import { mappedReady } from '../heap/memory.ts';
import { SCALAR } from '../heap/scalars.ts';
import { PAGE_SIZE } from '../heap/sizeclasses.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';
import type { ScavengeIndex } from './scavenge_index.ts';

const LIMIT_SHARE = 0.95;
/** The first goal leaves one tenth; goals are whole pages of the processor. */
const RETAIN_EXTRA_PART = 10;
const PHYSICAL_PAGE = 4096;
/** Pages of one step of background work, and the time that a stretch of it lasts at least, ns. */
const QUANTUM_PAGES = 8;
const STRETCH_NS = 1e6;
/** `ScavengeMeasured.why`. */
const WHY = { swept: 0, forced: 1, reset: 2 } as const;

export class Scavenger {
  readonly #world: World;
  readonly #journal: Journal;
  readonly #index: ScavengeIndex;
  readonly #pace = new ScavengePace();
  #gcPercentGoal = Infinity;
  #memoryLimitGoal = Infinity;
  /** When the background scavenger goes on; infinite while it waits to be woken. */
  #wakeNs = Infinity;
  /** Its last stretch of work and when it fell asleep after it; 0 and 0 when it did not sleep. */
  #workedNs = 0;
  #asleepNs = 0;
  /** Bytes returned since the last line, in the background and by allocations. */
  #background = 0;
  #eager = 0;
  #owedNs = 0;
  #unreportedNs = 0;
  /** Whether an allocation may be made to scavenge for the memory limit; the CPU limiter decides. */
  assists = true;

  constructor(journal: Journal, index: ScavengeIndex) {
    this.#world = journal.world;
    this.#journal = journal;
    this.#index = index;
  }

  /** Time until the background scavenger goes on, ns; infinite when nothing wakes it. */
  get waitNs(): number {
    return Math.max(0, this.#wakeNs - this.#world.scalars[SCALAR.timeNs]);
  }

  get #retained(): number {
    const { scalars } = this.#world;
    return scalars[SCALAR.heapInUse] + scalars[SCALAR.heapFree];
  }

  get #nsPerPage(): number {
    return this.#world.control.config?.costs.scavengeNsPerPage ?? 0;
  }

  /** Sets the goals for a newly committed heap goal. */
  pace(heapGoal: number): void {
    const { scalars, control } = this.#world;
    const limit = control.pacer.memoryLimit;
    const share = Math.trunc(limit * LIMIT_SHARE);
    this.#memoryLimitGoal = limit > 0 && mappedReady(this.#world) > share ? share : Infinity;
    this.#gcPercentGoal = Infinity;
    if (control.lastHeapGoal === 0) return;
    const ratio = heapGoal / control.lastHeapGoal;
    let goal = Math.trunc(scalars[SCALAR.lastHeapInUse] * ratio);
    goal += Math.floor(goal / RETAIN_EXTRA_PART);
    goal = Math.ceil(goal / PHYSICAL_PAGE) * PHYSICAL_PAGE;
    if (this.#retained >= goal + PHYSICAL_PAGE) this.#gcPercentGoal = goal;
  }

  /** Marking has ended: what was freed until now is worth a walk. */
  nextGeneration(): void {
    this.#index.nextGeneration();
  }

  /** There may be work: the background scavenger goes on now. */
  wake(): void {
    this.#wakeNs = Math.min(this.#wakeNs, this.#world.scalars[SCALAR.timeNs]);
  }

  /** The background scavenger's time has come. */
  run(): void {
    const { scalars } = this.#world;
    const now = scalars[SCALAR.timeNs];
    if (this.#workedNs > 0) {
      this.#pace.slept(this.#workedNs, Math.max(0, now - this.#asleepNs), scalars[SCALAR.procs]);
    }
    let worked = 0;
    let released = 0;
    while (worked < STRETCH_NS && this.#wanted) {
      const pages = this.#scavenge(QUANTUM_PAGES, false);
      released += pages;
      worked += pages * this.#nsPerPage;
      if (pages < QUANTUM_PAGES) break;
    }
    this.#workedNs = released > 0 ? Math.max(1, Math.floor(worked)) : 0;
    this.#wakeNs = Infinity;
    if (released === 0) return;
    this.#background += released * PAGE_SIZE;
    this.#asleepNs = now + this.#workedNs;
    this.#wakeNs = this.#asleepNs + this.#pace.sleepNs(this.#workedNs);
    this.#journal.emit(EVENTS.ScavengeWorked.tag, this.#workedNs, 0);
  }

  get #wanted(): boolean {
    if (this.#retained > this.#gcPercentGoal) return true;
    return mappedReady(this.#world) > this.#memoryLimitGoal;
  }

  /** Makes room before a span is made, whose pages the index has been told of. */
  beforeSpan(scavenged: number, grown: number): void {
    const limit = this.#world.control.pacer.memoryLimit;
    let excess = 0;
    if (limit > 0 && this.assists) {
      excess = Math.max(0, mappedReady(this.#world) + scavenged * PAGE_SIZE - limit);
    }
    const force = excess > 0;
    if (grown > 0 && this.#gcPercentGoal < Infinity) {
      const over = this.#retained + grown * PAGE_SIZE - this.#gcPercentGoal;
      excess = Math.max(excess, Math.min(grown * PAGE_SIZE, over));
    }
    if (excess <= 0) return;
    const pages = this.#scavenge(Math.ceil(excess / PAGE_SIZE), force);
    if (pages === 0) return;
    this.#eager += pages * PAGE_SIZE;
    const ns = Math.floor(pages * this.#nsPerPage);
    this.#owedNs += ns;
    this.#unreportedNs += ns;
    this.#journal.emit(EVENTS.ScavengeWorked.tag, 0, ns);
  }

  /** Program time that allocations spent here since this was last asked, ns. */
  takeOwedNs(): number {
    const ns = this.#owedNs;
    this.#owedNs = 0;
    return ns;
  }

  /** The same, for the CPU limiter. */
  takeUnreportedNs(): number {
    const ns = this.#unreportedNs;
    this.#unreportedNs = 0;
    return ns;
  }

  /** Returns every free page (debug.FreeOSMemory), and the time that takes the caller, whole ns. */
  everything(): number {
    const pages = this.#scavenge(Infinity, true);
    this.#measure(0, pages * PAGE_SIZE, WHY.forced);
    return Math.floor(pages * this.#nsPerPage);
  }

  /** A sweep has ended: what was returned since the last one is noted, and there may be work. */
  sweepDone(): void {
    const why = this.#pace.takeFailure() ? WHY.reset : WHY.swept;
    this.#measure(this.#background, this.#eager, why);
    this.#background = 0;
    this.#eager = 0;
    this.wake();
  }

  #measure(background: number, eager: number, why: number): void {
    const { scalars } = this.#world;
    const inUse = scalars[SCALAR.heapInUse];
    const percent = this.#retained === 0 ? 0 : Math.floor((inUse * 100) / this.#retained);
    const released = scalars[SCALAR.heapReleased];
    this.#journal.emit(EVENTS.ScavengeMeasured.tag, background, eager, released, percent, why);
  }

  /** Returns about `want` pages, from the highest address down; says how many. */
  #scavenge(want: number, force: boolean): number {
    let done = 0;
    while (done < want && this.#index.next(want - done, force)) {
      const { page, npages } = this.#index;
      this.#journal.emit(EVENTS.Scavenged.tag, page, npages);
      done += npages;
    }
    return done;
  }
}
