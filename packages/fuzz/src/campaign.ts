/**
 * A campaign: so many random programs from one seed, until one breaks a promise; that one is shrunk.
 *
 * The same seed gives the same programs. A seed and a path name one program, the shrunk one included.
 */
import { assert } from '@heaptape/schema';
import fc from 'fast-check';
import type { CheckerKind } from './checkers/checker.ts';
import { CHECKERS } from './checkers/list.ts';
import { judge } from './judge.ts';
import { type Program, programs } from './program/swarm.ts';
import { play, type Run } from './run.ts';
import type { Violation } from './stream.ts';

/** Operations of the longest programs. */
export const PROGRAM_LENGTH = 120;

export interface CampaignOptions {
  readonly runs: number;
  readonly seed: number;
  /** Carries out the program that this path leads to, and no other. */
  readonly path?: string;
  /** Operations of the longest programs; default `PROGRAM_LENGTH`. */
  readonly length?: number;
  /** Checkers to show the runs to; default is all. */
  readonly checkers?: readonly CheckerKind[];
  /** Is told after each run how many runs and events there have been. */
  readonly onRun?: (runs: number, events: number) => void;
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
  readonly counterexample: Counterexample | null;
}

export function runCampaign(options: CampaignOptions): Campaign {
  const { runs, seed, path, length = PROGRAM_LENGTH, checkers = CHECKERS, onRun } = options;
  let events = 0;
  let done = 0;
  const holds = (program: Program): boolean => {
    const run = play(program);
    events += run.events;
    done += 1;
    onRun?.(done, events);
    return judge(run, checkers) === null;
  };
  const found = fc.check(fc.property(programs(length), holds), {
    seed,
    numRuns: path === undefined ? runs : 1,
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  });
  if (!found.failed || found.counterexample === null) {
    return { runs: found.numRuns, events, counterexample: null };
  }
  const [program] = found.counterexample;
  const run = play(program);
  const violation = judge(run, checkers);
  assert(violation !== null, 'a program that fails does so each time');
  const where = found.counterexamplePath ?? '0';
  return { runs: found.numRuns, events, counterexample: { violation, program, run, path: where } };
}
