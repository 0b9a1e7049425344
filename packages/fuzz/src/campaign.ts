/**
 * A campaign: random programs from one seed, until one breaks a promise; that one is shrunk.
 *
 * 1. The same seed gives the same programs. A seed and a path name one program, the shrunk one included.
 * 2. It looks until it has had so many runs, or so many seconds, whichever comes first.
 * 3. Shrinking has a time of its own. What is smallest when it is over is the result, and the path leads
 *    to exactly that.
 */
import { assert } from '@heaptape/schema';
import fc from 'fast-check';
import type { CheckerKind } from './checkers/checker.ts';
import { CHECKERS } from './checkers/list.ts';
import { judge } from './judge.ts';
import { type Api, type Program, programs } from './program/swarm.ts';
import { play, type Run } from './run.ts';
import type { Violation } from './stream.ts';

/** Operations of the longest programs. */
export const PROGRAM_LENGTH = 120;

/** Seconds that shrinking may take. */
export const SHRINK_SECONDS = 20;

export interface CampaignOptions {
  /** Most programs. */
  readonly runs: number;
  /** Most seconds in which to look for a failure; default is as long as the runs take. */
  readonly seconds?: number;
  /** Most seconds for shrinking what was found; 0 is not at all, default `SHRINK_SECONDS`. */
  readonly shrinkSeconds?: number;
  readonly seed: number;
  /** Carries out the program that this path leads to, and no other. */
  readonly path?: string;
  /** Operations of the longest programs; default `PROGRAM_LENGTH`. */
  readonly length?: number;
  /** What the programs are written against; default is both. */
  readonly api?: Api;
  /** Checkers to show the runs to; default is all. */
  readonly checkers?: readonly CheckerKind[];
  /** Is told after each run how many runs and events there have been. */
  readonly onRun?: (runs: number, events: number) => void;
  /** Is told when a failure has been found and shrinking begins. */
  readonly onFound?: () => void;
}

export interface Counterexample {
  readonly violation: Violation;
  readonly program: Program;
  readonly run: Run;
  readonly path: string;
}

export interface Campaign {
  /** Runs before the first failure, that one included, or all of them. */
  readonly runs: number;
  /** Events of all runs, those of shrinking included. */
  readonly events: number;
  /** Time until the first failure, or until there were no more runs; and that of shrinking. */
  readonly searchSeconds: number;
  readonly shrinkSeconds: number;
  readonly counterexample: Counterexample | null;
}

const secondsSince = (begun: number): number => (performance.now() - begun) / 1000;

const bounded = (seconds: number | undefined): { interruptAfterTimeLimit?: number } =>
  seconds === undefined ? {} : { interruptAfterTimeLimit: seconds * 1000 };

export function runCampaign(options: CampaignOptions): Campaign {
  const { runs, seed, path, length = PROGRAM_LENGTH, api, checkers = CHECKERS, onRun } = options;
  let events = 0;
  let done = 0;
  const holds = (program: Program): boolean => {
    const run = play(program);
    events += run.events;
    done += 1;
    onRun?.(done, events);
    return judge(run, checkers) === null;
  };
  const property = fc.property(programs(length, api), holds);
  const begun = performance.now();
  const first = fc.check(property, {
    seed,
    endOnFailure: true,
    ...(path === undefined ? { numRuns: runs, ...bounded(options.seconds) } : { numRuns: 1, path }),
  });
  const searchSeconds = secondsSince(begun);
  if (!first.failed || first.counterexample === null) {
    return { runs: first.numRuns, events, searchSeconds, shrinkSeconds: 0, counterexample: null };
  }
  const failure = { program: first.counterexample[0], path: first.counterexamplePath ?? '0' };
  options.onFound?.();
  const shrunk = performance.now();
  const small =
    path === undefined ? shrink(property, seed, failure, options.shrinkSeconds) : failure;
  const run = play(small.program);
  const violation = judge(run, checkers);
  assert(violation !== null, 'a program that fails does so each time');
  return {
    runs: first.numRuns,
    events,
    searchSeconds,
    shrinkSeconds: secondsSince(shrunk),
    counterexample: { violation, run, ...small },
  };
}

/** A program that fails, and the way to it. */
interface Failure {
  readonly program: Program;
  readonly path: string;
}

/** The smallest program that fails that can be had from this one in the time. */
function shrink(
  property: fc.IPropertyWithHooks<[Program]>,
  seed: number,
  { program, path }: Failure,
  seconds = SHRINK_SECONDS,
): Failure {
  if (seconds === 0) return { program, path };
  const found = fc.check(property, { seed, path, numRuns: 1, ...bounded(seconds) });
  if (found.counterexample === null) return { program, path };
  return { program: found.counterexample[0], path: found.counterexamplePath ?? path };
}
