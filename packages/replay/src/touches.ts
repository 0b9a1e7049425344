/**
 * What marking touched, cycle by cycle: the figures of the cache model, read from a tape.
 *
 * They are there for the cycles that began after `setCacheModel` (the `CacheModelSet` event).
 * Classic and Green Tea marking can be compared by running one workload under both collectors.
 */
import { EVENTS, type TapeReader } from '@heaptape/schema';
import { eachEvent } from './walk.ts';

/** One cycle. Lines are 64 bytes, pages 8 KiB; metadata of the collector counts too. */
export interface MarkTouches {
  readonly cycle: number;
  /** Bytes marked. */
  readonly marked: number;
  /** Lines touched, repeats included, and different ones. */
  readonly touches: number;
  readonly lines: number;
  readonly pages: number;
  readonly l1Misses: number;
  readonly l2Misses: number;
  readonly tlbMisses: number;
  /** Touches and different pages for each byte marked; 0 when none was. */
  readonly linesPerByte: number;
  readonly pagesPerByte: number;
}

/** The figures of every cycle that has some, in order. */
export function markTouches(reader: TapeReader): MarkTouches[] {
  const found: MarkTouches[] = [];
  let cycle = 0;
  eachEvent(reader, (kind, { args: a }, at) => {
    if (kind === EVENTS.GCStarted.tag) cycle = a[at];
    if (kind !== EVENTS.MarkTouched.tag) return;
    const marked = a[at];
    found.push({
      cycle,
      marked,
      touches: a[at + 1],
      lines: a[at + 2],
      pages: a[at + 3],
      l1Misses: a[at + 4],
      l2Misses: a[at + 5],
      tlbMisses: a[at + 6],
      linesPerByte: marked === 0 ? 0 : a[at + 1] / marked,
      pagesPerByte: marked === 0 ? 0 : a[at + 3] / marked,
    });
  });
  return found;
}

/** What marking touched in a whole run: sums of `MarkTouched` over its cycles. */
export interface TouchTotals {
  readonly cycles: number;
  readonly marked: number;
  readonly touches: number;
  readonly lines: number;
  readonly pages: number;
  readonly l1Misses: number;
  readonly l2Misses: number;
  readonly tlbMisses: number;
}

export class TouchGatherer {
  readonly #sums = new Float64Array(7);
  #cycles = 0;

  /** The arguments of `MarkTouched`. */
  take(args: Float64Array, at: number): void {
    this.#cycles += 1;
    for (let i = 0; i < this.#sums.length; i += 1) this.#sums[i] += args[at + i];
  }

  /** Null when nothing was counted. */
  totals(): TouchTotals | null {
    if (this.#cycles === 0) return null;
    const [marked, touches, lines, pages, l1Misses, l2Misses, tlbMisses] = this.#sums;
    const misses = { l1Misses, l2Misses, tlbMisses };
    return { cycles: this.#cycles, marked, touches, lines, pages, ...misses };
  }
}
