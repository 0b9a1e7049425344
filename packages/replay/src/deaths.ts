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
 * - `middle`: deaths spread over the interval up to where cycle k began marking, because what is
 *   reachable then mostly survives the cycle. Objects already there when the interval begins go at an
 *   even rate. Those allocated in it live as long as the recording's own lifetimes say of objects that
 *   are dead at that age. Of those that no cycle has looked at, because they were allocated after the
 *   last one began, as many die as of others of their age. All others never found dead do not die.
 *
 * Lifetimes are a distribution, so the young are dealt out to `RANKS` streams: the objects of one
 * stream take one rank in it. Positions are allocation volumes, in bytes. Within a stream deaths follow
 * allocation order, so that a tape codes them as small differences. Releases happen in batches, when
 * `advance` is called.
 */
import { ageAtRank, ageAtShare, shareAt } from './lifetimes.ts';
import type { Survey } from './survey.ts';

export type Assumption = 'earliest' | 'middle' | 'latest';
export const ASSUMPTIONS: readonly Assumption[] = ['earliest', 'middle', 'latest'];

/** Streams of young objects of a cohort. */
const RANKS = 16;

/**
 * Young objects of a cohort by rank: stream `i` has every `RANKS`th of them, from the `i`th on. All born in
 * one batch share a note, and those of one stream then die together.
 */
class Streams {
  /** Next member of each stream. */
  readonly next: Uint32Array = new Uint32Array(RANKS);
  /** The note of the next member's birth, or one before it, and the volume at which its objects die. */
  readonly note: Uint32Array = new Uint32Array(RANKS);
  readonly due: Float64Array = new Float64Array(RANKS).fill(Number.NaN);
  /** Share of objects dead by the age that those of a note have at the end, by note from `firstNote` on. */
  readonly shares: number[] = [];
  firstNote = -1;
  /** Nothing is to be released before this volume unless this ordinal is reached, nor after it. */
  sleepVolume = 0;
  sleepOrdinal = 0;

  constructor(low: number) {
    for (let i = 0; i < RANKS; i += 1) this.next[i] = low + i;
  }
}

/** One cohort being released. */
interface Cohort {
  /** Interval of death, bytes of volume. */
  readonly from: number;
  readonly to: number;
  /** Where the middle assumption lets it end; infinite for objects that no cycle has looked at. */
  readonly middle: number;
  /** Next of the old members and the end of them; then the same of the young. */
  old: number;
  readonly oldStart: number;
  readonly oldEnd: number;
  young: number;
  readonly youngEnd: number;
  /** How the middle assumption goes through the young. */
  readonly streams: Streams;
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
    if (assumption !== 'latest') this.#add(0, beginOrdinal[cycles], cycles);
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
    // Objects that the last cycle saw alive have no known end but the earliest.
    const spared = cohort === 0 && this.#assumption === 'middle' ? low : start;
    this.#cohorts.push({
      from: beginVolume[before],
      to: cohort === 0 ? volume : endVolume[cohort],
      middle: cohort === 0 ? Number.POSITIVE_INFINITY : beginVolume[cohort],
      old: spared,
      oldStart: spared,
      oldEnd: low,
      young: low,
      youngEnd: end,
      streams: new Streams(low),
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
      else if (this.#assumption === 'middle') this.#releaseMiddle(cohort, ordinal, volume);
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

  #releaseMiddle(cohort: Cohort, ordinal: number, volume: number): void {
    const { cohorts } = this.#survey;
    const ended = volume >= cohort.middle;
    const share = ended ? 1 : (volume - cohort.from) / (cohort.middle - cohort.from);
    const due = cohort.oldStart + Math.floor((cohort.oldEnd - cohort.oldStart) * share);
    while (cohort.old < due) this.#release(cohorts[cohort.old++]);
    const { streams } = cohort;
    if (!ended && volume < streams.sleepVolume && ordinal < streams.sleepOrdinal) return;
    streams.sleepVolume = Number.POSITIVE_INFINITY;
    streams.sleepOrdinal = Number.POSITIVE_INFINITY;
    for (let i = 0; i < RANKS; i += 1)
      this.#releaseRank(cohort, i, ordinal, ended ? Infinity : volume);
  }

  /** Releases what is due of one stream. An infinite `volume` releases all that has been allocated. */
  #releaseRank(cohort: Cohort, rank: number, ordinal: number, volume: number): void {
    const { cohorts } = this.#survey;
    const { streams, youngEnd } = cohort;
    let next = streams.next[rank];
    let released = 0;
    for (; next < youngEnd; next += RANKS) {
      const member = cohorts[next];
      if (member > ordinal) {
        if (member < streams.sleepOrdinal) streams.sleepOrdinal = member;
        break;
      }
      if (volume !== Infinity) {
        const due = this.#dueOf(cohort, rank, member);
        if (due > volume) {
          if (due < streams.sleepVolume) streams.sleepVolume = due;
          break;
        }
      }
      this.#release(member);
      released += 1;
    }
    streams.next[rank] = next;
    cohort.young += released;
  }

  /** Volume at which an object of a stream dies that has been allocated. */
  #dueOf(cohort: Cohort, rank: number, ordinal: number): number {
    const { note, due } = cohort.streams;
    let born = note[rank];
    if (this.#noteOrdinal[born + 1] >= ordinal && !Number.isNaN(due[rank])) return due[rank];
    while (this.#noteOrdinal[born + 1] < ordinal) born += 1;
    note[rank] = born;
    const { lifetimes } = this.#survey;
    const volume = this.#noteVolume[born];
    const share = (rank + 0.5) / RANKS;
    const lived =
      cohort.middle === Number.POSITIVE_INFINITY
        ? ageAtShare(lifetimes, share)
        : ageAtRank(lifetimes, cohort.middle - volume, this.#shareOf(cohort, born), share);
    due[rank] = volume + lived;
    return due[rank];
  }

  /** Share of the objects of a note that are dead when the cohort ends: the same for all its streams. */
  #shareOf({ streams, middle }: Cohort, note: number): number {
    if (streams.firstNote < 0) streams.firstNote = note;
    const { shares } = streams;
    while (shares.length <= note - streams.firstNote) {
      const age = middle - this.#noteVolume[streams.firstNote + shares.length];
      shares.push(shareAt(this.#survey.lifetimes, age));
    }
    return shares[note - streams.firstNote];
  }
}
