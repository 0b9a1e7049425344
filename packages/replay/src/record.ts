/**
 * Recording: a run's batches go to a tape, each with the hash of the state after it, and a snapshot
 * now and then.
 *
 * A stored snapshot saves folding when a tape is opened somewhere in its middle, and costs bytes in the
 * file, so they are far apart; the timeline keeps denser ones in memory.
 */
import { type BatchSink, type Decider, SCALAR, Snapshotter, WorldHasher } from '@heaptape/core';
import { HeaptapeError, type TapeWriter } from '@heaptape/schema';

/** Events between stored snapshots. */
const SNAPSHOT_EVENTS = 1 << 24;

export interface RecordOptions {
  /** Events between stored snapshots; Infinity stores none. */
  readonly snapshotEvery?: number;
}

export interface Recorded {
  readonly events: number;
  readonly stateHash: string;
}

/** Carries out `run` with a sink that writes to the tape. `run` returns its decider, ended. */
export function recordRun(
  writer: TapeWriter,
  run: (sink: BatchSink, started: (decider: Decider) => void) => Decider,
  options: RecordOptions = {},
): Recorded {
  const every = options.snapshotEvery ?? SNAPSHOT_EVENTS;
  const hasher = new WorldHasher();
  const snapshotter = new Snapshotter();
  let running: Decider | null = null;
  let stateHash = '';
  let lastSnapshot = 0;
  const sink: BatchSink = (batch) => {
    if (running === null) throw new Error('a batch was recorded before the run was announced');
    const { world } = running;
    const timeNs = world.scalars[SCALAR.timeNs];
    if (timeNs > Number.MAX_SAFE_INTEGER) {
      throw new HeaptapeError('limit', `the run goes on for ${timeNs} ns; a tape holds 104 days`);
    }
    stateHash = hasher.hash(world);
    writer.append(batch, stateHash, timeNs);
    if (world.scalars[SCALAR.seq] - lastSnapshot >= every) {
      lastSnapshot = world.scalars[SCALAR.seq];
      writer.putSnapshot(snapshotter.take(world));
    }
  };
  const decider = run(sink, (started) => {
    running = started;
  });
  return { events: decider.world.scalars[SCALAR.seq], stateHash };
}
