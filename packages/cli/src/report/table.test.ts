import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { tableText } from './table.ts';

const lines = (text: string): string[] => text.split('\n').slice(0, -1);

describe('tables', () => {
  test('columns line up, numbers to the right', () => {
    const columns = [
      { title: 'name', align: 'left', rank: 0 },
      { title: 'n', rank: 0 },
    ] as const;
    const text = tableText(
      columns,
      [
        ['a', '5'],
        ['long', '1234'],
      ],
      Number.POSITIVE_INFINITY,
    );
    expect(lines(text)).toEqual(['name     n', 'a        5', 'long  1234']);
  });

  test('the highest rank goes first, rank 0 never', () => {
    const columns = ['aaaa', 'bbbb', 'cccc'].map((title, i) => ({ title, rank: [0, 2, 1][i] }));
    const rows = [['1', '2', '3']];
    const headOf = (width: number): string => lines(tableText(columns, rows, width))[0];
    expect(headOf(16)).toBe('aaaa  bbbb  cccc');
    expect(headOf(15)).toBe('aaaa  cccc');
    expect(headOf(9)).toBe('aaaa');
    expect(headOf(1)).toBe('aaaa');
  });

  test('no line is wider than the terminal, and all have as many rows as given', () => {
    const cell = fc.string({ maxLength: 30, unit: 'grapheme-ascii' });
    const table = fc.integer({ min: 1, max: 7 }).chain((columns) =>
      fc.record({
        columns: fc.array(
          fc.record({
            title: fc.stringMatching(/^[a-z]{1,12}$/),
            rank: fc.integer({ min: 0, max: 3 }),
          }),
          { minLength: columns, maxLength: columns },
        ),
        rows: fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
          maxLength: 6,
        }),
        width: fc.integer({ min: 40, max: 120 }),
      }),
    );
    fc.assert(
      fc.property(table, ({ columns, rows, width }) => {
        const found = lines(tableText(columns, rows, width));
        expect(found.length).toBe(rows.length + 1);
        for (const line of found) expect([...line].length).toBeLessThanOrEqual(width);
      }),
      { seed: 42, numRuns: 300 },
    );
  });

  test('control characters of a file do not reach the terminal', () => {
    const text = tableText([{ title: 'x', rank: 0 }], [['a\u001b[31m\nb\u202e']], 80);
    expect(text).toContain('a\\u001b[31m\\u000ab\\u202e');
    expect(lines(text).length).toBe(2);
  });
});
