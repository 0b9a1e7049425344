import { CELLS, EVENTS, EventBatch, HeaptapeError } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_CELLS } from '../decide/journal.ts';
import { heapProblems } from '../heap/check.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { World } from '../heap/world.ts';
import { configs, programs } from '../program.testkit.ts';
import { foldSegment, recordProgram } from '../tape.testkit.ts';
import { evolve } from './evolve.ts';

describe('folding a tape', () => {
  it('needs no more argument cells than the journal writes', () => {
    expect(Math.max(...CELLS)).toBeLessThanOrEqual(MOST_CELLS);
  });

  it('gives the recorded state at the end of every segment', () => {
    fc.assert(
      fc.property(configs(), programs(), (config, operations) => {
        const tape = recordProgram(config, operations);
        const world = new World();
        const hasher = new WorldHasher();
        tape.hashes.forEach((hash, index) => {
          foldSegment(tape, index, world);
          expect(hasher.hash(world)).toBe(hash);
          expect(heapProblems(world)).toEqual([]);
        });
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  it('is total: every event of the table has a case', () => {
    const batch = new EventBatch(16);
    for (const [name, spec] of Object.entries(EVENTS)) {
      let thrown: unknown;
      try {
        evolve(new World(), spec.tag, batch, 0);
      } catch (error) {
        thrown = error;
      }
      const missing =
        thrown instanceof HeaptapeError && thrown.message.includes('not of this release');
      expect(missing ? name : '').toBe('');
    }
    expect(() => evolve(new World(), 255, batch, 0)).toThrow('not of this release');
  });
});
