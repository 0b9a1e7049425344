/**
 * The known stream: a small real run, cut into short segments, each with the true hash of the state
 * after it, and a true snapshot after every eighth. Whatever a killed writer leaves behind is compared
 * with it, segment by segment, and can be decided again.
 *
 * It is kept as a tape of its own, which the children read: parent and child need not agree on anything
 * but that file.
 */
import { createHash } from 'node:crypto';
import { configWith, Decider, SCALAR, Snapshotter, World, WorldHasher } from '@heaptape/core';
import { createMemoryTape, openTape, openTapeWriter } from '@heaptape/log';
import { foldBatch, recordRun } from '@heaptape/replay';
import { ALLOCATES, CELLS, EventBatch } from '@heaptape/schema';
import { defineTypes, generator, graphStream, playStream } from '../bench/stream.mjs';

const ROOTS = 400;
const OPERATIONS = 24_000;
const SNAPSHOT_EVERY = 8;

/** Events `from` to `to` of a batch, as a batch of their own. */
function part(batch, from, to, cell, firstOrdinal) {
  const piece = new EventBatch(to - from);
  piece.clear(batch.firstSeq + from, firstOrdinal);
  piece.kinds = batch.kinds.slice(from, to);
  let cells = 0;
  for (const kind of piece.kinds) cells += CELLS[kind];
  piece.args = batch.args.slice(cell, cell + cells);
  piece.blob = batch.blob.slice(0, batch.blobLength);
  piece.count = to - from;
  piece.argCount = cells;
  piece.blobLength = batch.blobLength;
  return piece;
}

/** Writes the known stream to `path`. */
export function writeKnown(path, seed) {
  const whole = createMemoryTape();
  recordRun(whole, (sink, started) => {
    const decider = new Decider(configWith({ procs: 2, gcPercent: 20 }), sink);
    started(decider);
    const stream = graphStream(ROOTS, OPERATIONS, 0, seed);
    playStream(decider, defineTypes(decider), stream, 0, stream.count);
    decider.end();
    return decider;
  });
  const draw = generator(seed);
  const world = new World();
  const hasher = new WorldHasher();
  const snapshotter = new Snapshotter();
  const writer = openTapeWriter(path);
  const batch = new EventBatch();
  let ordinal = 1;
  let segments = 0;
  for (let i = 0; i < whole.segments.length; i += 1) {
    whole.readSegment(i, batch);
    let cell = 0;
    for (let from = 0; from < batch.count; ) {
      const to = Math.min(batch.count, from + 1 + draw(700));
      const piece = part(batch, from, to, cell, ordinal);
      foldBatch(world, piece, 0, piece.count);
      writer.append(piece, hasher.hash(world), world.scalars[SCALAR.timeNs]);
      segments += 1;
      if (segments % SNAPSHOT_EVERY === 0) writer.putSnapshot(snapshotter.take(world));
      for (const kind of piece.kinds) ordinal += ALLOCATES[kind];
      cell += piece.argCount;
      from = to;
    }
  }
  writer.close();
}

function contentOf(reader, index, batch) {
  reader.readSegment(index, batch);
  return createHash('sha1')
    .update(JSON.stringify(reader.segments[index]))
    .update(batch.kinds.subarray(0, batch.count))
    .update(new Uint8Array(batch.args.buffer, batch.args.byteOffset, batch.argCount * 8))
    .update(batch.blob.subarray(0, batch.blobLength))
    .digest('hex');
}

function snapshotOf(reader, seq) {
  const { control, columns } = reader.readSnapshot(seq);
  const hash = createHash('sha1').update(control);
  for (const name of Object.keys(columns).sort()) {
    hash.update(name);
    for (const chunk of columns[name]) hash.update(chunk);
  }
  return hash.digest('hex');
}

/** Digests of all segments and snapshots of a tape. */
export function digestOf(reader) {
  const batch = new EventBatch();
  return {
    segments: reader.segments.map((_, index) => contentOf(reader, index, batch)),
    snapshots: new Map(reader.snapshots.map((seq) => [seq, snapshotOf(reader, seq)])),
  };
}

/** Opens the known stream: its digests, and `append(writer, from, to)`, which writes a part of it. */
export function openKnown(path) {
  const reader = openTape(path);
  const batch = new EventBatch();
  const snapshots = new Set(reader.snapshots);
  return {
    reader,
    count: reader.segments.length,
    append(writer, index) {
      const { stateHash, endTimeNs } = reader.segments[index];
      reader.readSegment(index, batch);
      writer.append(batch, stateHash, endTimeNs);
    },
    /** Puts the snapshot that stands behind segment `index`, if any; returns whether there is one. */
    snapshot(writer, index) {
      const { firstSeq, count } = reader.segments[index];
      const seq = firstSeq + count - 1;
      if (!snapshots.has(seq)) return false;
      writer.putSnapshot(reader.readSnapshot(seq));
      return true;
    },
  };
}
