/**
 * The survey: two passes over a recording that the calibration and the death assumptions rest on. The
 * second one needs to know of every row how much was allocated when the next cycle began.
 *
 * 1. Allocation volume (slot bytes so far) is the time axis on which deaths are placed, because under
 *    other settings wall time changes and volume does not. Volumes at each cycle's begin and end come
 *    from here.
 * 2. Rows that one cycle's sweep freed form its cohort: ordinals in ascending order.
 * 3. Units of marking that each recorded cycle had to do: what was alive in it, priced as the
 *    simulator prices it. An object freed by cycle k was marked by the cycles before k.
 * 4. Lifetimes: see `lifetimes.ts`.
 */
import { AssertionError } from '@heaptape/schema';
import { LifetimeGatherer, type Lifetimes } from './lifetimes.ts';
import {
  BLOCK_ROWS,
  FREED_BEFORE,
  KIND_TINY_PART,
  type Recording,
  readBlock,
} from './recording.ts';

/** Units of marking an object beside its scannable bytes, as `core` counts them. */
const OBJECT_UNITS = 32;

export interface Survey {
  /** Slot bytes allocated in the whole recording. */
  readonly volume: number;
  /** Volume at the begin and end of cycle n, at index n; entry 0 is 0. */
  readonly beginVolume: Float64Array;
  readonly endVolume: Float64Array;
  /** Ordinals taken when cycle n began, at index n. */
  readonly beginOrdinal: Float64Array;
  /** Ordinals by cohort: cohort n is [cohortStart[n], cohortStart[n + 1]); 0 is never freed. */
  readonly cohorts: Uint32Array;
  readonly cohortStart: Float64Array;
  /** Units marked in cycle n, at index n. */
  readonly units: Float64Array;
  /** Slot bytes alive at the start. */
  readonly startBytes: number;
  /** How long what the recording saw being allocated lives. */
  readonly lifetimes: Lifetimes;
}

/** Cycle whose sweep freed a row, 0 for none; garbage from before counts with the first. */
export function cohortOf(freedBy: number, cycles: number): number {
  if (freedBy === FREED_BEFORE) return cycles > 0 ? 1 : 0;
  return freedBy;
}

export function survey(recording: Recording): Survey {
  const { allocs, startCount } = recording;
  const tally = new Tally(recording);
  const blocks = new Blocks(recording);
  for (let row = 0; row < allocs.count; ) {
    tally.reach(row);
    const count = blocks.read(
      row,
      Math.min(tally.nextRow, row < startCount ? startCount : Infinity),
    );
    tally.add(row, count, blocks);
    row += count;
  }
  tally.reach(Infinity);
  return {
    volume: tally.volume,
    beginVolume: tally.begins,
    endVolume: tally.ends,
    beginOrdinal: tally.beginOrdinal,
    ...sortCohorts(recording, tally.counts, tally.begins, blocks),
    units: tally.units(),
    startBytes: tally.startBytes,
  };
}

/** Rows of a recording, read a block at a time, and what is to be known of their sites. */
class Blocks {
  readonly site = new Uint32Array(BLOCK_ROWS);
  readonly freedBy = new Uint32Array(BLOCK_ROWS);
  readonly isPart: Uint8Array;
  readonly slotBytes: Float64Array;
  readonly units: Float64Array;
  readonly #allocs: Recording['allocs'];

  constructor({ allocs, sites }: Recording) {
    this.#allocs = allocs;
    this.isPart = Uint8Array.from({ length: sites.count }, (_, site) =>
      Number(sites.kind[site] === KIND_TINY_PART),
    );
    this.slotBytes = Float64Array.from({ length: sites.count }, (_, site) => sites.slotBytes[site]);
    this.units = Float64Array.from({ length: sites.count }, (_, site) => {
      return sites.scanBytes[site] + OBJECT_UNITS;
    });
  }

  /** Reads rows from `row` up to `end`, or as many as a block holds; returns how many. */
  read(row: number, end: number): number {
    const count = Math.min(end - row, this.#allocs.count - row, BLOCK_ROWS);
    readBlock(this.#allocs.site, row, count, this.site);
    readBlock(this.#allocs.freedBy, row, count, this.freedBy);
    return count;
  }
}

/** The first pass: volumes, sizes of cohorts, units. */
class Tally {
  readonly counts: Float64Array;
  readonly begins: Float64Array;
  readonly ends: Float64Array;
  readonly beginOrdinal: Float64Array;
  volume = 0;
  startBytes = 0;
  readonly #cycles: Recording['cycles'];
  readonly #startCount: number;
  readonly #unitSteps: Float64Array;
  #ordinal = 0;
  #begun = 0;
  #ended = 0;

  constructor({ cycles, startCount }: Recording) {
    this.#cycles = cycles;
    this.#startCount = startCount;
    this.counts = new Float64Array(cycles.length + 2);
    this.begins = new Float64Array(cycles.length + 1);
    this.ends = new Float64Array(cycles.length + 1);
    this.beginOrdinal = new Float64Array(cycles.length + 1);
    this.#unitSteps = new Float64Array(cycles.length + 2);
  }

  /** The rows before `row` have been added: notes the cycles that begin or end here. */
  reach(row: number): void {
    const cycles = this.#cycles;
    while (this.#begun < cycles.length && cycles[this.#begun].beginRow <= row) {
      this.begins[++this.#begun] = this.volume;
      this.beginOrdinal[this.#begun] = this.#ordinal;
    }
    while (this.#ended < cycles.length && cycles[this.#ended].endRow <= row) {
      this.ends[++this.#ended] = this.volume;
    }
  }

  /** The row before which `reach` must be called again. */
  get nextRow(): number {
    const cycles = this.#cycles;
    const begin = this.#begun < cycles.length ? cycles[this.#begun].beginRow : Infinity;
    const end = this.#ended < cycles.length ? cycles[this.#ended].endRow : Infinity;
    return Math.min(begin, end);
  }

  /** Adds a block of rows, none of them beyond `nextRow`. */
  add(row: number, count: number, { site, freedBy, isPart, slotBytes, units }: Blocks): void {
    const { counts } = this;
    const unitSteps = this.#unitSteps;
    const cycles = this.#cycles.length;
    const seenFirstBy = this.#begun + 1;
    let volume = this.volume;
    let ordinal = this.#ordinal;
    for (let i = 0; i < count; i += 1) {
      const at = site[i];
      if (isPart[at] !== 0) continue;
      ordinal += 1;
      volume += slotBytes[at];
      const cohort = cohortOf(freedBy[i], cycles);
      if (cohort > cycles) throw new AssertionError(`row ${row + i}: no cycle ${cohort}`);
      counts[cohort] += 1;
      const last = cohort === 0 ? cycles : cohort - 1;
      if (seenFirstBy > last) continue;
      unitSteps[seenFirstBy] += units[at];
      unitSteps[last + 1] -= units[at];
    }
    this.volume = volume;
    this.#ordinal = ordinal;
    if (row < this.#startCount) this.startBytes = volume;
  }

  units(): Float64Array {
    const units = new Float64Array(this.#cycles.length + 1);
    for (let n = 1; n < units.length; n += 1) units[n] = units[n - 1] + this.#unitSteps[n];
    return units;
  }
}

/** The second pass: ordinals by cohort, and lifetimes. */
function sortCohorts(
  recording: Recording,
  counts: Float64Array,
  begins: Float64Array,
  blocks: Blocks,
): Pick<Survey, 'cohorts' | 'cohortStart' | 'lifetimes'> {
  const { allocs, cycles, startCount } = recording;
  const { site, freedBy, isPart, slotBytes } = blocks;
  const cohortStart = new Float64Array(cycles.length + 2);
  for (let n = 0; n <= cycles.length; n += 1) cohortStart[n + 1] = cohortStart[n] + counts[n];
  const next = Uint32Array.from(cohortStart);
  const cohorts = new Uint32Array(cohortStart[cycles.length + 1]);
  const gatherer = new LifetimeGatherer();
  let ordinal = 0;
  let volume = 0;
  let seenBy = 1;
  for (let row = 0; row < allocs.count; ) {
    while (seenBy <= cycles.length && cycles[seenBy - 1].beginRow <= row) seenBy += 1;
    const nextBegin = seenBy <= cycles.length ? cycles[seenBy - 1].beginRow : Infinity;
    const count = blocks.read(row, Math.min(nextBegin, row < startCount ? startCount : Infinity));
    const aged = row >= startCount && seenBy <= cycles.length;
    const begin = aged ? begins[seenBy] : 0;
    for (let i = 0; i < count; i += 1) {
      const at = site[i];
      if (isPart[at] !== 0) continue;
      ordinal += 1;
      const cohort = cohortOf(freedBy[i], cycles.length);
      cohorts[next[cohort]++] = ordinal;
      if (aged) gatherer.see(begin - volume, slotBytes[at], cohort === seenBy);
      volume += slotBytes[at];
    }
    row += count;
  }
  return { cohorts, cohortStart, lifetimes: gatherer.lifetimes() };
}
