/** Tapes in memory as the page reads them: of random programs, recorded straight into frames. */
import { Decider, type RunConfig } from '@heaptape/core';
// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import { ModelProgram, type Operation } from '@heaptape/core/testkit';
import { recordRun } from '@heaptape/replay';
import { HeaptapeError, SegmentCodec, type TapeWriter } from '@heaptape/schema';
import { segmentFrame, snapshotFrame } from '../wire/frames.ts';
import type { TapeSource } from '../wire/source.ts';

/** Records a random program; every eighth operation or so ends a segment. */
export function programSource(config: RunConfig, operations: readonly Operation[]): TapeSource {
  const codec = new SegmentCodec();
  const frames: Uint8Array[] = [];
  const snapshots = new Map<number, Uint8Array>();
  const columns = {
    counts: [] as number[],
    firstOrdinals: [] as number[],
    endTimesNs: [] as number[],
    stateHashes: [] as string[],
  };
  const writer: TapeWriter = {
    get events() {
      return columns.counts.reduce((sum, count) => sum + count, 0);
    },
    append: (batch, stateHash, endTimeNs) => {
      frames.push(segmentFrame(codec.encode(batch)));
      columns.counts.push(batch.count);
      columns.firstOrdinals.push(batch.firstOrdinal);
      columns.endTimesNs.push(endTimeNs);
      columns.stateHashes.push(stateHash);
    },
    putSnapshot: (snapshot) => snapshots.set(snapshot.seq, snapshotFrame(snapshot)),
    putDocument: () => undefined,
  };
  const options = { snapshotEvery: 400 };
  recordRun(
    writer,
    (sink, started) => {
      const decider = new Decider(config, sink);
      started(decider);
      const program = new ModelProgram(decider);
      for (const operation of operations) {
        program.run(operation);
        if (operation[3] % 8 === 0) decider.flush();
      }
      decider.end();
      return decider;
    },
    options,
  );
  return {
    header: () => ({
      name: 'test.tape',
      begin: 0,
      beginNs: 0,
      damage: '',
      ...columns,
      snapshots: [...snapshots.keys()],
    }),
    segment: (index) => frames[index],
    snapshot: (seq) => {
      const frame = snapshots.get(seq);
      if (frame === undefined) throw new HeaptapeError('not-found', `no snapshot at ${seq}`);
      return frame;
    },
    document: () => undefined,
  };
}
