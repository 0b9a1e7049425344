/**
 * Heap curves for a page: thinned to what a screen can show, in ms and MiB, one array a column, as the
 * charting library takes them.
 */
import type { HeapPoint } from '@heaptape/replay';

/** Columns of a chart: ms, MiB, MiB; a goal that is not in force is null. */
export interface ChartSeries {
  readonly time: readonly number[];
  readonly heap: readonly number[];
  readonly goal: readonly (number | null)[];
}

const MIB = 1024 * 1024;
const NS_PER_MS = 1e6;
/** A goal beyond this is none at all: the collector is off. */
const MOST_GOAL = 2 ** 50;

/**
 * At most about `most` points in order of time: of each bundle of neighbours the first, the lowest and
 * the highest are kept, so that peaks and troughs survive.
 */
export function thin(points: readonly HeapPoint[], most: number): readonly HeapPoint[] {
  if (points.length <= most) return points;
  const bundle = Math.ceil((points.length * 3) / most);
  const kept: HeapPoint[] = [];
  for (let from = 0; from < points.length; from += bundle) {
    const to = Math.min(points.length, from + bundle);
    let low = from;
    let high = from;
    for (let i = from; i < to; i += 1) {
      if (points[i].heapLive < points[low].heapLive) low = i;
      if (points[i].heapLive > points[high].heapLive) high = i;
    }
    for (const i of [...new Set([from, low, high])].sort((a, b) => a - b)) kept.push(points[i]);
  }
  const last = points[points.length - 1];
  if (kept[kept.length - 1] !== last) kept.push(last);
  return kept;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

export function chartSeries(points: readonly HeapPoint[], most: number): ChartSeries {
  const kept = thin(points, most);
  return {
    time: kept.map(({ timeNs }) => rounded(timeNs / NS_PER_MS)),
    heap: kept.map(({ heapLive }) => rounded(heapLive / MIB)),
    goal: kept.map(({ heapGoal }) => {
      return heapGoal > 0 && heapGoal < MOST_GOAL ? rounded(heapGoal / MIB) : null;
    }),
  };
}
