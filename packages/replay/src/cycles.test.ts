import { readMemStats, SCALAR } from '@heaptape/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cyclesOf } from './cycles.ts';
import { foldTape } from './fold.ts';
import { modelTape, runs } from './modeltape.testkit.ts';

test('a cycle says what the state says when it ends, whatever moved objects or changed GOMAXPROCS', () => {
  fc.assert(
    fc.property(runs(80), (run) => {
      const tape = modelTape(run);
      for (const cycle of cyclesOf(tape).simulated) {
        const { world } = foldTape(tape, cycle.endSeq);
        const { NumGC, GCCPUFraction, LastGC } = readMemStats(world);
        expect([cycle.n, cycle.endNs]).toEqual([NumGC, LastGC]);
        expect(cycle.gcCpuFraction).toBe(GCCPUFraction);
        expect(cycle.heapMarked).toBe(world.scalars[SCALAR.heapMarked]);
        expect(cycle.procs).toBe(world.scalars[SCALAR.procs]);
      }
    }),
    { seed: 42, numRuns: 25 },
  );
});
