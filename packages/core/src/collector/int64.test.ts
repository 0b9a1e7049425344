import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { floatToInt64, floatToUint64, TWO_63, TWO_64, wrapInt64 } from './int64.ts';

describe('a float64 as an integer', () => {
  // Outcomes of a Go 1.26.8 program on amd64: the float64, uint64(x), int64(x).
  it.each<[number, bigint, bigint]>([
    [-0.5, 0n, 0n],
    [-0, 0n, 0n],
    [-1024.75, 18446744073709550592n, -1024n],
    [-TWO_63, 9223372036854775808n, -9223372036854775808n],
    [-TWO_63 - 2048, 9223372036854775808n, -9223372036854775808n],
    [-TWO_63 + 1024, 9223372036854776832n, -9223372036854774784n],
    [TWO_63 - 1024, 9223372036854774784n, 9223372036854774784n],
    [TWO_63, 9223372036854775808n, -9223372036854775808n],
    [TWO_64 - 2048, 18446744073709549568n, -9223372036854775808n],
    [TWO_64, 9223372036854775808n, -9223372036854775808n],
    [2 ** 60, 1152921504606846976n, 1152921504606846976n],
  ])('%d', (x, unsigned, signed) => {
    expect(floatToUint64(x)).toBe(Number(unsigned));
    expect(floatToInt64(x) + 0).toBe(Number(signed));
  });
});

describe('a sum of two int64', () => {
  it('wraps around', () => {
    const half = fc.integer({ min: -(2 ** 52), max: 2 ** 52 }).map((x) => x * 2048);
    fc.assert(
      fc.property(fc.oneof(half, fc.constantFrom(TWO_63 - 2048, -TWO_63)), half, (a, b) => {
        fc.pre(Number.isInteger((a + b) / 4096));
        expect(wrapInt64(a + b)).toBe(Number(BigInt.asIntN(64, BigInt(a) + BigInt(b))));
      }),
      { seed: 42, numRuns: 500 },
    );
    expect(wrapInt64(TWO_63)).toBe(-TWO_63);
    expect(wrapInt64(-TWO_63)).toBe(-TWO_63);
    expect(wrapInt64(-TWO_63 - 2048)).toBe(TWO_63 - 2048);
    expect(wrapInt64(7)).toBe(7);
  });
});
