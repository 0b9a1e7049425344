/**
 * Synthetic recordings for tests, with the truth that a real one hides: when each object died.
 *
 * A workload is a list of rows, each with its site and how many rows it lives. Cycles are laid over it
 * and `freedBy` follows as Go decides it: the first cycle that begins marking after an object's death
 * frees it; an object allocated while a cycle marks is black and survives it; one that dies while a cycle
 * marks is caught by it or not, as the draw says. What the cycles report (heapMarked, goals) is computed
 * naively from that, with Go's own goal formula.
 */
import { type RunConfig, roundUpSize } from '@heaptape/core';
// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import fc from 'fast-check';
import type { Column, RecordedCycle, Recording } from './recording.ts';

const NEVER = Number.POSITIVE_INFINITY;
const MIB = 1024 * 1024;

export interface RowSpec {
  /** Index into `SITES`. */
  readonly site: number;
  /** Rows it lives after its own; NEVER for ever. */
  readonly life: number;
  /** Whether a cycle in whose mark phase it dies frees it. */
  readonly caught: boolean;
  readonly proc: number;
  readonly goroutine: number;
  /** Time since the row before, ns. */
  readonly gapNs: number;
}

/** Rows until a cycle begins, and rows while it marks. */
export interface CycleSpec {
  readonly gap: number;
  readonly length: number;
  readonly forced: boolean;
}

export interface Spec {
  readonly layout: 'go1.22' | 'go1.26';
  readonly procs: number;
  readonly gcPercent: number;
  readonly rootBytes: number;
  readonly start: number;
  readonly rows: readonly RowSpec[];
  readonly cycles: readonly CycleSpec[];
}

export interface Made {
  readonly recording: Recording;
  /** By row: rows allocated when it became unreachable; NEVER for ever. */
  readonly deaths: readonly number[];
}

/** Sites: slot bytes, pointer-free or not; 0 bytes is a part of a tiny block. */
const SITES: readonly { readonly bytes: number; readonly noscan: boolean }[] = [
  { bytes: 16, noscan: true },
  { bytes: 0, noscan: true },
  { bytes: 8, noscan: false },
  { bytes: 48, noscan: false },
  { bytes: 512, noscan: false },
  { bytes: 1016, noscan: false },
  { bytes: 8192, noscan: true },
  { bytes: 20472, noscan: false },
  { bytes: 40960, noscan: true },
  { bytes: 122880, noscan: false },
];

export const columnOf = (values: readonly number[]): Column => ({
  length: values.length,
  get: (index) => values[index],
});

/** Slot bytes of a site; 0 for a tiny part. */
export const slotBytesOfSite = (site: number): number => {
  const { bytes, noscan } = SITES[site];
  if (bytes === 0) return 0;
  return roundUpSize(bytes, noscan) + (!noscan && bytes > 512 && bytes <= 32760 ? 8 : 0);
};

function spanClassOfSite(site: number): number {
  const { bytes, noscan } = SITES[site];
  const classes: Readonly<Record<number, number>> = {
    0: 2,
    8: 1,
    16: 2,
    48: 5,
    512: 26,
    1016: 32,
    8192: 51,
    20472: 62,
  };
  return (classes[bytes] ?? 0) * 2 + (noscan ? 1 : 0);
}

const sitesOf = (): Recording['sites'] => ({
  count: SITES.length,
  kind: SITES.map(({ bytes }, i) => (bytes === 0 ? 2 : i === 0 ? 1 : 0)),
  spanClass: SITES.map((_, i) => spanClassOfSite(i)),
  slotBytes: SITES.map((_, i) => slotBytesOfSite(i)),
  bytes: SITES.map(({ bytes }) => bytes),
  scanBytes: SITES.map(({ bytes, noscan }) =>
    noscan ? 0 : Math.max(8, Math.floor(bytes / 16) * 8),
  ),
  type: SITES.map((_, i) => i % 3),
});

/** First cycle, from 1, that finds a row dead; 0 where none does. */
function freedBy(row: number, death: number, caught: boolean, cycles: readonly Span[]): number {
  for (let n = 1; n <= cycles.length; n += 1) {
    const { begin, end } = cycles[n - 1];
    if (row >= begin) continue;
    if (death <= begin || (caught && death <= end)) return n;
  }
  return 0;
}

interface Span {
  readonly begin: number;
  readonly end: number;
}

function spansOf(spec: Spec): Span[] {
  const spans: Span[] = [];
  let at = Math.min(spec.start, spec.rows.length);
  for (const { gap, length } of spec.cycles) {
    const begin = at + gap;
    const end = begin + length;
    if (end > spec.rows.length) break;
    spans.push({ begin, end });
    at = end;
  }
  return spans;
}

/** Go's goal: GOGC's own, the heap minimum, or the distance that sweeping is given. */
export function goGoal(marked: number, heapLive: number, percent: number, roots: number): number {
  const own = marked + Math.floor(((marked + roots) * percent) / 100);
  return Math.max(own, Math.floor((4 * MIB * percent) / 100), heapLive + MIB);
}

function cyclesOf(spec: Spec, spans: readonly Span[], freed: readonly number[]): RecordedCycle[] {
  const { gcPercent, rootBytes, rows } = spec;
  let heapGoal = goGoal(0, -MIB, gcPercent, 0);
  const times = timesOf(rows);
  return spans.map(({ begin, end }, i) => {
    const n = i + 1;
    const sum = (to: number, dead: number): number =>
      rows.reduce((total, { site }, row) => {
        const alive = row < to && (freed[row] === 0 || freed[row] > dead);
        return alive ? total + slotBytesOfSite(site) : total;
      }, 0);
    const heapMarked = sum(end, n);
    const nextGoal = goGoal(heapMarked, heapMarked, gcPercent, rootBytes);
    const length = times[end] - times[begin];
    const cycle: RecordedCycle = {
      n,
      beginRow: begin,
      endRow: end,
      startNs: times[begin],
      endNs: times[end],
      heapAtStart: sum(begin, n - 1),
      heapAtMarkEnd: sum(end, n - 1),
      heapMarked,
      heapGoal,
      nextGoal,
      trigger: spec.cycles[i].forced ? 'forced' : 'heap',
      stwSweepTermNs: Math.floor(length / 50),
      stwMarkTermNs: Math.floor(length / 40),
      assistNs: Math.floor(length / 10),
      workerNs: { dedicated: Math.floor(length / 2), fractional: 0, idle: Math.floor(length / 8) },
    };
    heapGoal = nextGoal;
    return cycle;
  });
}

/** Time when each row was allocated; at the end that of the last. */
function timesOf(rows: readonly RowSpec[]): number[] {
  let time = 0;
  const times = rows.map(({ gapNs }) => {
    time += gapNs;
    return time;
  });
  return [...times, time];
}

/** Makes the recording of a workload. */
export function recordingFor(spec: Spec): Made {
  const { rows, start } = spec;
  const spans = spansOf(spec);
  const deaths = rows.map(({ life }, row) => row + 1 + life);
  const freed = rows.map(({ site, caught }, row) =>
    SITES[site].bytes === 0 ? 0 : freedBy(row, deaths[row], caught, spans),
  );
  const times = timesOf(rows);
  const switches = rows.flatMap((row, i) => {
    const before = rows[i - 1];
    const same = before?.proc === row.proc && before.goroutine === row.goroutine;
    return same ? [] : [i];
  });
  const ticks = rows.flatMap((_, i) => (i >= start && i % 7 === 0 ? [i] : []));
  const recording: Recording = {
    layout: spec.layout,
    durationNs: times[rows.length] + 1000,
    gomaxprocs: spec.procs,
    types: { name: ['', 'main.node', 'string'] },
    sites: sitesOf(),
    allocs: {
      count: rows.length,
      site: columnOf(rows.map(({ site }) => site)),
      freedBy: columnOf(freed),
    },
    startCount: Math.min(start, rows.length),
    schedule: {
      count: switches.length,
      firstRow: columnOf(switches),
      proc: columnOf(switches.map((row) => rows[row].proc)),
      goroutine: columnOf(switches.map((row) => rows[row].goroutine)),
    },
    clock: {
      count: ticks.length,
      row: columnOf(ticks),
      timeNs: columnOf(ticks.map((row) => times[row])),
    },
    cycles: cyclesOf(spec, spans, freed),
  };
  return { recording, deaths };
}

/** Random workloads. Objects that were there at the start live on for a while. */
export function specs(maxRows = 300, maxCycles = 8): fc.Arbitrary<Spec> {
  const life = fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 8 }) },
    { weight: 4, arbitrary: fc.integer({ min: 0, max: maxRows }) },
    { weight: 1, arbitrary: fc.constant(NEVER) },
  );
  const row = fc.record({
    site: fc.nat({ max: SITES.length - 1 }),
    life,
    caught: fc.boolean(),
    proc: fc.constantFrom(0, 0, 0, 1, 1, 5, 0xffff),
    goroutine: fc.nat({ max: 3 }),
    gapNs: fc.integer({ min: 0, max: 40_000 }),
  });
  const cycle = fc.record({
    gap: fc.nat({ max: Math.ceil((2 * maxRows) / maxCycles) }),
    length: fc.nat({ max: 20 }),
    forced: fc.boolean(),
  });
  return fc.record({
    layout: fc.constantFrom('go1.22' as const, 'go1.26' as const),
    procs: fc.integer({ min: 1, max: 4 }),
    gcPercent: fc.constantFrom(10, 50, 100, 200),
    rootBytes: fc.constantFrom(0, 65536, 300_000),
    start: fc.nat({ max: 40 }),
    rows: fc.array(row, { maxLength: maxRows, size: 'max' }),
    cycles: fc.array(cycle, { maxLength: maxCycles, size: 'max' }),
  });
}

/** A workload that does one thing again and again: each object lives `life` rows. */
export function steadySpec(rows: number, life: number, cycleEvery: number, site = 4): Spec {
  return {
    layout: 'go1.26',
    procs: 2,
    gcPercent: 100,
    rootBytes: 65536,
    start: 0,
    rows: Array.from({ length: rows }, () => ({
      site,
      life,
      caught: false,
      proc: 0,
      goroutine: 1,
      gapNs: 500,
    })),
    cycles: Array.from({ length: Math.floor(rows / cycleEvery) }, () => ({
      gap: cycleEvery - 50,
      length: 50,
      forced: false,
    })),
  };
}

/** Settings as a scenario of a what-if. */
export const scenarioOf = (
  config: RunConfig,
  gogc: number,
): {
  readonly gogc: number;
  readonly memoryLimit: number;
  readonly procs: number;
  readonly collector: 'classic' | 'greentea';
} => ({ gogc, memoryLimit: 0, procs: config.procs, collector: config.collector });
