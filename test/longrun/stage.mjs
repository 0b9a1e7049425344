/** One stage of a long run: says on stdout, a JSON line each, how far it is and what memory it holds. */
import { configWith, Decider, SCALAR } from '@heaptape/core';
import { PerfettoWriter } from '@heaptape/formats/write';
import { openTape, openTapeWriter } from '@heaptape/log';
import { foldTape, recordRun, Timeline, TimelineTrace } from '@heaptape/replay';
import { generator } from '../bench/stream.mjs';
import { SteadyProgram } from './program.mjs';

const SAMPLE_MS = 2000;
/** Commands between looks at the clock. */
const STRIDE = 1 << 14;
const SEEKS = 60;
/** Bytes of states that a timeline may keep in memory. */
const SEEK_BUDGET = 1 << 28;

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const began = performance.now();
let sampled = began;

/** Says where a stage is, now and then or, at its end, in any case. */
function sample(done, always = false, more = {}) {
  const now = performance.now();
  if (!always && now - sampled < SAMPLE_MS) return;
  sampled = now;
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  say({ done, seconds: (now - began) / 1e3, rss, heapUsed, arrayBuffers, ...more });
}

function record({ path, events, roots, seed }) {
  const writer = openTapeWriter(path);
  let cycles = 0;
  let objects = 0;
  const recorded = recordRun(writer, (sink, started) => {
    const decider = new Decider(configWith({ procs: 4 }), sink);
    started(decider);
    const { scalars } = decider.world;
    const program = new SteadyProgram(decider, { roots, seed });
    while (scalars[SCALAR.seq] < events) {
      program.run(STRIDE);
      sample(scalars[SCALAR.seq]);
    }
    decider.end();
    cycles = scalars[SCALAR.numGC];
    objects = scalars[SCALAR.nextOrdinal] - 1;
    sample(scalars[SCALAR.seq], true);
    return decider;
  });
  writer.close();
  return { events: recorded.events, objects, cycles, hash: recorded.stateHash };
}

function fold({ path }) {
  const reader = openTape(path);
  const { hash } = foldTape(reader, reader.events, (done) => sample(done));
  sample(reader.events, true);
  reader.close();
  return { segments: reader.segments.length, hash };
}

function seek({ path, seed }) {
  const reader = openTape(path);
  const timeline = new Timeline(reader, { budgetBytes: SEEK_BUDGET });
  const draw = generator(seed);
  const times = [];
  for (let i = 0; i < SEEKS; i += 1) {
    const from = performance.now();
    timeline.seek(1 + draw(reader.events));
    times.push(performance.now() - from);
    sample(i + 1, true);
  }
  times.sort((a, b) => a - b);
  const snapshots = reader.snapshots.length;
  reader.close();
  return {
    snapshots,
    medianMs: Math.round(times[SEEKS >> 1]),
    slowestMs: Math.round(times.at(-1)),
  };
}

function check({ path }) {
  const reader = openTape(path);
  // Checking is one call: SQLite's own part first, then the segments.
  const onSnapshot = ({ seq }) => sample(seq, true);
  const report = reader.check({ onSnapshot });
  sample(reader.events, true);
  reader.close();
  return { problems: report.problems.length };
}

/** The tape as a Perfetto trace, written to nowhere. */
function draw({ path }) {
  const reader = openTape(path);
  const writer = new PerfettoWriter();
  const trace = new TimelineTrace(reader, writer, 'long');
  let bytes = 0;
  for (const [index, { firstSeq, count }] of reader.segments.entries()) {
    trace.segment(index);
    bytes += writer.take().length;
    sample(firstSeq + count - 1);
  }
  trace.finish();
  bytes += writer.take().length;
  sample(reader.events, true);
  reader.close();
  return { bytes };
}

const { name, ...options } = JSON.parse(process.argv[2]);
say({ result: { record, fold, seek, draw, check }[name](options) });
