/**
 * The scavenger: free pages go back to the system.
 *
 * Two goals bound the memory that is retained (in use or free and backed): 10 % over what the last
 * goal would need, and 95 % of the memory limit. When marking ends, pages over either goal are
 * returned from the highest address downward; when a span is about to take the process past the
 * memory limit, or the heap has just grown past the first goal, the excess is returned first.
 *
 * Follows `runtime/mgcscavenge.go` gcPaceScavenger and `mheap.go` allocSpan, Go 1.26. Deviation: the
 * background scavenger does its work at once where Go's spreads it over time at 1 % of the CPU.
 */
import { EVENTS } from '@heaptape/schema';
import { SCALAR } from '../heap/scalars.ts';
import { PAGE_SIZE } from '../heap/sizeclasses.ts';
import type { World } from '../heap/world.ts';
import type { Journal } from './journal.ts';

const RETAIN_EXTRA = 0.1;
const LIMIT_SHARE = 0.95;

export class Scavenger {
  readonly #world: World;
  readonly #journal: Journal;
  #gcPercentGoal = Infinity;
  /** Whether an allocation may be made to scavenge for the memory limit; the CPU limiter decides. */
  assists = true;

  constructor(journal: Journal) {
    this.#world = journal.world;
    this.#journal = journal;
  }

  /** Memory that counts against the limit: all that is mapped and not returned, bytes. */
  mappedReady(): number {
    const { scalars, control } = this.#world;
    const nonHeap = control.config?.nonHeapBytes ?? 0;
    return scalars[SCALAR.heapInUse] + scalars[SCALAR.heapFree] + nonHeap;
  }

  #retained(): number {
    const { scalars } = this.#world;
    return scalars[SCALAR.heapInUse] + scalars[SCALAR.heapFree];
  }

  /** Sets the goals for a newly committed heap goal, and works towards them. */
  pace(heapGoal: number): void {
    const { scalars, control } = this.#world;
    this.#gcPercentGoal = Infinity;
    if (control.lastHeapGoal > 0 && control.pacer.gcPercent >= 0) {
      const ratio = heapGoal / control.lastHeapGoal;
      const goal = Math.floor(scalars[SCALAR.lastHeapInUse] * ratio * (1 + RETAIN_EXTRA));
      this.#gcPercentGoal = Math.ceil(goal / PAGE_SIZE) * PAGE_SIZE;
    }
    const limit = control.pacer.memoryLimit;
    let excess = this.#retained() - this.#gcPercentGoal;
    if (limit > 0) excess = Math.max(excess, this.mappedReady() - LIMIT_SHARE * limit);
    if (excess >= PAGE_SIZE) this.#scavenge(Math.ceil(excess / PAGE_SIZE), -1, -1);
  }

  /** Makes room before a span is made at `page`, whose own pages are left alone. */
  beforeSpan(page: number, npages: number, scavenged: number, grown: number): void {
    const limit = this.#world.control.pacer.memoryLimit;
    const coming = scavenged * PAGE_SIZE;
    let excess = 0;
    if (limit > 0 && this.assists) excess = Math.max(0, this.mappedReady() + coming - limit);
    if (grown > 0) {
      const over = this.#retained() + coming - this.#gcPercentGoal;
      excess = Math.max(excess, Math.min(grown * PAGE_SIZE, over));
    }
    if (excess > 0 && excess < Infinity) {
      this.#scavenge(Math.ceil(excess / PAGE_SIZE), page, page + npages);
    }
  }

  /** Returns every free page (debug.FreeOSMemory). */
  everything(): void {
    this.#scavenge(Infinity, -1, -1);
  }

  /** Returns up to `want` pages, highest first, but none in [from, to). */
  #scavenge(want: number, from: number, to: number): void {
    const w = this.#world;
    let left = Math.min(want, w.scalars[SCALAR.heapFree] / PAGE_SIZE);
    for (let page = w.pages - 1; page >= 0 && left > 0; page -= 1) {
      let run = 0;
      while (page - run >= 0 && run < left && this.#backed(page - run, from, to)) run += 1;
      if (run === 0) continue;
      page -= run - 1;
      left -= run;
      this.#journal.emit(EVENTS.Scavenged.tag, page, run);
    }
  }

  #backed(page: number, from: number, to: number): boolean {
    const w = this.#world;
    if (page >= from && page < to) return false;
    return w.pageFree[page] === 1 && w.pageScavenged[page] === 0;
  }
}
