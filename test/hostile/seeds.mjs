/**
 * Whole inputs to damage: small, so that a case is cheap, and rich, so that there is much to damage.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SCALAR, Snapshotter, World, WorldHasher } from '@heaptape/core';
import { ExecTraceReader } from '@heaptape/formats';
import { createMemoryTape, openTape, openTapeWriter } from '@heaptape/log';
import {
  calibrate,
  foldBatch,
  recordedFigures,
  recordRun,
  simulate,
  survey,
} from '@heaptape/replay';
import { argOffsets, EventBatch, SegmentCodec, specOfTag } from '@heaptape/schema';
import { OTHER_LOG } from './shapes/gctrace.mjs';
import { thinnedDump } from './shapes/heapdump.mjs';
import { madeTrace, thinned } from './shapes/madetrace.mjs';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const fixture = (name) => {
  const bytes = readFileSync(join(FIXTURES, name));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
};

export const traceSeeds = () => [
  thinned(fixture('traces/small.trace.gz'), 16),
  madeTrace('1.23'),
  madeTrace('1.25'),
  madeTrace('1.26'),
];

export const dumpSeeds = () => {
  const whole = fixture('heapdump/graph.heapdump.gz');
  return [thinnedDump(whole, 120), thinnedDump(whole, 24)];
};

export const logSeeds = () => [
  fixture('gctrace/tsc-7.0-gogc100.gctrace.log'),
  fixture('gctrace/esbuild-0.28-watch-gogc100-go1.26.gctrace.log').subarray(0, 900),
  Buffer.concat([
    Buffer.from(OTHER_LOG),
    fixture('gctrace/esbuild-0.27-watch-gogc100-go1.25.gctrace.log').subarray(0, 500),
  ]),
];

/** Events `from` to `to` of a batch as a batch of their own. */
function part(batch, offsets, from, to, firstOrdinal) {
  const piece = new EventBatch(to - from);
  piece.clear(batch.firstSeq + from, firstOrdinal);
  for (let i = from; i < to; i += 1) {
    const cells = [...batch.args.subarray(offsets[i], offsets[i + 1])];
    let cell = 0;
    for (const { wire } of specOfTag(batch.kinds[i]).fields) {
      if (wire === 'bytes')
        cells[cell] = piece.putBlob(
          batch.blob.subarray(cells[cell], cells[cell] + cells[cell + 1]),
        );
      cell += wire === 'bytes' ? 2 : 1;
    }
    piece.push(batch.kinds[i], cells);
  }
  return piece;
}

const SEGMENT_EVENTS = 150;

/** A small tape, with segments of a few events and a snapshot behind each third. */
export function smallTape(path, compress) {
  const whole = createMemoryTape();
  const decider = simulatedOnto(whole, madeTrace('1.26'));
  const writer = openTapeWriter(path, { compress });
  const world = new World();
  const hasher = new WorldHasher();
  const snapshotter = new Snapshotter();
  const batch = new EventBatch();
  for (let index = 0; index < whole.segments.length; index += 1) {
    whole.readSegment(index, batch);
    const offsets = argOffsets(batch);
    for (let from = 0; from < batch.count; from += SEGMENT_EVENTS) {
      const to = Math.min(batch.count, from + SEGMENT_EVENTS);
      const piece = part(batch, offsets, from, to, world.scalars[SCALAR.nextOrdinal]);
      foldBatch(world, batch, from, to);
      writer.append(piece, hasher.hash(world), world.scalars[SCALAR.timeNs]);
      if ((from / SEGMENT_EVENTS) % 3 === 1) writer.putSnapshot(snapshotter.take(world));
    }
  }
  const cycles = [{ n: 1, startNs: 0, endNs: 9, heapAtStart: 1, heapAtMarkEnd: 2, heapMarked: 1 }];
  writer.putDocument('import', { format: 'exectrace', cycles, warnings: [], settings: null });
  writer.putDocument('recorded', decider.figures);
  writer.close();
  const bytes = readFileSync(path);
  rmSync(path);
  return bytes;
}

function simulatedOnto(tape, bytes) {
  const reader = new ExecTraceReader();
  reader.push(bytes);
  const recording = reader.finish();
  const surveyed = survey(recording);
  const calibration = calibrate(recording, surveyed, {});
  const { config } = calibration;
  recordRun(tape, (sink, onStart) =>
    simulate(recording, surveyed, calibration, { assumption: 'middle', config, sink, onStart }),
  );
  return { figures: recordedFigures(recording, calibration) };
}

/** The segments of a tape as bytes: where the second half begins, and both halves. */
export function segmentSeeds(path) {
  writeFileSync(path, smallTape(path, 'none'));
  const reader = openTape(path);
  const batch = new EventBatch();
  const seeds = reader.segments.map((_, index) => {
    reader.readSegment(index, batch);
    const { soft, hard } = new SegmentCodec().encode(batch);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(4 + soft.length);
    return Buffer.concat([head, soft, hard]);
  });
  reader.close();
  return seeds;
}
