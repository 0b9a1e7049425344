/**
 * `import`: bytes and events a second from trace file to closed tape, against the reader of
 * `golang.org/x/exp/trace` only reading the same file. Uncompressed files on both sides, fresh processes, no
 * warming up: a process imports one file and ends, and so does this one.
 *
 * It takes the largest traces it is given: those in the folder that HEAPTAPE_TRACES names (`*.trace`,
 * `*.trace.gz`), otherwise the recording that ships with the project, which is over before the
 * code is compiled well. `import-shipped` is always the latter.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { goProgram } from './go.mjs';
import { countTraceEvents, importFile, shippedTrace, unpacked } from './import-path.mjs';
import { inChild, median, medianOf, rounds, runJson, stopwatch } from './measure.mjs';

const LARGE_TRACES = 3;

/** Traces of HEAPTAPE_TRACES, unpacked, largest first. */
function givenTraces(folder) {
  const from = process.env.HEAPTAPE_TRACES;
  if (!from) return [];
  return readdirSync(from)
    .filter((name) => /\.trace(\.gz)?$/.test(name))
    .map((name) =>
      name.endsWith('.gz')
        ? unpacked(join(from, name), name.slice(0, -3), folder)
        : join(from, name),
    )
    .sort((a, b) => statSync(b).size - statSync(a).size)
    .slice(0, LARGE_TRACES);
}

/** The largest trace at hand. */
export function largestTrace(folder) {
  return givenTraces(folder)[0] ?? shippedTrace(folder);
}

/** Imports the file and says how fast that went. */
export const ours = async ({ file, path }) => {
  const lap = stopwatch();
  await importFile(file, path);
  const seconds = lap();
  const peak = process.resourceUsage().maxRSS * 1024;
  return { seconds, rate: statSync(file).size / seconds / 1e6, peak };
};

const count = async ({ file }) => ({ events: await countTraceEvents(file) });

async function compare(name, files, program, { quick, folder }) {
  const sides = [];
  for (const file of files) {
    const path = join(folder, 'import.tape');
    const go = () => runJson(program.path, [file]);
    const of = await rounds(quick ? 1 : 3, {
      ours: () => inChild('import', 'ours', { file, path }),
      go: program.path ? go : undefined,
    });
    const { events } = await inChild('import', 'count', { file });
    sides.push({
      value: medianOf(of.ours, 'rate'),
      events: events / medianOf(of.ours, 'seconds'),
      baseline: medianOf(of.go, 'rate'),
      bytes: statSync(file).size,
    });
  }
  const of = (field) => median(sides.map((side) => side[field]));
  const sizes = sides.map(({ bytes }) => `${(bytes / 1e6).toFixed(1)} MB`).join(', ');
  const note = `${sizes}; ${(of('events') / 1e6).toFixed(2)} M trace events/s`;
  return {
    name,
    value: of('value'),
    unit: 'MB/s',
    baseline: program.path ? of('baseline') : null,
    target: { ratio: 0.8 },
    note: program.note ? `${note}; ${program.note}` : note,
  };
}

export const importing = {
  names: ['import', 'import-shipped'],
  tasks: { ours, count },
  async run({ quick, folder }) {
    const program = goProgram('benchreader', folder);
    const shipped = [shippedTrace(folder)];
    const given = givenTraces(folder);
    const small = await compare('import-shipped', shipped, program, { quick, folder });
    if (given.length === 0 || quick) return [{ ...small, name: 'import' }, small];
    return [await compare('import', given, program, { quick, folder }), small];
  },
};
