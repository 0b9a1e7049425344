/** Evolve of specials against lists; see `specialsmodel.testkit.ts`. */
import { AssertionError } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SPECIAL_KIND } from '../heap/specials.ts';
import { WorldHasher } from '../heap/statehash.ts';
import * as evolve from './specials.ts';
import {
  attach,
  attachOne,
  queueFinalizer,
  run,
  SpecialLists,
  STEPS,
  type Step,
} from './specialsmodel.testkit.ts';

describe('specials', () => {
  it('are where the lists say, in any order of events, and hash and snapshots know of each', () => {
    const number = fc.integer({ min: 0, max: 4095 });
    const step: fc.Arbitrary<Step> = fc.tuple(fc.constantFrom(...STEPS), number, number, number);
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 120, size: 'max' }), (steps) => {
        const m = new SpecialLists();
        for (const [i, one] of steps.entries()) {
          run(m, one);
          if (i % 4 === 0) m.check();
        }
        m.check();
      }),
      { seed: 42, numRuns: 25 },
    );
  });

  it('count as executed by the block of 101, from the end of what was taken', () => {
    const m = new SpecialLists();
    for (let i = 0; i < 64; i += 1) attachOne(m, SPECIAL_KIND.finalizer, 0, i, 0);
    for (let i = 0; i < 64; i += 1) attachOne(m, SPECIAL_KIND.finalizer, 1, i, 0);
    for (let i = 1; i <= 128; i += 1) queueFinalizer(m, i);
    for (let i = 0; i < 128; i += 1) {
      run(m, ['startFinalizer', 0, 1, 0]);
      run(m, ['endFinalizer', 0, 0, 0]);
    }
    m.check();
    expect(m.executed.finalizers).toBe(128);
  });

  it('of an event that cannot have happened are assertions', () => {
    const m = new SpecialLists();
    const w = m.world;
    attach(m, SPECIAL_KIND.finalizer, 0, 0, 1);
    attach(m, SPECIAL_KIND.cleanup, 0, 0, 1);
    attach(m, SPECIAL_KIND.weakHandle, 0, 0, 1);
    const refused: readonly (readonly [() => void, string])[] = [
      [() => evolve.finalizerStarted(w, 1), 'a finalizer starts while another runs'],
      [() => evolve.cleanupStarted(w, 0, 2), 'cleanup goroutine 0 is busy'],
      [() => evolve.cleanupStarted(w, 1, 2), 'cleanup 2 is not due'],
      [() => evolve.cleanupReturned(w, 3), 'cleanup 3 is not running'],
      [() => evolve.weakCleared(w, 3), 'special 3 is not attached'],
      [() => evolve.finalizerQueued(w, 1), 'special 1 is not attached'],
    ];
    evolve.finalizerStarted(w, 1);
    evolve.cleanupStarted(w, 0, 2);
    evolve.weakCleared(w, 3);
    for (const [act, text] of refused) {
      expect(act).toThrow(AssertionError);
      expect(act).toThrow(text);
    }
    evolve.finalizerReturned(w);
    expect(() => evolve.finalizerStarted(w, 1)).toThrow('finalizer 1 is not due');
    attach(m, SPECIAL_KIND.weakHandle, 0, 0, 1);
    w.spanSpecials[m.page(m.objects[0])] = 0;
    expect(() => evolve.weakCleared(w, 4)).toThrow('special 4 is not in the list of its span');
  });
});

describe('pools', () => {
  it('move what they hold to their victims, and the roots are as many as the largest says', () => {
    const m = new SpecialLists();
    const w = m.world;
    const [a, b, c] = m.objects.map((object) => w.objects.wordOf(object) + 1);
    evolve.poolRegistered(w, 40, 900);
    expect(w.rootCount).toBe(901);
    evolve.poolRegistered(w, 41, 42);
    expect(w.rootCount).toBe(901);
    expect(w.specials.pools).toEqual([40, 900, 41, 42]);
    const decider = new WorldHasher();
    const set = (root: number, reference: number): void => {
      w.specials.pools.length = 0;
      evolve.poolRegistered(w, 43, root);
      w.roots[43] = reference;
      evolve.poolsCleaned(w);
      w.specials.pools.length = 0;
    };
    for (const [root, reference] of [
      [40, a],
      [900, b],
      [42, c],
    ] as const)
      set(root, reference);
    w.specials.pools.push(40, 900, 41, 42);
    const before = decider.hash(w);
    evolve.poolsCleaned(w);
    expect([40, 900, 41, 42].map((root) => w.roots[root])).toEqual([0, a, 0, 0]);
    expect(decider.hash(w)).not.toBe(before);
    m.check();
    evolve.poolsCleaned(w);
    expect([40, 900, 41, 42].map((root) => w.roots[root])).toEqual([0, 0, 0, 0]);
    m.check();
  });
});
