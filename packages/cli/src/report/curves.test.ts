/** Heap curves, resampled for the terminal and thinned for the page: peaks must survive both. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heapCharts, resample } from './chart.ts';
import { chartSeries, thin } from './series.ts';

const MIB = 1024 * 1024;
const point = fc.record({
  timeNs: fc.integer({ min: 0, max: 1_000_000 }),
  heapLive: fc.integer({ min: 0, max: 100 * MIB }),
  heapGoal: fc.integer({ min: 0, max: 200 * MIB }),
});
const curve = fc
  .array(point, { minLength: 1, maxLength: 400 })
  .map((points) => points.sort((a, b) => a.timeNs - b.timeNs));
const heaps = (points: readonly { heapLive: number }[]): number[] => points.map((p) => p.heapLive);

test('a resampled curve has no gap, keeps the peak, and stays within the values', () => {
  fc.assert(
    fc.property(curve, fc.integer({ min: 10, max: 120 }), (points, columns) => {
      const end = Math.max(1, points[points.length - 1].timeNs);
      const values = resample(points, columns, end);
      const known = values.filter((value) => !Number.isNaN(value));
      const first = values.findIndex((value) => !Number.isNaN(value));
      expect(values.length).toBe(columns);
      expect(values.slice(first).some(Number.isNaN)).toBe(false);
      expect(Math.max(...known)).toBe(Math.max(...heaps(points)));
      expect(Math.min(...known)).toBeGreaterThanOrEqual(Math.min(...heaps(points)));
    }),
    { seed: 42, numRuns: 300 },
  );
});

test('a thinned curve is a part of the curve, in order, with its ends and extremes', () => {
  fc.assert(
    fc.property(curve, fc.integer({ min: 3, max: 60 }), (points, most) => {
      const kept = thin(points, most);
      let from = 0;
      for (const p of kept) {
        from = points.indexOf(p, from);
        expect(from).toBeGreaterThanOrEqual(0);
      }
      expect(kept.length).toBeLessThanOrEqual(Math.max(most, 3) + 4);
      expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
      expect(Math.max(...heaps(kept))).toBe(Math.max(...heaps(points)));
      expect(Math.min(...heaps(kept))).toBe(Math.min(...heaps(points)));
    }),
    { seed: 42, numRuns: 300 },
  );
});

test('a goal that is not in force is not drawn', () => {
  const at = (heapGoal: number) => ({ timeNs: 2_000_000, heapLive: MIB, heapGoal });
  const goals = [0, 4 * MIB, 2 ** 53, Number.POSITIVE_INFINITY];
  expect(chartSeries(goals.map(at), 100)).toEqual({
    time: [2, 2, 2, 2],
    heap: [1, 1, 1, 1],
    goal: [null, 4, null, null],
  });
});

describe('charts for the terminal', () => {
  const curves = [20, 80].map((peak) => ({
    title: `peak ${peak}`,
    series: [0, 1, 2].map((i) => ({ timeNs: i * 1e6, heapLive: i === 1 ? peak * MIB : 0 })),
  }));

  test('all share one scale and fit the width', () => {
    const text = heapCharts(curves, 60);
    expect(text.match(/80\.0 [┤┼]/g)?.length).toBe(2);
    for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(60);
  });

  test('a curve without points is left out', () => {
    expect(heapCharts([{ title: 'empty', series: [] }], 60)).toBe('');
    expect(heapCharts([...curves, { title: 'empty', series: [] }], 60)).not.toContain('empty');
  });
});
