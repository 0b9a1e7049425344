/**
 * Background marking in time: work that was decided and takes until later, and the credit it earns.
 *
 * 1. A round of marking is decided at once, when it begins. It is in flight until the time has passed
 *    that the workers need for it.
 * 2. While it is in flight its scan work turns into credit, evenly, in lumps of 2000 bytes; what is
 *    left of a lump at the end comes too. Assists may spend the credit (Go's bgScanCredit).
 * 3. An assist may take part of the work in flight over. Then the round ends earlier, and that part
 *    earns no credit.
 *
 * Follows `runtime/mgcmark.go` gcDrain and gcFlushBgCredit, Go 1.26.
 */

/** Scan work after which a worker makes its credit known, bytes (gcCreditSlack). */
const CREDIT_SLACK = 2000;

/** Marking done: units, and scan work in bytes of the heap, of stacks, and of globals. */
export interface Work {
  readonly units: number;
  readonly heap: number;
  readonly stacks: number;
  readonly globals: number;
}

const NO_WORK: Work = { units: 0, heap: 0, stacks: 0, globals: 0 };

export class Background {
  /** Virtual time at which nothing is in flight any more, ns; may have a fraction. */
  untilNs = 0;
  /** Scan work that assists may spend, bytes. */
  credit = 0;
  #fromNs = 0;
  #units = 0;
  #scan = 0;
  #unflushed = 0;
  /** What is in flight, as it was when the round began, and its scan work. */
  #round: Work = NO_WORK;
  #roundScan = 0;
  #atOnce = false;
  /** Scan work of rounds that have ended, bytes. */
  #heap = 0;
  #stacks = 0;
  #globals = 0;

  /** A cycle begins. `atOnce`: work counts as done as soon as its round begins. */
  begin(nowNs: number, atOnce: boolean): void {
    this.#atOnce = atOnce;
    this.credit = 0;
    this.#round = NO_WORK;
    this.#roundScan = 0;
    this.#heap = 0;
    this.#stacks = 0;
    this.#globals = 0;
    this.#unflushed = 0;
    this.#units = 0;
    this.#scan = 0;
    this.#fromNs = nowNs;
    this.untilNs = nowNs;
  }

  /** A round begins when the one before has ended, with that work, taking `ns`. */
  add(work: Work, ns: number): void {
    this.settle(this.untilNs);
    this.#heap += this.#round.heap;
    this.#stacks += this.#round.stacks;
    this.#globals += this.#round.globals;
    this.#round = work;
    this.#roundScan = work.heap + work.stacks + work.globals;
    this.#fromNs = this.untilNs;
    this.untilNs += ns;
    this.#units = work.units;
    this.#scan = this.#roundScan;
  }

  /** Scan work of the rounds that is done by now, whoever did it, whole bytes. */
  get heapDone(): number {
    return this.#heap + this.#doneOf(this.#round.heap);
  }

  get stacksDone(): number {
    return this.#stacks + this.#doneOf(this.#round.stacks);
  }

  get globalsDone(): number {
    return this.#globals + this.#doneOf(this.#round.globals);
  }

  #doneOf(bytes: number): number {
    if (this.#atOnce || !(this.#scan > 0)) return bytes;
    return Math.floor(bytes * (1 - this.#scan / this.#roundScan));
  }

  /** Nothing is done for a while. */
  pause(ns: number): void {
    this.add(NO_WORK, ns);
  }

  /** Whatever was in flight is done at `nowNs`. */
  cut(nowNs: number): void {
    this.settle(this.untilNs);
    this.#fromNs = nowNs;
    this.untilNs = nowNs;
  }

  /** Time is `nowNs`: what was done until then earns its credit. */
  settle(nowNs: number): void {
    if (nowNs >= this.untilNs) {
      this.credit += this.#unflushed + this.#scan;
      this.#unflushed = 0;
      this.#scan = 0;
      this.#units = 0;
      this.#fromNs = this.untilNs;
      return;
    }
    const part = (nowNs - this.#fromNs) / (this.untilNs - this.#fromNs);
    if (!(part > 0)) return;
    this.#unflushed += this.#scan * part;
    this.#scan -= this.#scan * part;
    this.#units -= this.#units * part;
    this.#fromNs = nowNs;
    const lumps = Math.floor(this.#unflushed / CREDIT_SLACK) * CREDIT_SLACK;
    this.#unflushed -= lumps;
    this.credit += lumps;
  }

  /** An assist takes up to `scan` of the work in flight over; returns the scan work and the units. */
  takeOver(scan: number): { scan: number; units: number } {
    if (!(this.#scan > 0)) return { scan: 0, units: 0 };
    const part = Math.min(1, scan / this.#scan);
    const taken = { scan: this.#scan * part, units: this.#units * part };
    this.untilNs = this.#fromNs + (this.untilNs - this.#fromNs) * (1 - part);
    this.#scan -= taken.scan;
    this.#units -= taken.units;
    return taken;
  }

  /** Time until so much credit will have come, whole ns; not beyond the end of the round. */
  nsUntilCredit(scan: number): number {
    const left = Math.ceil(this.untilNs - this.#fromNs);
    if (!(this.#scan > 0)) return Math.max(0, left);
    const lumps = Math.ceil(Math.max(1, scan) / CREDIT_SLACK) * CREDIT_SLACK - this.#unflushed;
    const ns = (lumps * (this.untilNs - this.#fromNs)) / this.#scan;
    return Math.max(0, Math.min(left, Math.ceil(ns)));
  }
}
