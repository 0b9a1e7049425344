import { AssertionError, EVENTS, EventBatch, specOfTag, TAG_COUNT } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import { configs, programs } from '../program.testkit.ts';
import { decideAgain, recordProgram } from '../tape.testkit.ts';
import { Decider } from './decider.ts';
import { applyCommand, isCommand } from './project.ts';

describe('projection', () => {
  it('decided again gives the same events and states', () => {
    fc.assert(
      fc.property(configs(), programs(), (config, operations) => {
        const tape = recordProgram(config, operations);
        const again = decideAgain(tape, config);
        expect(again.hashes).toEqual(tape.hashes);
        expect(again.segments).toEqual(tape.segments);
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  it('takes the events of the mutator and annotations, and no other', () => {
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      const role = specOfTag(tag)?.role;
      expect(isCommand(tag)).toBe(role === 'mutator' || role === 'annotation');
    }
    const decider = new Decider(configWith({}), null);
    const batch = new EventBatch(16);
    expect(() => decider.annotate(EVENTS.GCStarted.tag, [1, 0, 0, 0, 0])).toThrow(/no annotation/);
    expect(() => decider.annotate(EVENTS.RecordedCycleBegan.tag, [1])).toThrow(/no annotation/);
    expect(() => applyCommand(decider, EVENTS.GCStarted.tag, batch, 0)).toThrow(AssertionError);
  });
});
