import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ScavengePace } from './scavenge_pace.ts';

describe('the pace of the scavenger', () => {
  it('starts with one part of work in a thousand', () => {
    expect(new ScavengePace().sleepNs(1e6)).toBe(1e9);
    expect(new ScavengePace().sleepNs(10)).toBe(1e9);
    expect(new ScavengePace().sleepNs(3e6)).toBe(3e9);
  });

  it('comes to take about 1 % of the CPU time of all Ps, whatever a stretch of work takes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1e6, max: 5e6 }),
        (procs, worked) => {
          const pace = new ScavengePace();
          let work = 0;
          let time = 0;
          for (let i = 0; i < 3000; i += 1) {
            const slept = pace.sleepNs(worked);
            if (i >= 1000) {
              work += worked;
              time += worked + slept;
            }
            pace.slept(worked, slept, procs);
          }
          expect(work / (time * procs)).toBeGreaterThan(0.005);
          expect(work / (time * procs)).toBeLessThan(0.02);
          expect(pace.takeFailure()).toBe(false);
        },
      ),
      { seed: 42, numRuns: 50 },
    );
  });

  // What Go 1.26.8's own controller gives: Ps, worked, slept, ratio after it.
  it.each<[number, ...[number, number, number][]]>([
    [
      1,
      [1e6, 0, 0.001],
      [1e6, 0, 0.001],
      [3e6, 3e6, 0.001],
      [1e6, 1e9, 0.001],
      [2e6, 7e8, 0.9511629093867479],
      [1e6, 5e6, 1.4253275728482866],
      [4e6, 1e6, 1.1124369478482865],
      [1e6, 2e10, 0.9658185111919944],
      [1e6, 3e12, 21.955171210348325],
      [5e6, 1e4, 1000],
      [1e6, 2e6, 1000],
      [1e6, 1e9, 1000],
      [9e6, 0, 998.4452947694907],
      [9e6, 0, 997.5055682069907],
      [1e6, 1e6, 996.7345916444906],
    ],
    [
      8,
      [1e6, 0, 0.001],
      [1e6, 0, 0.001],
      [3e6, 3e6, 0.001],
      [1e6, 1e9, 0.001],
      [2e6, 7e8, 1.0435353453878737],
      [1e6, 5e6, 1.7506477251955663],
      [4e6, 1e6, 1.7170735064455662],
      [1e6, 2e10, 1.70336045967603],
      [1e6, 3e12, 22.784983648633073],
      [5e6, 1e4, 1000],
      [1e6, 2e6, 1000],
      [1e6, 1e9, 1000],
      [9e6, 0, 998.8311318286715],
      [9e6, 0, 998.7219716724214],
      [1e6, 1e6, 998.6339052661714],
    ],
  ])('follows that of Go on %i Ps', (procs, ...steps) => {
    const pace = new ScavengePace();
    for (const [worked, slept, ratio] of steps) {
      pace.slept(worked, slept, procs);
      expect(pace.sleepNs(1e15)).toBe(Math.trunc(1e15 / ratio));
    }
  });

  it('takes a short stretch for one of a millisecond', () => {
    const [short, long] = [new ScavengePace(), new ScavengePace()];
    short.slept(10, 1e9, 1);
    long.slept(1e6, 1e9, 1);
    expect(short.sleepNs(1e15)).toBe(long.sleepNs(1e15));
    expect(short.sleepNs(1e15)).not.toBe(1e18);
  });

  it('rests until five seconds have passed, worked and slept', () => {
    const pace = new ScavengePace();
    pace.slept(1e6, Number.MAX_VALUE, 1);
    pace.slept(1e6, Number.MAX_VALUE, 1);
    for (const [worked, slept] of [
      [1e6, 2e9],
      [1e9, 1e9],
      [1e6, 9e8],
      [1e6, 9e8],
    ] as const) {
      pace.slept(worked, slept, 1);
      expect(pace.sleepNs(1e6)).toBe(1e9);
    }
    pace.slept(1e6, 1e9, 1);
    expect(pace.sleepNs(1e6)).not.toBe(1e9);
    expect(pace.takeFailure()).toBe(true);
  });

  it('begins anew when its figures overflow, and rests for five seconds', () => {
    const pace = new ScavengePace();
    pace.slept(1e6, 1e6, 1);
    pace.slept(1e6, Number.MAX_VALUE, 1);
    pace.slept(1e6, Number.MAX_VALUE, 1);
    expect(pace.takeFailure()).toBe(true);
    expect(pace.takeFailure()).toBe(false);
    expect(pace.sleepNs(1e6)).toBe(1e9);
    pace.slept(1e6, 1e9, 1);
    expect(pace.sleepNs(1e6)).toBe(1e9);
    pace.slept(1e6, 4e9, 1);
    pace.slept(1e6, 1e9, 1);
    expect(pace.sleepNs(1e6)).not.toBe(1e9);
  });
});
