/**
 * The survey: one pass over a recording that the calibration and the death assumptions rest on.
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
import { FREED_BEFORE, KIND_TINY_PART, type Recording } from './recording.ts';

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
  const { allocs, sites, cycles } = recording;
  const counts = new Float64Array(cycles.length + 2);
  const begins = new Float64Array(cycles.length + 1);
  const ends = new Float64Array(cycles.length + 1);
  const beginOrdinal = new Float64Array(cycles.length + 1);
  let ordinal = 0;
  const unitSteps = new Float64Array(cycles.length + 2);
  let volume = 0;
  let startBytes = 0;
  let begun = 0;
  let ended = 0;
  for (let row = 0; row < allocs.count; row += 1) {
    while (begun < cycles.length && cycles[begun].beginRow <= row) {
      begins[++begun] = volume;
      beginOrdinal[begun] = ordinal;
    }
    while (ended < cycles.length && cycles[ended].endRow <= row) ends[++ended] = volume;
    if (row === recording.startCount) startBytes = volume;
    const site = allocs.site.get(row);
    if (sites.kind[site] === KIND_TINY_PART) continue;
    ordinal += 1;
    volume += sites.slotBytes[site];
    const cohort = cohortOf(allocs.freedBy.get(row), cycles.length);
    if (cohort > cycles.length) throw new AssertionError(`row ${row}: no cycle ${cohort}`);
    counts[cohort] += 1;
    const units = sites.scanBytes[site] + OBJECT_UNITS;
    const last = cohort === 0 ? cycles.length : cohort - 1;
    if (begun + 1 <= last) {
      unitSteps[begun + 1] += units;
      unitSteps[last + 1] -= units;
    }
  }
  while (begun < cycles.length) {
    begins[++begun] = volume;
    beginOrdinal[begun] = ordinal;
  }
  while (ended < cycles.length) ends[++ended] = volume;
  const units = new Float64Array(cycles.length + 1);
  for (let n = 1; n <= cycles.length; n += 1) units[n] = units[n - 1] + unitSteps[n];
  return {
    volume,
    beginVolume: begins,
    endVolume: ends,
    beginOrdinal,
    ...sortCohorts(recording, counts, begins),
    units,
    startBytes: recording.startCount === allocs.count ? volume : startBytes,
  };
}

function sortCohorts(
  recording: Recording,
  counts: Float64Array,
  begins: Float64Array,
): Pick<Survey, 'cohorts' | 'cohortStart' | 'lifetimes'> {
  const { allocs, sites, cycles } = recording;
  const cohortStart = new Float64Array(cycles.length + 2);
  for (let n = 0; n <= cycles.length; n += 1) cohortStart[n + 1] = cohortStart[n] + counts[n];
  const next = cohortStart.slice();
  const cohorts = new Uint32Array(cohortStart[cycles.length + 1]);
  const gatherer = new LifetimeGatherer();
  let ordinal = 0;
  let volume = 0;
  let seenBy = 1;
  for (let row = 0; row < allocs.count; row += 1) {
    while (seenBy <= cycles.length && cycles[seenBy - 1].beginRow <= row) seenBy += 1;
    const site = allocs.site.get(row);
    if (sites.kind[site] === KIND_TINY_PART) continue;
    ordinal += 1;
    const cohort = cohortOf(allocs.freedBy.get(row), cycles.length);
    cohorts[next[cohort]] = ordinal;
    next[cohort] += 1;
    const bytes = sites.slotBytes[site];
    if (row >= recording.startCount && seenBy <= cycles.length) {
      gatherer.see(begins[seenBy] - volume, bytes, cohort === seenBy);
    }
    volume += bytes;
  }
  return { cohorts, cohortStart, lifetimes: gatherer.lifetimes() };
}
