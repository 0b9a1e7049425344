/** Random programs keep every promise; and each checker notices when its own is broken. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKERS, judge, listing, type Program, play, programs, runCampaign } from './index.ts';
import { LIES } from './lies.testkit.ts';
import { SCENES } from './scenes.testkit.ts';
import { tamperWith } from './tamper.testkit.ts';

describe('random programs', () => {
  it.each([1, 2, 3])('keep every promise: seed %d', (seed) => {
    const { counterexample } = runCampaign({ runs: 50, seed });
    expect(counterexample === null ? '' : listing(counterexample)).toBe('');
  });

  it('are the same for the same seed, and so are their tapes', () => {
    const record = (): string[] =>
      fc.sample(programs(60), { seed: 9, numRuns: 10 }).map((program) =>
        play(program)
          .tape.segments.map((s) => s.stateHash)
          .join(),
      );
    expect(record()).toEqual(record());
  });
});

describe('each checker can fail', () => {
  const sample: readonly Program[] = fc
    .sample(programs(160, 'decider'), { seed: 6, numRuns: 30 })
    .filter(({ fine }) => fine);
  const runs = [...SCENES, ...sample].map((program) => play(program));

  it.each(SCENES)('nothing is wrong with scene %#', (scene) => {
    expect(judge(play(scene))?.message).toBeUndefined();
  });

  it('has lies for every checker', () => {
    expect(new Set(LIES.map(([name]) => name))).toEqual(new Set(CHECKERS.map(({ name }) => name)));
  });

  it.each(LIES)('%s: %s', (name, _, lie) => {
    const kinds = CHECKERS.filter((kind) => kind.name === name);
    const caught = runs.some((run) => judge(tamperWith(run, lie()), kinds)?.property === name);
    expect(caught).toBe(true);
  });
});
