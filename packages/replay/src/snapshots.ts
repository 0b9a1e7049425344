/** Stored snapshots against the states that the events before them lead to. */
import { Snapshotter, snapshotDifference, World } from '@heaptape/core';
import { EventBatch, type StoredSnapshot, type TapeReader } from '@heaptape/schema';
import { foldStored } from './fold.ts';

/**
 * A check for stored snapshots, to be called in ascending order: it folds the tape up to each and says
 * what differs, or nothing.
 */
export function snapshotChecker(
  reader: TapeReader,
): (stored: StoredSnapshot) => string | undefined {
  const world = new World();
  const batch = new EventBatch();
  const snapshotter = new Snapshotter();
  let next = 0;
  return (stored) => {
    while (next < reader.segments.length && reader.segments[next].firstSeq <= stored.seq) {
      reader.readSegment(next, batch);
      foldStored(world, batch, 0, batch.count);
      next += 1;
    }
    return snapshotDifference(stored, snapshotter.take(world));
  };
}
