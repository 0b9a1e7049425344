/**
 * Replay equality: the tape's events fold into the state whose hash was recorded, and its commands,
 * decided again, give the same events. A stored snapshot restores the state that was recorded there. This one,
 * unlike the others, runs the simulator once more.
 */
import { Snapshotter, World, WorldHasher } from '@heaptape/core';
import { type Mismatch, verifyTape } from '@heaptape/replay';
import { AssertionError, HeaptapeError, type TapeReader } from '@heaptape/schema';
import type { Model } from '../model/model.ts';
import { Violation } from '../stream.ts';
import type { Checker, Claims } from './checker.ts';

const NAME = 'replay';

export const replay = (): Checker => ({
  name: NAME,
  finish(_: Model, { tape }: Claims, seq: number): void {
    checkSnapshots(tape);
    const mismatch = mismatchOf(tape, seq);
    if (mismatch === null) return;
    const { seq: at, what, want, got } = mismatch;
    throw new Violation(NAME, at, `${what}: recorded ${want}, decided again ${got}`);
  },
});

function checkSnapshots(tape: TapeReader): void {
  for (const seq of tape.snapshots) {
    const segment = tape.segments.find(({ firstSeq, count }) => firstSeq + count - 1 === seq);
    const world = new World();
    new Snapshotter().restore(tape.readSnapshot(seq), world);
    const restored = new WorldHasher().hash(world);
    if (restored === segment?.stateHash) continue;
    const want = segment?.stateHash ?? 'the end of a segment';
    throw new Violation(NAME, seq, `a snapshot restores ${restored}, recorded was ${want}`);
  }
}

/** The first difference, or null; a tape that does not even fold is one. */
function mismatchOf(tape: TapeReader, seq: number): Mismatch | null {
  try {
    return verifyTape(tape).firstMismatch;
  } catch (error) {
    if (!(error instanceof HeaptapeError || error instanceof AssertionError)) throw error;
    throw new Violation(NAME, seq, error.message);
  }
}
