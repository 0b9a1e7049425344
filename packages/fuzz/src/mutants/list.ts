/**
 * All mutants, by name.
 *
 * Left out, because nobody can see them from outside:
 *
 * 1. A special made while marking is not marked from. Stores to roots pass the write barrier here, so what a
 *    program can attach a special to, and what that leads to, is marked in any case.
 * 2. The object whose allocation starts a cycle is no root of it. The program's next step puts it into a root,
 *    through the barrier, or leaves it for garbage.
 * 3. Refills look at another number of unswept spans, or the background sweeper goes through the classes in
 *    another order: everything is swept in time all the same.
 * 4. Ps keep their work buffers at the ragged barrier: the world finds them when it stops, again and again, and
 *    marking never ends. `ragged-barrier-hears-nothing` is the same mistake with an end.
 * 5. A stack that was left is not given back: that is memory that nobody asks for again, as any cache has it.
 */
import { FIGURES } from './figures.ts';
import { HEAP } from './heap.ts';
import { MARKING } from './marking.ts';
import type { Mutant } from './mutant.ts';
import { PACING } from './pacing.ts';
import { SPECIALS } from './specials.ts';

export const MUTANTS: readonly Mutant[] = [...MARKING, ...HEAP, ...SPECIALS, ...PACING, ...FIGURES];
