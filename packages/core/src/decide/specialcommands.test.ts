/** Commands about specials: what is refused, in which words, and what is swept before one is carried out. */
import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../collector/costs.ts';
import { configWith } from '../config.ts';
import { MAX_PROCS } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { SPECIAL_STATE } from '../heap/specials.ts';
import { Decider } from './decider.ts';

const costs = { ...DEFAULT_COSTS, sweepNsPerSpan: 1e9 };

function start(): { d: Decider; make: (root: number) => number } {
  const d = new Decider(configWith({ gcPercent: -1, procs: 1, costs }), null);
  const site = d.defineSite(64, 64, false, 'node');
  const make = (root: number): number => {
    const object = d.allocate(site);
    d.storeRoot(root, object);
    return object;
  };
  return { d, make };
}

describe('a command about specials', () => {
  it('that makes no sense is refused, and says why', () => {
    const { d, make } = start();
    const [a, b, c, handle] = [1, 2, 3, 4].map(make);
    const { specials } = d;
    const next = d.world.scalars[SCALAR.nextOrdinal];
    specials.setFinalizer(a, 0, 1, 0);
    const cleanup = specials.addCleanup(a, 0, 1, b, c);
    specials.weakHandle(a, 8, handle);
    const refused: readonly (readonly [() => unknown, string])[] = [
      [() => specials.setFinalizer(a, 0, 2, 0), `object #${a} has a finalizer already`],
      [() => specials.setFinalizer(0, 0, 2, 0), 'no object #0'],
      [() => specials.setFinalizer(next, 0, 2, 0), `no object #${next}`],
      [() => specials.setFinalizer(b, 64, 2, 0), `object #${b} has no byte 64`],
      [() => specials.setFinalizer(b, -1, 2, 0), `object #${b} has no byte -1`],
      [() => specials.setFinalizer(b, 1.5, 2, 0), `object #${b} has no byte 1.5`],
      [() => specials.setFinalizer(b, 0, 2 ** 31, 0), `no function ${2 ** 31}`],
      [() => specials.setFinalizer(b, 0, -1, 0), 'no function -1'],
      [() => specials.setFinalizer(b, 0, 0.5, 0), 'no function 0.5'],
      [() => specials.setFinalizer(b, 0, 1, next), `no object #${next}`],
      [() => specials.addCleanup(b, 0, 1, next), `no object #${next}`],
      [() => specials.addCleanup(b, 0, 1, 0, -1), 'no object #-1'],
      [() => specials.addCleanup(b, 0, -1, 0), 'no function -1'],
      [() => specials.stopCleanup(1), 'special 1 is not of that kind'],
      [() => specials.stopCleanup(0), 'special 0 is not of that kind'],
      [() => specials.stopCleanup(4), 'special 4 is not of that kind'],
      [() => specials.weakHandle(b, 0, 0), 'a weak handle is an object'],
      [() => specials.weakHandle(b, 0, next), `no object #${next}`],
      [() => specials.weakHandle(a, 8, c), `object #${a} has a weak handle already`],
      [() => specials.weakHandle(b, 8, handle), `object #${handle} is a weak handle already`],
      [() => specials.registerPool(5, 5), 'a pool in roots 5 and 5'],
      [() => specials.registerPool(-1, 5), 'a pool in roots -1 and 5'],
      [() => specials.registerPool(5, -1), 'a pool in roots 5 and -1'],
      [() => specials.finalizerReturned(), 'no finalizer is running'],
      [() => specials.takeCleanup(-1), 'no cleanup goroutine -1'],
      [() => specials.takeCleanup(0.5), 'no cleanup goroutine 0.5'],
      [() => specials.takeCleanup(MAX_PROCS), `no cleanup goroutine ${MAX_PROCS}`],
      [() => specials.startCleanup(-1, cleanup), 'no cleanup goroutine -1'],
      [() => specials.cleanupReturned(cleanup), `cleanup ${cleanup} is not running`],
    ];
    for (const [act, message] of refused) {
      expect(act).toThrow(expect.objectContaining({ code: 'refused', message }));
    }
    specials.setFinalizer(b, 63, 2 ** 31 - 1, 0);
    specials.startFinalizer(1);
    specials.startCleanup(0, cleanup);
    const running: readonly (readonly [() => unknown, string])[] = [
      [() => specials.startFinalizer(4), 'the finalizer goroutine is busy'],
      [() => specials.startCleanup(0, cleanup), 'cleanup goroutine 0 is busy'],
      [
        () => specials.startCleanup(1, cleanup),
        `special ${cleanup} has run, runs, or has been taken back`,
      ],
    ];
    for (const [act, message] of running) {
      expect(act).toThrow(expect.objectContaining({ code: 'refused', message }));
    }
    expect(() => specials.weakLoadAs(handle, b)).toThrow(
      expect.objectContaining({
        message: `the program would have gone another way: weak handle #${handle} leads to #${a} under these settings`,
      }),
    );
    expect([specials.weakHandleOf(a, 8), specials.weakHandleOf(a, 0)]).toEqual([handle, 0]);
  });

  it('comes after the sweep of a span whose object was found dead', () => {
    const kinds = ['stop', 'load', 'start', 'clear'] as const;
    for (const kind of kinds) {
      const { d, make } = start();
      const [dead, kept, handle] = [1, 2, 3].map(make);
      // Their span leaves the mcache, which is swept at once; others are to be swept before it.
      for (let i = 3000; i < 3200; i += 1) make(i);
      const small = d.defineSite(16, 16, false, 'small');
      for (let i = 10; i < 2000; i += 1) d.storeRoot(i, d.allocate(small));
      const cleanup = d.specials.addCleanup(dead, 0, 1, 0);
      d.specials.weakHandle(dead, 8, handle);
      d.specials.setFinalizer(kept, 0, 1, 0);
      d.storeRoot(1, 0);
      d.callGC();
      const unswept = d.world.scalars[SCALAR.unswept];
      expect(unswept).toBeGreaterThan(2);
      const { state } = d.world.specials;
      if (kind === 'stop') expect(d.specials.stopCleanup(cleanup)).toBe(false);
      else if (kind === 'load') expect(d.specials.weakLoad(handle)).toBe(0);
      else if (kind === 'start') expect(d.specials.startFinalizer(3).object).toBe(kept);
      else expect(d.specials.clearFinalizer(kept, 0)).toBe(true);
      expect(state[cleanup]).toBe(SPECIAL_STATE.queued);
      expect(d.world.scalars[SCALAR.unswept]).toBe(unswept - 1);
    }
  });
});
