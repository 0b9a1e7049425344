/**
 * All mutants. An entry of its own, `@heaptape/fuzz/mutants`, which loads nothing of the core: a bug is
 * planted before that is loaded.
 */
import { FIGURES } from './figures.ts';
import { HEAP } from './heap.ts';
import { MARKING } from './marking.ts';
import type { Mutant } from './mutant.ts';
import { PACING } from './pacing.ts';
import { SPECIALS } from './specials.ts';

export type { Mutant } from './mutant.ts';
export { plant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [...MARKING, ...HEAP, ...SPECIALS, ...PACING, ...FIGURES];

export const mutantNamed = (name: string): Mutant | undefined =>
  MUTANTS.find((mutant) => mutant.name === name);
