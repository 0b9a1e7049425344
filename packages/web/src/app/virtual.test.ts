import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listHeight, type Rows, rowAtScroll, scrollOfRow, topToSee } from './virtual.ts';

const rows: fc.Arbitrary<Rows> = fc.record({
  total: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 200_000_000 })),
  rowHeight: fc.constantFrom(18, 22, 36),
  viewHeight: fc.integer({ min: 40, max: 1200 }),
});

test('scrolling and rows lead to each other, in lists of any length', () => {
  fc.assert(
    fc.property(rows, fc.double({ min: 0, max: 1, noNaN: true }), (list, share) => {
      const last = Math.max(0, list.total - Math.floor(list.viewHeight / list.rowHeight));
      const row = Math.floor(last * share);
      const scroll = scrollOfRow(list, row);
      expect(scroll).toBeLessThanOrEqual(listHeight(list) - list.viewHeight + 1e-6);
      expect(Math.abs(rowAtScroll(list, scroll) - row)).toBeLessThanOrEqual(1);
      expect(rowAtScroll(list, 0)).toBe(0);
    }),
    { seed: 42, numRuns: 500 },
  );
});

test('the row that is asked for comes into sight, and one in sight moves nothing', () => {
  fc.assert(
    fc.property(rows, fc.nat(), fc.nat(), (list, a, b) => {
      fc.pre(list.total > 0);
      const whole = Math.max(1, Math.floor(list.viewHeight / list.rowHeight));
      const row = a % list.total;
      const top = topToSee(list, b % list.total, row);
      expect(row).toBeGreaterThanOrEqual(top);
      expect(row).toBeLessThan(top + whole);
      expect(topToSee(list, top, row)).toBe(top);
    }),
    { seed: 42, numRuns: 500 },
  );
});
