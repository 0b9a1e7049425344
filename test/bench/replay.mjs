/**
 * `replay`: events a second folding a tape from disk into live state, every segment's state hash compared, against
 * iterating over the same events as rows in SQLite without folding anything. `replay-trace`: the
 * same for an imported recording.
 *
 * Each process goes over its file twice and the second pass counts, so that neither side's figure is its
 * compiler's; the notes give the first pass too.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openTape } from '@heaptape/log';
import { foldTape } from '@heaptape/replay';
import { largestTrace } from './import.mjs';
import { importFile } from './import-path.mjs';
import { inChild, medianOf, rounds, stopwatch } from './measure.mjs';
import { batchesOf, readRows, recordGraph, writeRows } from './tapes.mjs';

const ROWS = 1_000_000;

const graph = ({ path, mixed }) => {
  const events = recordGraph(path, mixed);
  writeRows(`${path}.rows`, batchesOf(path), ROWS);
  return { events };
};

const trace = async ({ path, file }) => {
  const { events } = await importFile(file, path);
  writeRows(`${path}.rows`, batchesOf(path), ROWS);
  return { events };
};

const fold = ({ path }) => {
  const rates = [0, 0].map(() => {
    const lap = stopwatch();
    const reader = openTape(path);
    foldTape(reader);
    const rate = reader.events / lap();
    reader.close();
    return rate;
  });
  return { rate: rates[1], first: rates[0] };
};

const rows = ({ path }) => {
  const rates = [0, 0].map(() => {
    const { rows: count, seconds } = readRows(`${path}.rows`);
    return count / seconds;
  });
  return { rate: rates[1], first: rates[0] };
};

async function compare(name, target, make, path, quick) {
  const { events } = existsSync(path) ? { events: 0 } : await make();
  const of = await rounds(quick ? 1 : 3, {
    ours: () => inChild('replay', 'fold', { path }),
    rows: () => inChild('replay', 'rows', { path }),
  });
  const first = medianOf(of.ours, 'first') / 1e6;
  return {
    name,
    value: medianOf(of.ours, 'rate'),
    unit: 'events/s',
    baseline: medianOf(of.rows, 'rate'),
    target,
    note: `${events} events, hashes compared; first pass of a process ${first.toFixed(1)} M events/s`,
  };
}

export const replay = {
  names: ['replay', 'replay-trace'],
  tasks: { graph, trace, fold, rows },
  async run({ quick, folder }) {
    const mixed = quick ? 800_000 : 4_000_000;
    const graphTape = join(folder, 'replay-graph.tape');
    const traceTape = join(folder, 'replay-trace.tape');
    const makeGraph = () => inChild('replay', 'graph', { path: graphTape, mixed });
    const file = largestTrace(folder);
    const makeTrace = () => inChild('replay', 'trace', { path: traceTape, file });
    return [
      await compare('replay', { ratio: 4 }, makeGraph, graphTape, quick),
      await compare('replay-trace', { ratio: 12 }, makeTrace, traceTape, quick),
    ];
  },
};
