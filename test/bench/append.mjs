/**
 * `append`: events a second from memory to a closed tape, encoding and compression included, against one
 * row an event in SQLite. Both with the write-ahead log at synchronous=NORMAL, both closed to a single file.
 * `bytes-per-event`: what the graph stream then takes on disk; `bytes-per-event-trace`: an imported recording.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { openTapeWriter } from '@heaptape/log';
import { importFile, shippedTrace } from './import-path.mjs';
import { inChild, medianOf, rounds, stopwatch } from './measure.mjs';
import { batchesOf, graphBatches, writeRows } from './tapes.mjs';

/** Append does not compute state hashes; it stores what it is given. */
const STATE_HASH = '0123456789abcdef';
const WARM_UP_BATCHES = 24;

function writeTape(path, batches) {
  const lap = stopwatch();
  const writer = openTapeWriter(path);
  let events = 0;
  for (const { batch, endTimeNs } of batches) {
    writer.append(batch, STATE_HASH, endTimeNs);
    events += batch.count;
  }
  writer.close();
  return { events, seconds: lap() };
}

const ours = ({ path, mixed }) => {
  const batches = graphBatches(mixed);
  writeTape(`${path}.warm`, batches.slice(0, WARM_UP_BATCHES));
  const { events, seconds } = writeTape(path, batches);
  return { events, rate: events / seconds, perEvent: statSync(path).size / events };
};

const rows = ({ path, mixed }) => {
  const batches = graphBatches(mixed).map(({ batch }) => batch);
  writeRows(`${path}.warm`, batches.slice(0, 2));
  const { rows: count, seconds, bytes } = writeRows(path, batches);
  return { events: count, rate: count / seconds, perEvent: bytes / count };
};

/** Imports a recording, then writes the tape's events as rows too. */
const trace = async ({ file, path }) => {
  const { events } = await importFile(file, path);
  const table = writeRows(`${path}.rows`, batchesOf(path));
  return { events, perEvent: statSync(path).size / events, rowsPerEvent: table.bytes / table.rows };
};

export const append = {
  names: ['append', 'bytes-per-event', 'bytes-per-event-trace'],
  tasks: { ours, rows, trace },
  async run({ quick, folder }) {
    const mixed = quick ? 500_000 : 2_500_000;
    const count = quick ? 1 : 3;
    let file = 0;
    const path = (suffix) => join(folder, `append-${++file}.${suffix}`);
    const of = await rounds(count, {
      ours: () => inChild('append', 'ours', { path: path('tape'), mixed }),
      rows: () => inChild('append', 'rows', { path: path('db'), mixed: quick ? mixed : mixed / 4 }),
    });
    const imported = await inChild('append', 'trace', {
      file: shippedTrace(folder),
      path: path('tape'),
    });
    const events = `${medianOf(of.ours, 'events')} events`;
    return [
      {
        name: 'append',
        value: medianOf(of.ours, 'rate'),
        unit: 'events/s',
        baseline: medianOf(of.rows, 'rate'),
        target: { ratio: 8 },
        note: `${events}, closing included on both sides`,
      },
      {
        name: 'bytes-per-event',
        value: medianOf(of.ours, 'perEvent'),
        unit: 'bytes',
        baseline: medianOf(of.rows, 'perEvent'),
        target: { max: 3.5 },
        note: `graph stream, ${events}, whole file`,
      },
      {
        name: 'bytes-per-event-trace',
        value: imported.perEvent,
        unit: 'bytes',
        baseline: imported.rowsPerEvent,
        target: { max: 1.2 },
        note: `the shipped recording, ${imported.events} events, whole file`,
      },
    ];
  },
};
