import fc from 'fast-check';
import { expect, test } from 'vitest';
import { brushedGrid, type Grid, gridEnd, gridOf, zoomedGrid } from './heapgrid.ts';

const heap = fc.integer({ min: 1, max: 2 ** 21 }).map((pages) => pages * 8192);
const wish = fc.record({
  rows: fc.integer({ min: 1, max: 200 }),
  perRow: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 33 })),
  top: fc.integer({ min: 0, max: 2 ** 35 }),
});

const sound = (grid: Grid): void => {
  expect(Math.log2(grid.perRow) % 1).toBe(0);
  expect(grid.top % grid.perRow).toBe(0);
  expect(grid.top).toBeLessThan(grid.bytes);
  expect(gridEnd(grid)).toBeGreaterThan(grid.top);
};

test('what is asked for becomes rows of the heap, and all of it fits where nothing is asked', () => {
  fc.assert(
    fc.property(heap, wish, (bytes, one) => {
      const grid = gridOf(one, bytes);
      sound(grid);
      if (one.perRow === 0) {
        expect([grid.top, gridEnd(grid)]).toEqual([0, bytes]);
        const tight = grid.perRow === 512 || (grid.perRow / 2) * grid.rows < bytes;
        expect(tight).toBe(true);
      }
    }),
    { seed: 42, numRuns: 500 },
  );
});

test('zooming keeps the byte in sight, and far enough out shows all again', () => {
  fc.assert(
    fc.property(heap, wish, fc.double({ min: 0, max: 1, noNaN: true }), (bytes, one, share) => {
      const grid = gridOf(one, bytes);
      const around = Math.floor(grid.top + (gridEnd(grid) - grid.top - 1) * share);
      for (const factor of [0.25, 0.5, 2]) {
        const next = gridOf(zoomedGrid(grid, factor, around), bytes);
        sound(next);
        expect(next.top).toBeLessThanOrEqual(around);
        expect(gridEnd(next)).toBeGreaterThan(around);
      }
      expect(gridOf(zoomedGrid(grid, 2 ** 40, around), bytes).top).toBe(0);
    }),
    { seed: 42, numRuns: 500 },
  );
});

test('what is brushed is seen whole, and not much else', () => {
  fc.assert(
    fc.property(heap, wish, fc.nat(), fc.nat(), (bytes, one, a, b) => {
      const [from, to] = [a % bytes, b % bytes].sort((x, y) => x - y);
      const grid = gridOf(brushedGrid(gridOf(one, bytes), from, to), bytes);
      sound(grid);
      expect(grid.top).toBeLessThanOrEqual(from);
      expect(gridEnd(grid) + grid.perRow).toBeGreaterThanOrEqual(to);
    }),
    { seed: 42, numRuns: 300 },
  );
});
