/**
 * What is fed with hostile bytes: each importer, from bytes to the end of a simulated run.
 *
 * A target has `seeds`, whole inputs to damage, and `run(bytes)`, which either returns or throws. `every` some
 * case goes through the command line itself (`commands`), files, threads and messages included.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { failureOf, processIo, runProgram } from '@heaptape/cli';
import { configWith, Decider, World, WorldHasher } from '@heaptape/core';
import {
  describeRoot,
  ExecTraceReader,
  formatGctraceLine,
  HeapDumpReader,
  parseGcpacertraceLine,
  parseGctrace,
  parseScavtraceLine,
  sniffFormat,
} from '@heaptape/formats';
import { createMemoryTape, openTape, openTapeWriter } from '@heaptape/log';
import {
  calibrate,
  configFor,
  cyclesOf,
  foldBatch,
  foldTape,
  playDump,
  recordRun,
  simulate,
  snapshotChecker,
  survey,
  verifyTape,
} from '@heaptape/replay';
import { EventBatch, HeaptapeError, SegmentCodec } from '@heaptape/schema';
import { generator } from '../bench/stream.mjs';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');
const fixture = (name) => {
  const bytes = readFileSync(join(FIXTURES, name));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
};

/** Where this process puts its files; removed at its end. */
const folder = mkdtempSync(join(tmpdir(), 'heaptape-hostile-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const place = (name) => join(folder, name);

/** Pushes bytes in two unequal chunks, which is what files are read in. */
function readAll(reader, bytes) {
  const cut = Math.floor(bytes.length / 3);
  reader.push(bytes.subarray(0, cut));
  reader.push(bytes.subarray(cut));
  return reader.finish();
}

function runTrace(bytes) {
  const recording = readAll(new ExecTraceReader(), bytes);
  const surveyed = survey(recording);
  const calibration = calibrate(recording, surveyed, {});
  const { gcPercent: gogc, memoryLimit, procs, collector } = calibration.config;
  const config = configFor(calibration.config, { gogc, memoryLimit, procs, collector });
  recordRun(createMemoryTape(), (sink, onStart) =>
    simulate(recording, surveyed, calibration, { assumption: 'middle', config, sink, onStart }),
  );
}

function runDump(bytes) {
  const dump = readAll(new HeapDumpReader(), bytes);
  const config = configWith({ gcPercent: -1, procs: Math.max(1, dump.params.cpus) });
  recordRun(createMemoryTape(), (sink, started) => {
    const decider = new Decider(config, sink);
    started(decider);
    playDump(decider, dump, {
      object: () => '',
      root: (root) => describeRoot(dump, root),
      isFinalizer: () => false,
    });
    decider.end();
    return decider;
  });
}

function runLog(bytes) {
  const text = new TextDecoder().decode(bytes);
  for (const row of parseGctrace(text).rows) formatGctraceLine(row);
  for (const line of text.split('\n')) {
    parseGcpacertraceLine(line);
    parseScavtraceLine(line);
  }
}

function runTape(bytes) {
  const path = place('x.tape');
  writeFileSync(path, bytes);
  for (const allowDamaged of [true, false]) {
    const reader = openTape(path, { allowDamaged });
    try {
      reader.check({ onSnapshot: snapshotChecker(reader) });
      foldTape(reader);
    } finally {
      reader.close();
    }
  }
}

/** The two halves of a segment, whose first four bytes say where the second begins. */
function decoded(bytes) {
  const split = bytes.length < 4 ? 0 : bytes.readUInt32LE(0) % (bytes.length + 1);
  return { soft: bytes.subarray(4, split), hard: bytes.subarray(split) };
}

/** An encoded segment whose checksums are right: what somebody forged, not what a disk damaged. */
function runSegment(bytes) {
  const encoded = decoded(bytes);
  const codec = new SegmentCodec();
  const batch = new EventBatch();
  codec.decode(encoded, batch);
  const { firstSeq, firstOrdinal, count } = batch;
  const reader = {
    events: count,
    segments: [{ firstSeq, firstOrdinal, count, endTimeNs: 0, stateHash: '0'.repeat(16) }],
    snapshots: [],
    readSegment: (_, into) => codec.decode(encoded, into),
    document: () => undefined,
  };
  eachTask(reader);
}

/** Runs what reads events; where they can be folded, they get the hash that lets them be decided again. */
function eachTask(reader) {
  const world = new World();
  const batch = new EventBatch();
  reader.readSegment(0, batch);
  try {
    foldBatch(world, batch, 0, batch.count);
    reader.segments[0].stateHash = new WorldHasher().hash(world);
  } catch {
    // `foldTape` below says so as it should.
  }
  for (const task of [cyclesOf, verifyTape, foldTape]) {
    try {
      task(reader);
    } catch (error) {
      if (!(error instanceof HeaptapeError)) throw error;
    }
  }
}

/** Cells of events that somebody forged are such numbers. */
const CELLS_TO_PUT = [
  0,
  1,
  2,
  3,
  7,
  8,
  255,
  8192,
  1e6,
  2 ** 31,
  2 ** 32,
  2 ** 48,
  2 ** 53 - 1,
  -1,
  0.5,
];

/** Events of a whole tape, of which a few have other arguments or another place: `bytes` say which. */
function runEvents(bytes) {
  const draw = generator(createHash('sha1').update(bytes).digest().readUInt32LE(0) | 1);
  const batch = new EventBatch();
  new SegmentCodec().decode(decoded(segmentOf()), batch);
  for (let i = 1 + draw(3); i > 0; i -= 1) {
    const cell = draw(batch.argCount);
    const kind = draw(8);
    if (kind < 4) batch.args[cell] = CELLS_TO_PUT[draw(CELLS_TO_PUT.length)];
    else if (kind < 6) batch.args[cell] = batch.args[draw(batch.argCount)];
    else batch.args[cell] += draw(3) - 1;
  }
  const { firstSeq, firstOrdinal, count } = batch;
  const reader = {
    events: count,
    segments: [{ firstSeq, firstOrdinal, count, endTimeNs: 0, stateHash: '0'.repeat(16) }],
    snapshots: [],
    readSegment: (_, into) => {
      for (const key of ['firstSeq', 'firstOrdinal', 'count', 'argCount', 'blobLength'])
        into[key] = batch[key];
      for (const key of ['kinds', 'args', 'blob']) into[key] = batch[key].slice();
    },
    document: () => undefined,
  };
  eachTask(reader);
}

/** Crashes, hangs and swells now and then: proves that the watch works. */
function runCanary(bytes) {
  if (bytes[9] === 1) throw new TypeError('planted');
  while (bytes[9] === 2);
  if (bytes[9] === 3) swollen.push(Buffer.alloc(1200 << 20, 1));
}
const swollen = [];

class Kept extends Writable {
  text = '';

  _write(chunk, _encoding, done) {
    this.text += chunk;
    done();
  }
}

/** Runs a command line; throws what is not a refusal as promised. */
async function command(args) {
  const io = {
    ...processIo(),
    env: {},
    stdout: new Kept(),
    stderr: new Kept(),
    interactive: false,
  };
  try {
    await runProgram(args, io);
  } catch (error) {
    if (!(error instanceof HeaptapeError)) throw error;
    const { line } = failureOf(error);
    if (line.includes('\n') || line === '') throw new Error(`no clear line: ${line}`);
  }
}

async function importing(bytes, format) {
  writeFileSync(place('x.in'), bytes);
  sniffFormat(bytes.subarray(0, 65536));
  rmSync(place('x.tape'), { force: true });
  await command(['import', place('x.in'), '-o', place('x.tape'), '--json', '--format', format]);
}

async function tapeCommands(bytes) {
  writeFileSync(place('x.tape'), bytes);
  const tape = place('x.tape');
  await command(['check', tape, '--json']);
  await command(['replay', tape, '--json', '--verify']);
  await command(['state', tape, '--json', '--at', '500']);
  await command(['sql', tape, 'SELECT * FROM cycles', '--json']);
}

/** A small tape with snapshots, whole. */
function smallTape(compress) {
  const writer = openTapeWriter(place('seed.tape'), { compress });
  const recording = readAll(new ExecTraceReader(), fixture('traces/small.trace.gz'));
  const surveyed = survey(recording);
  const calibration = calibrate(recording, surveyed, {});
  const run = (sink, onStart) =>
    simulate(recording, surveyed, calibration, {
      assumption: 'middle',
      config: calibration.config,
      sink,
      onStart,
    });
  recordRun(writer, run, { snapshotEvery: 1 });
  writer.close();
  return readFileSync(place('seed.tape'));
}

function segmentSeeds() {
  writeFileSync(place('seed.tape'), smallTape('none'));
  const reader = openTape(place('seed.tape'));
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

let first;
function segmentOf() {
  first ??= segmentSeeds()[0];
  return first;
}

export const TARGETS = {
  exectrace: {
    every: 50,
    seeds: () => {
      const whole = fixture('traces/small.trace.gz');
      return [whole, whole, fixture('traces/compile-regexp.trace.gz').subarray(0, 300_000)];
    },
    run: runTrace,
    commands: (bytes) => importing(bytes, 'exectrace'),
  },
  heapdump: {
    every: 50,
    seeds: () => [fixture('heapdump/graph.heapdump.gz')],
    run: runDump,
    commands: (bytes) => importing(bytes, 'heapdump'),
  },
  gctrace: {
    every: 50,
    seeds: () => [
      fixture('gctrace/esbuild-0.28-watch-gogc100-go1.26.gctrace.log'),
      fixture('gctrace/tsc-7.0-gogc100.gctrace.log'),
      fixture('traces/compile-regexp.gctrace.log'),
    ],
    run: runLog,
    commands: (bytes) => importing(bytes, 'gctrace'),
  },
  tape: {
    every: 50,
    seeds: () => [smallTape('none'), smallTape('deflate')],
    run: runTape,
    commands: tapeCommands,
  },
  segment: { seeds: segmentSeeds, run: runSegment },
  events: { seeds: () => [Buffer.alloc(64, 'events')], run: runEvents },
  canary: {
    seeds: () => [1, 2, 3].map((planted) => Buffer.alloc(64, planted)),
    run: runCanary,
  },
};
