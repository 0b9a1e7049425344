import { HeaptapeError } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  environmentSettings,
  gogcText,
  listOf,
  parseCollector,
  parseGogc,
  parseMemoryLimit,
  parseProcs,
  parseSize,
  withEnvironment,
} from './settings.ts';

const run = { seed: 42, numRuns: 500 };
const codeOf = (task: () => unknown): string => {
  try {
    task();
  } catch (error) {
    if (error instanceof HeaptapeError) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('sizes in the spelling of GOMEMLIMIT', () => {
  /** An independent reading, in whole numbers of any size. */
  const model = (digits: bigint, unit: string): bigint => {
    const powers: Record<string, bigint> = {
      '': 0n,
      B: 0n,
      KiB: 10n,
      MiB: 20n,
      GiB: 30n,
      TiB: 40n,
    };
    return digits << powers[unit];
  };

  test('every size that fits 64 bits is read exactly, or means no limit beyond 2^53', () => {
    const digits = fc.oneof(fc.bigInt(0n, 1n << 20n), fc.bigInt(0n, (1n << 63n) - 1n));
    const unit = fc.constantFrom('', 'B', 'KiB', 'MiB', 'GiB', 'TiB');
    fc.assert(
      fc.property(digits, unit, (value, suffix) => {
        const bytes = model(value, suffix);
        const text = `${value}${suffix}`;
        if (bytes >= 1n << 63n) {
          expect(parseSize(text) ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(2 ** 63);
        } else {
          expect(parseSize(text)).toBe(Number(bytes));
          const limit = parseMemoryLimit(text);
          if (bytes === 0n) expect(limit).toBe(1);
          else if (bytes <= BigInt(Number.MAX_SAFE_INTEGER)) expect(BigInt(limit)).toBe(bytes);
          else expect(limit).toBe(0);
        }
      }),
      run,
    );
  });

  test('off is no limit', () => expect(parseMemoryLimit('off')).toBe(0));

  test.each([
    '',
    '64MB',
    '64 MiB',
    '64mib',
    '-1',
    '+1',
    '1.5GiB',
    'MiB',
    '0x10',
    '1e9',
    'Off',
    '٣',
  ])('%j is refused', (text) => {
    expect(parseSize(text)).toBeUndefined();
    expect(codeOf(() => parseMemoryLimit(text))).toBe('bad-usage');
  });
});

describe('flags', () => {
  test.each([
    ['off', -1],
    ['100', 100],
    ['0', 0],
    ['+5', 5],
    ['-1', -1],
    ['-50', -1],
    ['2147483647', 2147483647],
  ])('--gogc %s', (text, percent) => expect(parseGogc(text)).toBe(percent));

  test.each(['', '1.5', 'abc', '1e2', '2147483648', ' 5', 'OFF'])('--gogc %j is refused', (text) =>
    expect(codeOf(() => parseGogc(text))).toBe('bad-usage'),
  );

  test.each(['0', '-1', '1025', '', '2.5'])('--procs %j is refused', (text) =>
    expect(codeOf(() => parseProcs(text))).toBe('bad-usage'),
  );

  test('collectors', () => {
    expect([parseCollector('classic'), parseCollector('greentea')]).toEqual([
      'classic',
      'greentea',
    ]);
    expect(codeOf(() => parseCollector('zgc'))).toBe('bad-usage');
  });

  test('a list keeps its order and drops repeats', () => {
    expect(listOf(parseGogc)('100, 50,off,50')).toEqual([100, 50, -1]);
    expect(codeOf(() => listOf(parseGogc)('50,,100'))).toBe('bad-usage');
  });

  test('GOGC as text and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 2 ** 31 - 1 }), (percent) => {
        expect(parseGogc(gogcText(percent))).toBe(percent);
      }),
      run,
    );
  });
});

describe('the environment is read as Go reads it', () => {
  test.each([
    [{}, {}],
    [{ GOGC: '', GOMEMLIMIT: '', GOMAXPROCS: '' }, {}],
    [{ GOGC: '50' }, { gcPercent: 50 }],
    [{ GOGC: 'off' }, { gcPercent: -1 }],
    [{ GOGC: 'nonsense' }, { gcPercent: 100 }],
    [{ GOMEMLIMIT: '64MiB' }, { memoryLimit: 67108864 }],
    [{ GOMEMLIMIT: 'off' }, { memoryLimit: 0 }],
    [{ GOMAXPROCS: '3' }, { procs: 3 }],
    [{ GOMAXPROCS: '0' }, {}],
    [{ GOMAXPROCS: 'many' }, {}],
  ])('%j', (env, settings) => expect(environmentSettings(env)).toEqual(settings));

  test('a malformed GOMEMLIMIT is refused, as by Go', () => {
    expect(codeOf(() => environmentSettings({ GOMEMLIMIT: '64MB' }))).toBe('bad-usage');
  });

  test('flags win', () => {
    const env = { GOGC: '50', GOMAXPROCS: '8' };
    expect(withEnvironment({ gcPercent: 20 }, env)).toEqual({ gcPercent: 20, procs: 8 });
  });
});
