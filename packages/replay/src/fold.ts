/**
 * Folding: a tape's events, in order, into a state. The fast replay: nothing is decided.
 */
import { evolve, SCALAR, type World, WorldHasher } from '@heaptape/core';
import { CELLS, EventBatch, HeaptapeError, type TapeReader } from '@heaptape/schema';
import { worldAtBeginning } from './beginning.ts';
import { reading } from './stored.ts';

/** Told now and then how many events are done. */
export type Progress = (done: number, total: number) => void;

export interface Folded {
  readonly world: World;
  readonly hash: string;
}

/** Folds events `from` to `to` (indices within the batch) into a world. */
export function foldBatch(world: World, batch: EventBatch, from: number, to: number): void {
  const { kinds } = batch;
  let at = 0;
  for (let i = 0; i < from; i += 1) at += CELLS[kinds[i]];
  for (let i = from; i < to; i += 1) {
    const kind = kinds[i];
    evolve(world, kind, batch, at);
    at += CELLS[kind];
  }
}

/** Folds events of a tape, as `foldBatch`; what is impossible about them is `bad-data`. */
export function foldStored(world: World, batch: EventBatch, from: number, to: number): void {
  const place = () => `event ${world.scalars[SCALAR.seq]}`;
  reading(place, () => foldBatch(world, batch, from, to));
}

/**
 * Folds a tape up to event `to` (all of it when left out). Every segment's state hash is compared with
 * the stored one; a difference is `bad-data` and names the segment.
 */
export function foldTape(
  reader: TapeReader,
  to: number = reader.events,
  onProgress?: Progress,
): Folded {
  const world = worldAtBeginning(reader);
  const hasher = new WorldHasher();
  const batch = new EventBatch();
  let hash = hasher.hash(world);
  for (let i = 0; i < reader.segments.length; i += 1) {
    const segment = reader.segments[i];
    if (segment.firstSeq > to) break;
    reader.readSegment(i, batch);
    const count = Math.min(batch.count, to - segment.firstSeq + 1);
    foldStored(world, batch, 0, count);
    hash = hasher.hash(world);
    if (count === batch.count && hash !== segment.stateHash) {
      const last = segment.firstSeq + segment.count - 1;
      throw new HeaptapeError(
        'bad-data',
        `events ${segment.firstSeq} to ${last} lead to state ${hash}, the tape says ${segment.stateHash}`,
      );
    }
    onProgress?.(world.scalars[SCALAR.seq], to);
  }
  return { world, hash };
}
