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
