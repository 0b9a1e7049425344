/** A mutant is killed by the first counterexample, whatever its size. */
import fc from 'fast-check';

fc.configureGlobal({ endOnFailure: true });
