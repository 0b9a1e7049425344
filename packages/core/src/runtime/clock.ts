/**
 * Virtual time as the scheduler uses it.
 *
 * What scheduling costs is owed for a while, so that the tape has one event of passing time for many
 * small operations. While nobody runs time jumps ahead, in small steps while the collector works, so
 * that what a sweep finds is acted upon when it is found.
 */
import { SCALAR } from '../heap/scalars.ts';
import type { Heap } from './heap.ts';

/** The program's time is brought up to date after so much, ns. */
const OWED_NS = 1000;
/** While nobody runs: step of time while the collector works, and otherwise, ns. */
const BUSY_STEP_NS = 50_000;
const IDLE_STEP_NS = 1_000_000_000;

export class Clock {
  readonly #heap: Heap;
  #owedNs = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** Virtual time, ns. */
  get now(): number {
    return this.#heap.decider.world.scalars[SCALAR.timeNs] + this.#owedNs;
  }

  /** The program has spent `ns` on scheduling. */
  owe(ns: number): void {
    this.#owedNs += ns;
    if (this.#owedNs >= OWED_NS) this.settle();
  }

  /** Passes the time that is owed. */
  settle(): void {
    const ns = this.#owedNs;
    if (ns === 0) return;
    this.#owedNs = 0;
    this.#heap.command((decider) => decider.run(ns));
  }

  /** Lets time pass, up to `until`, ns. Returns false when nothing would ever happen. */
  sleep(until: number): boolean {
    const { scalars } = this.#heap.decider.world;
    this.settle();
    const collecting = scalars[SCALAR.gcphase] !== 0 || scalars[SCALAR.sweeping] !== 0;
    if (until === Infinity && !collecting) return false;
    const step = Math.min(until - this.now, collecting ? BUSY_STEP_NS : IDLE_STEP_NS);
    this.#heap.command((decider) => decider.run(Math.max(1, Math.ceil(step))));
    return true;
  }
}
