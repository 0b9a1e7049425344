/**
 * When objects of a recording die, under an assumption.
 *
 * A recording tells a death only as an interval: an object freed by the sweep of cycle k became
 * unreachable after its allocation and after cycle k-1 began marking, and before cycle k ended marking.
 * Three assumptions bound the truth from both sides and guess at it:
 *
 * - `earliest`: at the interval's start. An object never found dead dies when the last cycle that
 *   can have seen it begins, or at its allocation.
 * - `latest`: at its end. An object never found dead does not die.
 * - `middle`: deaths spread in allocation order over the interval up to where cycle k began marking,
 *   because what is reachable then mostly survives the cycle. Objects already there when the interval
 *   begins go at an even rate; those allocated in it go halfway from their allocation to its end. An
 *   object never found dead does not die.
 *
 * Positions are allocation volumes, in bytes. Within a cohort deaths follow allocation order, so that
 * a tape codes them as small differences. Releases happen in batches, when `advance` is called.
 */
import type { Survey } from './survey.ts';

export type Assumption = 'earliest' | 'middle' | 'latest';
export const ASSUMPTIONS: readonly Assumption[] = ['earliest', 'middle', 'latest'];

/** Where in the rest of its interval an object dies that was allocated in it, in the middle. */
const YOUNG_SHARE = 0.5;

/** One cohort being released. */
interface Cohort {
  /** Interval of death, bytes of volume. */
  readonly from: number;
  readonly to: number;
  /** Where the middle assumption lets it end. */
  readonly middle: number;
  /** Next of the old members and the end of them; then the same of the young. */
  old: number;
  readonly oldStart: number;
  readonly oldEnd: number;
  young: number;
  readonly youngEnd: number;
}

export class ReleasePlan {
  readonly #survey: Survey;
  readonly #assumption: Assumption;
  readonly #release: (ordinal: number) => void;
  readonly #cohorts: Cohort[] = [];
  #firstActive = 0;
  /** Volume at which ordinals were reached, sparse: pairs noted at each `advance`. */
  readonly #noteOrdinal: number[] = [0];
  readonly #noteVolume: number[] = [0];
  #noteCursor: number[] = [];

  /** `beginOrdinal[n]` is the number of ordinals taken when cycle n began. */
  constructor(
    survey: Survey,
    beginOrdinal: Float64Array,
    assumption: Assumption,
    release: (ordinal: number) => void,
  ) {
    this.#survey = survey;
    this.#assumption = assumption;
    this.#release = release;
    const cycles = survey.beginVolume.length - 1;
    for (let n = 1; n <= cycles; n += 1) this.#add(n, beginOrdinal[n - 1], n - 1);
    if (assumption === 'earliest') this.#add(0, beginOrdinal[cycles], cycles);
    this.#noteCursor = this.#cohorts.map(() => 0);
  }

  #add(cohort: number, oldOrdinals: number, before: number): void {
    const { cohortStart, cohorts, beginVolume, endVolume, volume } = this.#survey;
    const start = cohortStart[cohort];
    const end = cohortStart[cohort + 1];
    let low = start;
    let high = end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (cohorts[middle] <= oldOrdinals) low = middle + 1;
      else high = middle;
    }
    this.#cohorts.push({
      from: beginVolume[before],
      to: cohort === 0 ? volume : endVolume[cohort],
      middle: cohort === 0 ? volume : beginVolume[cohort],
      old: start,
      oldStart: start,
      oldEnd: low,
      young: low,
      youngEnd: end,
    });
  }

  /** Releases everything that is dead once `ordinal` objects and `volume` bytes are allocated. */
  advance(ordinal: number, volume: number): void {
    if (this.#assumption === 'middle') {
      this.#noteOrdinal.push(ordinal);
      this.#noteVolume.push(volume);
    }
    for (let i = this.#firstActive; i < this.#cohorts.length; i += 1) {
      const cohort = this.#cohorts[i];
      if (cohort.from > volume) break;
      if (this.#assumption === 'earliest') this.#releaseAll(cohort, ordinal);
      else if (this.#assumption === 'middle') this.#releaseMiddle(i, ordinal, volume);
      else if (volume >= cohort.to) this.#releaseAll(cohort, ordinal);
      const done = cohort.old === cohort.oldEnd && cohort.young === cohort.youngEnd;
      if (done && i === this.#firstActive) this.#firstActive += 1;
    }
  }

  /** Releases every member that has been allocated. */
  #releaseAll(cohort: Cohort, ordinal: number): void {
    const { cohorts } = this.#survey;
    while (cohort.old < cohort.oldEnd) this.#release(cohorts[cohort.old++]);
    while (cohort.young < cohort.youngEnd && cohorts[cohort.young] <= ordinal) {
      this.#release(cohorts[cohort.young++]);
    }
  }

  #releaseMiddle(index: number, ordinal: number, volume: number): void {
    const { cohorts } = this.#survey;
    const cohort = this.#cohorts[index];
    if (volume >= cohort.middle) {
      this.#releaseAll(cohort, ordinal);
      return;
    }
    const share = (volume - cohort.from) / (cohort.middle - cohort.from);
    const due = cohort.oldStart + Math.floor((cohort.oldEnd - cohort.oldStart) * share);
    while (cohort.old < due) this.#release(cohorts[cohort.old++]);
    // Born at volume b, dead at b + YOUNG_SHARE * (end - b): so born at or before this volume.
    const born = (volume - YOUNG_SHARE * cohort.middle) / (1 - YOUNG_SHARE);
    let cursor = this.#noteCursor[index];
    while (cursor + 1 < this.#noteVolume.length && this.#noteVolume[cursor + 1] <= born) cursor += 1;
    this.#noteCursor[index] = cursor;
    const until = Math.min(this.#noteOrdinal[cursor], ordinal);
    while (cohort.young < cohort.youngEnd && cohorts[cohort.young] <= until) {
      this.#release(cohorts[cohort.young++]);
    }
  }
}
