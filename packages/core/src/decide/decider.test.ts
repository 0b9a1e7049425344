import { assert } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import { heapProblems } from '../heap/check.ts';
import { wordAlive } from '../heap/check_pointers.ts';
import { SPAN_IN_USE } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import { configs, ModelProgram, programs } from '../program.testkit.ts';
import { Decider } from './decider.ts';

/** Objects allocated and not swept. */
function allocated(w: World): number {
  let total = 0;
  for (let page = 0; page < w.pages; page += 1) {
    if (w.spanState[page] === SPAN_IN_USE) total += w.allocCount[page];
  }
  return total;
}

/** Everything the model can reach is alive, and each object has memory of its own. */
function checkAgainstModel(program: ModelProgram): Set<number> {
  const w = program.decider.world;
  const live = program.reachable();
  const words = new Set<number>();
  for (const ordinal of live) {
    assert(
      wordAlive(w, w.objects.wordOf(ordinal)),
      `object #${ordinal} was freed but can be reached`,
    );
    words.add(w.objects.wordOf(ordinal));
  }
  expect(words.size).toBe(live.size);
  return live;
}

describe('a cycle', () => {
  it('keeps the object whose allocation started it', () => {
    const decider = new Decider(configWith({ procs: 1 }), null);
    const { world } = decider;
    const site = decider.defineSite(64, 64, false, 'node');
    let newest = 0;
    while (world.scalars[SCALAR.gcphase] === 0) newest = decider.allocate(site);
    decider.finishMark();
    expect(wordAlive(world, world.objects.wordOf(newest))).toBe(true);
    expect(wordAlive(world, world.objects.wordOf(newest - 1))).toBe(false);
  });
});

describe('random programs', () => {
  it('never lose what they can reach, and the heap stays sound', () => {
    fc.assert(
      fc.property(configs(), programs(), (config, operations) => {
        const program = new ModelProgram(new Decider(config, null));
        for (const operation of operations) {
          program.run(operation);
          checkAgainstModel(program);
        }
        expect(heapProblems(program.decider.world)).toEqual([]);
      }),
      { seed: 42, numRuns: 300 },
    );
  });

  it('keep exactly what they can reach after runtime.GC', () => {
    fc.assert(
      fc.property(configs(), programs(), (config, operations) => {
        const program = new ModelProgram(new Decider(config, null));
        for (const [i, operation] of operations.entries()) {
          program.run(operation);
          if (i % 16 !== 0 && operation[0] !== 'gc') continue;
          program.decider.collect();
          program.forget();
          const w = program.decider.world;
          expect(allocated(w)).toBe(checkAgainstModel(program).size);
          expect(heapProblems(w)).toEqual([]);
          expect(w.scalars[SCALAR.unswept]).toBe(0);
        }
      }),
      { seed: 42, numRuns: 200 },
    );
  });
});
