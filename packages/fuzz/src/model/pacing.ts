/**
 * The pacer's formulas, once more and plainly: from the figures that events state, in Go's order of
 * operations, so that the outcome is the same to the byte. Bytes and ns throughout.
 *
 * 1. Commit: GOGC's goal, from what was marked and what had to be scanned, never below the heap minimum;
 *    1 MiB for the sweeper unless it is done; the runway, three times cons/mark times the expected work.
 * 2. The goal is GOGC's or the limit's, whichever is lower; the trigger lies a runway before the goal,
 *    within 45/64 and 61/64 of the way.
 * 3. Cons/mark is the largest of the last five samples.
 *
 * Nothing here is shared with the collector's own pacer.
 */
const MIB = 1024 * 1024;
const HEAP_MINIMUM = 4 * MIB;
const NO_LIMIT = 2 ** 63;
const OFF = 2 ** 64;
const SAMPLES = 4;

/** Memory that the limit is about. */
export interface Memory {
  readonly mapped: number;
  readonly free: number;
  readonly objects: number;
}

export class PacingRule {
  gcPercent = 100;
  /** 0 is none. */
  limit = 0;
  heapMarked = 0;
  heapScan = 0;
  stackScan = 0;
  globals = 0;
  /** heapLive when the running cycle began; null between cycles. */
  triggered: number | null = null;
  consMark = 0;
  runway = 0;
  #samples: number[] = new Array<number>(SAMPLES).fill(0);
  #percentGoal = 0;
  #sweepRoom = 0;

  /** Scan work that the next cycle expects. */
  get expected(): number {
    return this.heapScan + this.stackScan + this.globals;
  }

  commit(heapLive: number, sweepDone: boolean): void {
    const roots = this.stackScan + this.globals;
    const grown = Math.floor(((this.heapMarked + roots) * this.gcPercent) / 100);
    const least = Math.floor((HEAP_MINIMUM * this.gcPercent) / 100);
    this.#percentGoal = this.gcPercent < 0 ? OFF : Math.max(this.heapMarked + grown, least);
    this.#sweepRoom = sweepDone ? 0 : heapLive + MIB;
    const runway = ((this.consMark * (1 - 0.25)) / 0.25) * (this.heapScan + roots);
    // Go makes a uint64 of it: below zero that wraps around, and is beyond any goal.
    const whole = Math.trunc(runway) + 0;
    const fits = runway > -NO_LIMIT && runway < OFF;
    this.runway = fits ? whole + (whole < 0 ? OFF : 0) : NO_LIMIT;
  }

  #limitGoal({ mapped, free, objects }: Memory): number {
    const limit = this.limit === 0 ? NO_LIMIT : this.limit;
    const taken = mapped - free - objects + Math.max(0, mapped - limit);
    if (taken >= limit) return this.heapMarked;
    const room = limit - taken;
    const headroom = Math.max(Math.floor(room / 100) * 3, MIB);
    return Math.max(this.heapMarked, room - headroom, headroom);
  }

  #limited(memory: Memory): boolean {
    return this.#limitGoal(memory) < this.#percentGoal;
  }

  goal(memory: Memory): number {
    if (this.#limited(memory)) return this.#limitGoal(memory);
    const running = this.triggered === null ? 0 : this.triggered + 64 * 1024;
    return Math.max(this.#percentGoal, this.#sweepRoom, running);
  }

  trigger(memory: Memory): number {
    const goal = this.goal(memory);
    const marked = this.heapMarked;
    if (marked >= goal) return goal;
    const part = Math.floor((goal - marked) / 64);
    const least = Math.max(this.#limited(memory) ? 0 : this.#sweepRoom, marked + part * 45);
    const most = Math.max(least, marked + part * 61, goal > HEAP_MINIMUM ? goal - HEAP_MINIMUM : 0);
    return Math.min(Math.max(this.runway > goal ? least : goal - this.runway, least), most);
  }

  /** Scan work owed for an allocated byte when a cycle begins, with so much to scan at worst. */
  firstAssistRatio(goal: number, worst: number): number {
    const live = this.triggered ?? 0;
    const beyond = live > goal;
    const aim = beyond ? Math.trunc(goal * 1.1) : goal;
    return Math.max(beyond ? worst : this.expected, 1000) / Math.max(aim - live, 1);
  }

  /** Takes a sample: shares of the CPU for marking that counts and for idle workers. */
  measure(allocated: number, scanned: number, share: number, idleShare: number): void {
    const sample = (allocated * (share + idleShare)) / (scanned * (1 - share));
    this.consMark = Math.max(sample, ...this.#samples);
    this.#samples = [...this.#samples.slice(1), sample];
  }
}
