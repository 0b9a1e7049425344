/** All mutants, by name. */
import { FIGURES } from './figures.ts';
import { HEAP } from './heap.ts';
import { MARKING } from './marking.ts';
import type { Mutant } from './mutant.ts';
import { PACING } from './pacing.ts';
import { SPECIALS } from './specials.ts';

export const MUTANTS: readonly Mutant[] = [...MARKING, ...HEAP, ...SPECIALS, ...PACING, ...FIGURES];
