import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Proc, stealOrder } from './proc.ts';
import { Random } from './random.ts';
import { createRuntime } from './runtime.ts';
import { Task } from './task.ts';

describe('a P', () => {
  it('has timers in order of time, then of setting', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 20 })), (times) => {
        const proc = new Proc(0);
        const rt = createRuntime({});
        const tasks = times.map(() => new Task(rt.main, () => undefined));
        for (const [i, when] of times.entries()) proc.addTimer(when, tasks[i]);
        const expected = times.map((when, i) => ({ when, i })).sort((a, b) => a.when - b.when);
        expect(proc.timers.map((t) => tasks.indexOf(t.task))).toEqual(expected.map(({ i }) => i));
      }),
      { seed: 42, numRuns: 30 },
    );
  });

  it('is robbed in an order that visits each once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (count, seed) => {
        const order = stealOrder(count, new Random(seed).next());
        expect([...order].sort((a, b) => a - b)).toEqual(order.map((_, i) => i));
      }),
      { seed: 42, numRuns: 200 },
    );
  });
});

describe('random numbers', () => {
  it('are spread evenly, and the seed tells them', () => {
    const random = new Random(7);
    const again = new Random(7);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i += 1) {
      const drawn = random.below(10);
      expect(again.below(10)).toBe(drawn);
      counts[drawn] += 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
    expect(new Random(8).next()).not.toBe(new Random(7).next());
  });
});
