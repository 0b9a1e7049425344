import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { count, counted, duration, gctraceSizes, mib, ms, percent, size } from './units.ts';

const MIB = 1024 * 1024;

describe('units', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.00 KiB'],
    [64 * MIB, '64.0 MiB'],
    [1536 * MIB, '1.50 GiB'],
    [200 * 1024 * 1024 * MIB, '200 TiB'],
  ])('%d bytes', (bytes, text) => expect(size(bytes)).toBe(text));

  test.each([
    [0, '0 ms'],
    [999, '999 ns'],
    [123_456, '0.12 ms'],
    [12_345_678, '12.3 ms'],
    [1_500_000_000, '1.50 s'],
  ])('%d ns', (ns, text) => expect(duration(ns)).toBe(text));

  test('the rest', () => {
    expect([mib(16.55 * MIB), ms(3_140_000), percent(0.256), count(1234567)]).toEqual([
      '16.6',
      '3.14',
      '25.6',
      '1,234,567',
    ]);
    expect([counted(1, 'event'), counted(2000, 'event')]).toEqual(['1 event', '2,000 events']);
    expect(gctraceSizes(5.9 * MIB, 6 * MIB, 0)).toBe('5->6->0');
  });

  test('a size keeps three digits of what it says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1024, max: 2 ** 50 }), (bytes) => {
        const [value, unit] = size(bytes).split(' ');
        const power = ['B', 'KiB', 'MiB', 'GiB', 'TiB'].indexOf(unit);
        expect(Math.abs((Number(value) * 1024 ** power) / bytes - 1)).toBeLessThan(0.006);
      }),
      { seed: 42, numRuns: 500 },
    );
  });
});
