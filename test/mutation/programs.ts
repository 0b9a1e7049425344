/**
 * Random programs under all checkers, few enough to run once a mutant. `npm run fuzz` runs many.
 */
import { listing, runCampaign } from '@heaptape/fuzz';
import { expect, it } from 'vitest';

it.each([1, 2])('random programs keep every promise: seed %d', (seed) => {
  const { counterexample } = runCampaign({ runs: 30, seed });
  expect(counterexample === null ? '' : listing(counterexample)).toBe('');
});
