/**
 * Pacing: GOGC, root bytes and the memory limit, inferred from the goals that a recording announces.
 *
 * 1. Go announces a goal of 0 while GOGC is off, and only then. Cycles that the heap triggered all the
 *    same were the memory limit's.
 * 2. A goal that is exactly the heap minimum of some GOGC (4 MiB at 100, in proportion) tells that GOGC.
 *    So does in most recordings the first goal, because nothing had been marked before.
 * 3. Otherwise goal = marked + (marked + roots) * GOGC / 100: the slope between two cycles gives GOGC,
 *    and what is left over the bytes of stacks and globals.
 * 4. A memory limit lowers goals and never raises them. So where the goals lie on no line, the line is
 *    the one that most of them lie on and none lies above, and those below it were the limit's.
 *
 * Goals that the distance for sweeping or a late trigger has lifted (at most 1 MiB above what is
 * marked) tell nothing. Follows `commit` and `heapGoalInternal` of `runtime/mgcpacer.go` and `HeapGoal` of
 * `runtime/traceruntime.go`, Go 1.26.
 */
import type { RecordedCycle } from './recording.ts';

const MIB = 1024 * 1024;
/** Heap minimum at GOGC=100. */
const HEAP_MINIMUM = 4 * MIB;
/** Marked heaps must lie this far apart for their goals to give a slope, bytes. */
const LEAST_RUN = 0.25 * MIB;
/** Pairs of cycles are looked at one by one: not of more than this many cycles. */
const MOST_CYCLES = 24;
/** A goal within this share of a line lies on it; roots differ a little between cycles. */
const ON_LINE = 0.01;
/** No program has more stacks and globals than this, bytes. */
const MOST_ROOTS = 256 * MIB;

export interface Pacing {
  /** -1 is off. */
  readonly gcPercent: number;
  readonly rootBytes: number;
  /** The largest goal that a memory limit was seen to set, or reach, bytes; 0 where there was none. */
  readonly limitedGoal: number;
}

/** Smallest goal that GOGC sets, bytes. */
export const heapMinimum = (gcPercent: number): number =>
  gcPercent < 0 ? Number.POSITIVE_INFINITY : Math.floor((HEAP_MINIMUM * gcPercent) / 100);

const nearest = (value: number): number => Math.floor(value + 0.5);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Cycles whose next goal is GOGC's or the memory limit's own. */
function tellingCycles(cycles: readonly RecordedCycle[]): RecordedCycle[] {
  return cycles.filter((c) => c.nextGoal > c.heapMarked + 1.05 * MIB);
}

function thinned<T>(items: readonly T[]): readonly T[] {
  const step = Math.ceil(items.length / MOST_CYCLES);
  return step <= 1 ? items : items.filter((_, i) => i % step === 0);
}

/** What explains the recorded goals best; null when none tells. */
export function inferPacing(cycles: readonly RecordedCycle[]): Pacing | null {
  if (cycles.length > 0 && cycles.every((c) => c.nextGoal === 0)) return withoutGoals(cycles);
  const telling = thinned(tellingCycles(cycles));
  for (const percent of exactPercents(cycles)) {
    // No goal is below the minimum, unless a limit set it; then it tells too little to go by.
    if (telling.some((c) => c.nextGoal < heapMinimum(percent))) continue;
    const line = lineThrough(telling, percent);
    if (line !== null) return line;
  }
  if (telling.length === 0) return null;
  const slope = nearest(median(slopes(telling)));
  const gcPercent = slope > 0 ? slope : guess(telling[0]);
  const plain = { gcPercent, rootBytes: rootsFor(telling, gcPercent), limitedGoal: 0 };
  const agreed = slope > 0 ? onLine(plain, telling) : 1;
  if (agreed === telling.length) return plain;
  const upper = upperLine(telling, new Set(slopes(telling).map(nearest)));
  const better = upper !== null && onLine(upper, telling) >= agreed;
  return withLimit(better ? upper : plain, telling);
}

/** Number of goals that lie on a line. */
function onLine(line: Pacing, telling: readonly RecordedCycle[]): number {
  return telling.filter((c) => Math.abs(c.nextGoal / goalOn(line, c) - 1) <= ON_LINE).length;
}

/** Median distance of the goals from a line, as a share. */
function deviation(line: Pacing, telling: readonly RecordedCycle[]): number {
  return median(telling.map((c) => Math.abs(c.nextGoal / goalOn(line, c) - 1)));
}

/** The line of a GOGC that is known, if the goals above its heap minimum do not speak against it. */
function lineThrough(telling: readonly RecordedCycle[], gcPercent: number): Pacing | null {
  const above = telling.filter((c) => c.nextGoal > heapMinimum(gcPercent));
  if (above.length === 0) return { gcPercent, rootBytes: 0, limitedGoal: 0 };
  const plain = { gcPercent, rootBytes: rootsFor(above, gcPercent), limitedGoal: 0 };
  if (deviation(plain, above) <= ON_LINE) return withLimit(plain, above);
  const upper = upperLine(above, new Set([gcPercent]));
  return upper === null ? null : withLimit(upper, above);
}

/** GOGC was off. */
function withoutGoals(cycles: readonly RecordedCycle[]): Pacing {
  const limited = cycles.filter((c) => c.trigger === 'heap');
  const reached = limited.reduce((most, c) => Math.max(most, c.heapAtMarkEnd), 0);
  return { gcPercent: -1, rootBytes: 0, limitedGoal: reached };
}

/** GOGCs whose heap minimum some goal is, those first that most goals tell; the first goal counts more. */
function exactPercents(cycles: readonly RecordedCycle[]): number[] {
  const counts = new Map<number, number>();
  cycles.forEach((c, i) => {
    const goals = i === 0 ? [c.heapGoal, c.heapGoal, c.nextGoal] : [c.nextGoal];
    for (const goal of goals) {
      const percent = Math.ceil((goal * 100) / HEAP_MINIMUM);
      const hit = goal > 0 && heapMinimum(percent) === goal;
      if (hit) counts.set(percent, (counts.get(percent) ?? 0) + 1);
    }
  });
  return [...counts].sort((a, b) => b[1] - a[1]).map(([percent]) => percent);
}

/** GOGC by every pair of cycles that lie far enough apart. */
function slopes(telling: readonly RecordedCycle[]): number[] {
  const found: number[] = [];
  for (let i = 0; i < telling.length; i += 1) {
    for (let j = i + 1; j < telling.length; j += 1) {
      const run = telling[j].heapMarked - telling[i].heapMarked;
      if (Math.abs(run) < LEAST_RUN) continue;
      found.push(((telling[j].nextGoal - telling[i].nextGoal) / run - 1) * 100);
    }
  }
  return found;
}

/** GOGC from one goal alone, roots being taken for small. */
function guess({ nextGoal, heapMarked }: RecordedCycle): number {
  return Math.max(1, nearest(((nextGoal - heapMarked) * 100) / (heapMarked + 0.25 * MIB)));
}

const rootsOf = (c: RecordedCycle, gcPercent: number): number =>
  ((c.nextGoal - c.heapMarked) * 100) / gcPercent - c.heapMarked;

function rootsFor(telling: readonly RecordedCycle[], gcPercent: number): number {
  return Math.max(0, nearest(median(telling.map((c) => rootsOf(c, gcPercent)))));
}

function goalOn({ gcPercent, rootBytes }: Pacing, c: RecordedCycle): number {
  return c.heapMarked + ((c.heapMarked + rootBytes) * gcPercent) / 100;
}

/** The line that most goals lie on and none lies above; null when no two lie on any. */
function upperLine(
  telling: readonly RecordedCycle[],
  percents: ReadonlySet<number>,
): Pacing | null {
  let best: Pacing | null = null;
  let most = 1;
  let least = Number.POSITIVE_INFINITY;
  for (const gcPercent of percents) {
    if (gcPercent < 1) continue;
    for (const c of telling) {
      const rootBytes = nearest(rootsOf(c, gcPercent));
      if (rootBytes < 0 || rootBytes > MOST_ROOTS) continue;
      const line = { gcPercent, rootBytes, limitedGoal: 0 };
      const ratios = telling.map((other) => other.nextGoal / goalOn(line, other) - 1);
      if (ratios.some((ratio) => ratio > ON_LINE)) continue;
      const on = ratios.filter((ratio) => ratio >= -ON_LINE);
      const off = on.reduce((sum, ratio) => sum + Math.abs(ratio), 0);
      if (on.length < most || on.length < 2 || (on.length === most && off >= least)) continue;
      most = on.length;
      least = off;
      best = line;
    }
  }
  return best;
}

/** Adds the limit that set the goals well below the line, if there are any. */
function withLimit(line: Pacing, telling: readonly RecordedCycle[]): Pacing {
  const below = telling.filter((c) => c.nextGoal < goalOn(line, c) * (1 - 5 * ON_LINE) - MIB);
  return { ...line, limitedGoal: below.reduce((most, c) => Math.max(most, c.nextGoal), 0) };
}

/**
 * What the last cycle before a recording marked, had GOGC been this one: the recording began with so many
 * bytes, and on average half way from what was marked to the goal. 0 where the heap minimum had not been
 * reached and so nothing had been marked.
 */
export function likelyMarked(startBytes: number, gcPercent: number, rootBytes: number): number {
  if (startBytes < heapMinimum(gcPercent)) return 0;
  const half = gcPercent / 200;
  return Math.max(0, Math.floor((startBytes - rootBytes * half) / (1 + half)));
}
