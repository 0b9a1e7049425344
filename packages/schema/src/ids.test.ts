import { describe, expect, it } from 'vitest';
import {
  asAddr,
  asBytes,
  asCycle,
  asNanos,
  asOrdinal,
  asPageIndex,
  asSeq,
  asWordIndex,
} from './ids.ts';

const makers = { asAddr, asBytes, asCycle, asNanos, asOrdinal, asPageIndex, asSeq, asWordIndex };

describe.each(Object.entries(makers))('%s', (_, make) => {
  it('passes whole numbers from 0 to 2^53 - 1 unchanged', () => {
    for (const value of [0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) expect(make(value)).toBe(value);
  });

  it('refuses everything else and says what it was to be', () => {
    for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => make(value)).toThrow(/must be a whole number from 0, not/);
    }
  });
});
