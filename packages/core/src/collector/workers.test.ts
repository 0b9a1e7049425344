import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitMarkWorkers } from './workers.ts';

describe('splitMarkWorkers', () => {
  it.each([
    [1, 0, 0.25],
    [2, 0, 0.25],
    [3, 0, 0.25],
    [4, 1, 0],
    [5, 1, 0],
    [6, 1, 0.5 / 6],
    [7, 2, 0],
    [8, 2, 0],
    [9, 2, 0],
    [10, 3, 0],
    [11, 3, 0],
    [12, 3, 0],
    [14, 4, 0],
    [16, 4, 0],
    [32, 8, 0],
  ])('%i Ps: %i dedicated, %f fractional', (procs, dedicated, fractionalGoal) => {
    const maxIdle = procs - dedicated;
    const expected = { procs, mode: 'normal', dedicated, fractionalGoal, maxIdle };
    expect(splitMarkWorkers(procs)).toEqual(expected);
  });

  it('is within 30 % of a quarter without fractional workers, exact with them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), (procs) => {
        const { dedicated, fractionalGoal } = splitMarkWorkers(procs);
        const used = dedicated + fractionalGoal * procs;
        if (fractionalGoal > 0) expect(used).toBeCloseTo(procs / 4, 9);
        else expect(Math.abs(used / (procs / 4) - 1)).toBeLessThanOrEqual(0.3);
        expect(fractionalGoal > 0).toBe([1, 2, 3, 6].includes(procs));
      }),
      { seed: 42, numRuns: 500 },
    );
  });

  it('lets a periodic cycle have idle workers only for want of dedicated ones', () => {
    expect(splitMarkWorkers(2, 'periodic').maxIdle).toBe(1);
    expect(splitMarkWorkers(4, 'periodic').maxIdle).toBe(0);
  });

  it('dedicates every P when the world is stopped', () => {
    const split = splitMarkWorkers(6, 'stop-the-world');
    expect(split).toMatchObject({ dedicated: 6, fractionalGoal: 0, maxIdle: 0 });
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 31])('refuses %d processors', (procs) => {
    expect(() => splitMarkWorkers(procs)).toThrow(
      expect.objectContaining({
        code: 'bad-usage',
        message: `not a number of processors: ${procs}`,
      }),
    );
  });

  it('takes as many as an int32 holds', () => {
    expect(splitMarkWorkers(2 ** 31 - 1).dedicated).toBe(2 ** 29);
  });
});
