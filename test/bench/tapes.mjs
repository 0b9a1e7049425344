/**
 * Tapes and row tables for the benchmarks of the log.
 *
 * The row table is the usual way to keep events in SQLite: one row an event, integer columns, ten
 * thousand rows a transaction. It is made generous to itself: it keeps three argument columns only, which
 * is all that the frequent events need, and drops what the rare ones have beyond that.
 */
import { statSync } from 'node:fs';
import { configWith, Decider, SCALAR } from '@heaptape/core';
import { openTape, openTapeWriter } from '@heaptape/log';
import { recordRun } from '@heaptape/replay';
import { CELLS, EventBatch } from '@heaptape/schema';
import Database from 'better-sqlite3';
import { stopwatch } from './measure.mjs';
import { defineTypes, graphStream, playStream } from './stream.mjs';

/** Roots for about 100,000 live objects. */
const ROOTS = 40_000;
const ROWS_A_TRANSACTION = 10_000;

/** Records the graph stream on a tape; returns the number of events. */
export function recordGraph(path, mixed) {
  const stream = graphStream(ROOTS, mixed);
  const writer = openTapeWriter(path);
  const { events } = recordRun(writer, (sink, started) => {
    const decider = new Decider(configWith({ procs: 4 }), sink);
    started(decider);
    playStream(decider, defineTypes(decider), stream, 0, stream.count);
    decider.end();
    return decider;
  });
  writer.close();
  return events;
}

/** The graph stream's event batches in memory, each with the state's hash placeholder and time. */
export function graphBatches(mixed) {
  const stream = graphStream(ROOTS, mixed);
  const batches = [];
  let decider;
  const sink = (batch) => {
    batches.push({ batch: copyOf(batch), endTimeNs: decider?.world.scalars[SCALAR.timeNs] ?? 0 });
  };
  decider = new Decider(configWith({ procs: 4 }), sink);
  playStream(decider, defineTypes(decider), stream, 0, stream.count);
  decider.end();
  return batches;
}

function copyOf(batch) {
  const copy = new EventBatch(0);
  copy.firstSeq = batch.firstSeq;
  copy.firstOrdinal = batch.firstOrdinal;
  copy.count = batch.count;
  copy.argCount = batch.argCount;
  copy.blobLength = batch.blobLength;
  copy.kinds = batch.kinds.slice(0, batch.count);
  copy.args = batch.args.slice(0, batch.argCount);
  copy.blob = batch.blob.slice(0, batch.blobLength);
  return copy;
}

/** Batches of a tape on disk, one at a time. */
export function* batchesOf(path) {
  const reader = openTape(path);
  try {
    for (let i = 0; i < reader.segments.length; i += 1) {
      const batch = new EventBatch();
      reader.readSegment(i, batch);
      yield batch;
    }
  } finally {
    reader.close();
  }
}

/**
 * Writes batches as rows, up to `limit` events. Returns rows, seconds in SQLite and bytes of the closed file;
 * taking the batches from where they come is not timed.
 */
export function writeRows(path, batches, limit = Number.POSITIVE_INFINITY) {
  let lap = stopwatch();
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  db.exec(
    'CREATE TABLE event (seq INTEGER PRIMARY KEY, kind INTEGER, a INTEGER, b INTEGER, c INTEGER)',
  );
  const insert = db.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?)');
  let rows = 0;
  let pending = 0;
  let seconds = lap();
  for (const batch of batches) {
    lap = stopwatch();
    const { kinds, args, firstSeq } = batch;
    const count = Math.min(batch.count, limit - rows);
    let at = 0;
    for (let i = 0; i < count; i += 1) {
      if (pending === 0) db.exec('BEGIN');
      const cells = CELLS[kinds[i]];
      const a = cells > 0 ? args[at] : null;
      const b = cells > 1 ? args[at + 1] : null;
      const c = cells > 2 ? args[at + 2] : null;
      insert.run(firstSeq + i, kinds[i], a, b, c);
      at += cells;
      pending += 1;
      if (pending === ROWS_A_TRANSACTION) {
        db.exec('COMMIT');
        pending = 0;
      }
    }
    rows += count;
    seconds += lap();
    if (rows >= limit) break;
  }
  lap = stopwatch();
  if (pending > 0) db.exec('COMMIT');
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  seconds += lap();
  return { rows, seconds, bytes: statSync(path).size };
}

/** Reads every row, doing nothing with it but adding up; returns rows and seconds. */
export function readRows(path) {
  const lap = stopwatch();
  const db = new Database(path, { readonly: true });
  let rows = 0;
  let sum = 0;
  for (const [seq, kind, a] of db
    .prepare('SELECT seq, kind, a, b, c FROM event ORDER BY seq')
    .raw()
    .iterate()) {
    rows += 1;
    sum += seq + kind + (a ?? 0);
  }
  db.close();
  return { rows, seconds: lap(), sum };
}
