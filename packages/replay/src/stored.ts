/**
 * Reading what a tape holds. The events and snapshots of a damaged or forged tape can be anything, and evolve
 * asserts what those of a whole one lead to; so what it asserts is `bad-data` here, and no bug.
 */
import { AssertionError, HeaptapeError } from '@heaptape/schema';

/** Runs a task over a tape's events or snapshots. `place` says where it is, when it fails. */
export function reading<T>(place: () => string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    if (!(error instanceof AssertionError || error instanceof RangeError)) throw error;
    throw new HeaptapeError('bad-data', `${place()}: ${error.message}`);
  }
}
