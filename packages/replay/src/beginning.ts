/**
 * Where a tape begins: with event 1 and an empty heap or, where it was cut out of a longer one, in the
 * midst of a run.
 *
 * 1. A cut keeps the numbers of events and objects of the whole tape, so places mean the same on both.
 * 2. It has a snapshot of the state before its first event, which is what folding starts from. Objects
 *    that were dead by then are unknown.
 * 3. What a whole tape says in its first events, and folding needs, is in its document `cut`.
 */
import { SCALAR, Snapshotter, World, WorldHasher } from '@heaptape/core';
import { decodeUtf8, EVENTS, EventBatch, HeaptapeError, type TapeReader } from '@heaptape/schema';
import { reading } from './stored.ts';

/** The document `cut` of a tape that was cut out of a longer one. */
export interface CutDocument {
  /** Virtual time before the first event, ns. */
  readonly timeNs: number;
  /** Hash of the state there. */
  readonly stateHash: string;
  /** The run's settings, as its first event has them. */
  readonly config: string;
  /** Names that roots were given before: event, root, name. */
  readonly rootNames: readonly (readonly [seq: number, root: number, name: string])[];
}

/** Events of the run before the first one of the tape: 0 but for a cut. */
export const beginningOf = ({ segments }: TapeReader): number =>
  segments.length === 0 ? 0 : segments[0].firstSeq - 1;

/** What a cut says of what was before it; null for a whole tape. Throws `bad-data`. */
export function cutOf(reader: TapeReader): CutDocument | null {
  if (beginningOf(reader) === 0) return null;
  const found = reader.document('cut');
  if (typeof found === 'object' && found !== null) return found as CutDocument;
  throw new HeaptapeError('bad-data', 'the tape begins in the midst of a run and says not how');
}

/** Puts a new world to the state before the first event. Throws `bad-data`. */
export function begin(reader: TapeReader, world: World): void {
  const seq = beginningOf(reader);
  const cut = cutOf(reader);
  if (cut === null) return;
  const stored = reader.readSnapshot(seq);
  const hash = reading(
    () => `the snapshot at event ${seq}`,
    () => {
      new Snapshotter().restore(stored, world);
      return new WorldHasher().hash(world);
    },
  );
  if (world.scalars[SCALAR.seq] === seq && hash === cut.stateHash) return;
  throw new HeaptapeError('bad-data', 'the state that the cut begins with is not what it was');
}

/** A world in the state before the first event. */
export function worldAtBeginning(reader: TapeReader): World {
  const world = new World();
  begin(reader, world);
  return world;
}

/** The run's settings, JSON. Throws `bad-data`. */
export function configText(reader: TapeReader): string {
  const cut = cutOf(reader);
  if (cut !== null) return cut.config;
  const batch = new EventBatch();
  if (reader.segments.length > 0) reader.readSegment(0, batch);
  if (batch.count === 0 || batch.kinds[0] !== EVENTS.RunStarted.tag) {
    throw new HeaptapeError('bad-data', 'the tape does not begin with RunStarted');
  }
  return decodeUtf8(batch.blob.subarray(batch.args[0], batch.args[0] + batch.args[1]));
}
