/**
 * What is fed with hostile bytes: each importer, from bytes to the end of a simulated run, and each way to
 * look into a tape.
 *
 * A target has `seeds`, whole inputs to damage; `kinds`, alterations beside those of bytes; and `run(bytes)`,
 * which returns or throws, or resolves or rejects.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { importGctrace, importHeapDump, importTrace } from '@heaptape/cli';
import { heapProblems, World, WorldHasher } from '@heaptape/core';
import {
  ExecTraceReader,
  formatGcpacertraceLine,
  formatGctraceLine,
  formatScavtraceLine,
  HeapDumpReader,
  parseGcpacertraceLine,
  parseGctraceLine,
  parseScavtraceLine,
  sniffFormat,
} from '@heaptape/formats';
import { createMemoryTape, openTape } from '@heaptape/log';
import {
  cyclesOf,
  cycleTable,
  diffTapes,
  foldBatch,
  foldTape,
  historyOf,
  notesOf,
  objectTable,
  snapshotChecker,
  stateView,
  Timeline,
  tapeWorkload,
  verifyTape,
} from '@heaptape/replay';
import { EventBatch, HeaptapeError, SegmentCodec } from '@heaptape/schema';
import { generator } from '../bench/stream.mjs';
import { checkDump, checkImport, checkRecording } from './invariants.mjs';
import { dumpSeeds, logSeeds, segmentSeeds, smallTape, traceSeeds } from './seeds.mjs';
import { TRACE_KINDS } from './shapes/exectrace.mjs';
import { LOG_KINDS } from './shapes/gctrace.mjs';
import { DUMP_KINDS } from './shapes/heapdump.mjs';
import { TAPE_KINDS } from './shapes/tape.mjs';

/** Where this process puts its files; removed at its end. */
const folder = mkdtempSync(join(tmpdir(), 'heaptape-hostile-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const place = (name) => join(folder, name);

/** Bytes in two unequal chunks, which is what files are read in. */
function chunksOf(bytes) {
  const cut = Math.floor(bytes.length / 3);
  return [bytes.subarray(0, cut), bytes.subarray(cut)];
}

function readAll(reader, bytes) {
  for (const chunk of chunksOf(bytes)) reader.push(chunk);
  return reader.finish();
}

/** Bytes as what the command line opens. */
function sourceOf(bytes) {
  return {
    name: 'x.in',
    format: sniffFormat(bytes.subarray(0, 65536)),
    head: bytes.subarray(0, 65536),
    fileBytes: bytes.length,
    bytesRead: () => bytes.length,
    close: () => undefined,
    async *chunks() {
      yield* chunksOf(bytes);
    },
  };
}

class Nowhere extends Writable {
  _write(_chunk, _encoding, done) {
    done();
  }
}
const io = {
  env: {},
  stdin: process.stdin,
  stdout: new Nowhere(),
  stderr: new Nowhere(),
  width: Number.POSITIVE_INFINITY,
  interactive: false,
};

/** Imports onto a tape in memory, which must then be in order. */
async function imported(task) {
  const tape = createMemoryTape();
  checkImport(await task(tape), tape);
}

async function runTrace(bytes) {
  checkRecording(readAll(new ExecTraceReader(), bytes));
  await imported((tape) => importTrace(io, sourceOf(bytes), tape, {}, false));
}

async function runDump(bytes) {
  checkDump(readAll(new HeapDumpReader(), bytes));
  await imported((tape) => importHeapDump(io, sourceOf(bytes), tape, false));
}

const LINES = [
  [parseGctraceLine, formatGctraceLine],
  [parseGcpacertraceLine, formatGcpacertraceLine],
  [parseScavtraceLine, formatScavtraceLine],
];

/** What was read and printed reads the same again, and prints the same. */
function checkLine(line) {
  for (const [parse, format] of LINES) {
    const row = parse(line);
    if (row === undefined) continue;
    const printed = format(row);
    const again = parse(printed);
    if (again === undefined || format(again) !== printed)
      throw new Error(`broken: ${line.slice(0, 300)} prints as ${printed}`);
  }
}

async function runLog(bytes) {
  for (const line of bytes.toString('utf8').split('\n')) checkLine(line);
  await imported((tape) => importGctrace(sourceOf(bytes), tape));
}

/** Runs a task that may be refused. Returns what it returns. */
function allowed(task) {
  try {
    return task();
  } catch (error) {
    if (!(error instanceof HeaptapeError)) throw error;
    if (error.message === '' || error.message.includes('\n')) throw new Error('no clear line');
    return undefined;
  }
}

const drawFrom = (bytes) =>
  generator(createHash('sha1').update(bytes).digest().readUInt32LE(0) | 1);

/** Puts other files beside the tape, as SQLite would have left them, or nobody. */
function putBeside(path, bytes, draw) {
  for (const suffix of ['-wal', '-journal', '-shm']) rmSync(path + suffix, { force: true });
  if (draw(4) > 0) return;
  const garbage = Buffer.from(bytes.subarray(draw(bytes.length), draw(bytes.length)));
  const wal = Buffer.alloc(32 + 24 + 4096);
  [0x377f0682, 3007000, 4096, draw(100)].forEach((value, i) => {
    wal.writeUInt32BE(value, 4 * i);
  });
  const journal = Buffer.concat([
    Buffer.from('d9d505f920a163d7', 'hex'),
    Buffer.alloc(504),
    garbage,
  ]);
  journal.writeInt32BE(draw(3) - 1, 8);
  journal.writeUInt32BE(draw(1000), 16);
  journal.writeUInt32BE(512, 20);
  journal.writeUInt32BE(4096, 24);
  const suffix = ['-wal', '-journal', '-shm', '-wal'][draw(4)];
  writeFileSync(path + suffix, [garbage, wal, journal, Buffer.alloc(0)][draw(4)]);
}

/** Ways to look into a tape; each may be refused. */
const VIEWS = [
  cyclesOf,
  notesOf,
  (reader) => diffTapes(reader, reader),
  (reader, draw) => {
    const timeline = new Timeline(reader);
    for (let i = 0; i < 3; i += 1) {
      const seq = draw(reader.events + 1);
      JSON.stringify(stateView(timeline.seek(seq), timeline.hash()));
    }
  },
  (reader) => {
    for (const name of ['import', 'recorded', 'recorded-memstats'])
      allowed(() => reader.document(name));
  },
  (reader) => JSON.stringify(tapeWorkload(reader).recorded),
  (reader) => {
    const { columns, rows } = cycleTable(reader);
    reader.registerTable('cycles', columns, rows);
    reader.sql('SELECT * FROM cycles LIMIT 50');
  },
  (reader) => {
    const { columns, rows } = objectTable(reader);
    reader.registerTable('objects', columns, rows);
    reader.sql('SELECT * FROM objects LIMIT 50');
  },
  (reader) => reader.sql('SELECT event, count(*) FROM events GROUP BY event'),
  (reader) => historyOf(reader, 5),
];

/** A fold that succeeds and is decided again to the same events leads to a heap in order. */
function checkRun(reader) {
  const verified = allowed(() => verifyTape(reader));
  if (!verified?.verified) return;
  const [problem] = heapProblems(foldTape(reader).world);
  if (problem !== undefined) throw new Error(`broken: ${problem}`);
}

function runTape(bytes) {
  const path = place('x.tape');
  const draw = drawFrom(bytes);
  writeFileSync(path, bytes);
  putBeside(path, bytes, draw);
  const examine = draw(2) === 0;
  const reader = openTape(path, { allowDamaged: examine });
  try {
    if (examine) reader.check({ onSnapshot: snapshotChecker(reader) });
    else if (draw(3) === 0) checkRun(reader);
    else {
      foldTape(reader);
      for (let i = 0; i < 2; i += 1) allowed(() => VIEWS[draw(VIEWS.length)](reader, draw));
    }
  } finally {
    reader.close();
  }
}

/** The two halves of a segment, whose first four bytes say where the second begins. */
function decoded(bytes) {
  const split = bytes.length < 4 ? 0 : bytes.readUInt32LE(0) % (bytes.length + 1);
  return { soft: bytes.subarray(4, split), hard: bytes.subarray(split) };
}

/** A tape of one segment. */
function tapeOf(batch, readSegment) {
  const { firstSeq, firstOrdinal, count } = batch;
  return {
    events: count,
    segments: [{ firstSeq, firstOrdinal, count, endTimeNs: 0, stateHash: '0'.repeat(16) }],
    snapshots: [],
    readSegment: (_, into) => readSegment(into),
    document: () => undefined,
  };
}

/** An encoded segment whose checksums are right: what somebody forged, not what a disk damaged. */
function runSegment(bytes) {
  const encoded = decoded(bytes);
  const codec = new SegmentCodec();
  const batch = new EventBatch();
  codec.decode(encoded, batch);
  eachTask(tapeOf(batch, (into) => codec.decode(encoded, into)));
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
  for (const task of [cyclesOf, notesOf, verifyTape, foldTape, tapeWorkload])
    allowed(() => task(reader));
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

/** Events of a whole tape, of which a few have other arguments: `bytes` say which. */
function runEvents(bytes) {
  const draw = drawFrom(bytes);
  const batch = new EventBatch();
  segments ??= segmentSeeds(place('seed.tape'));
  new SegmentCodec().decode(decoded(segments[0]), batch);
  for (let i = 1 + draw(3); i > 0; i -= 1) {
    const cell = draw(batch.argCount);
    const kind = draw(8);
    if (kind < 4) batch.args[cell] = CELLS_TO_PUT[draw(CELLS_TO_PUT.length)];
    else if (kind < 6) batch.args[cell] = batch.args[draw(batch.argCount)];
    else batch.args[cell] += draw(3) - 1;
  }
  eachTask(
    tapeOf(batch, (into) => {
      for (const key of ['firstSeq', 'firstOrdinal', 'count', 'argCount', 'blobLength'])
        into[key] = batch[key];
      for (const key of ['kinds', 'args', 'blob']) into[key] = batch[key].slice();
    }),
  );
}
let segments;

/** Crashes, hangs and swells now and then: proves that the watch works. */
function runCanary(bytes) {
  if (bytes[9] === 1) throw new TypeError('planted');
  while (bytes[9] === 2);
  if (bytes[9] === 3) swollen.push(Buffer.alloc(1200 << 20, 1));
}
const swollen = [];

export const TARGETS = {
  exectrace: { seeds: traceSeeds, kinds: TRACE_KINDS, run: runTrace },
  heapdump: { seeds: dumpSeeds, kinds: DUMP_KINDS, run: runDump },
  gctrace: { seeds: logSeeds, kinds: LOG_KINDS, run: runLog },
  tape: {
    seeds: () => ['none', 'deflate'].map((compress) => smallTape(place('seed.tape'), compress)),
    kinds: TAPE_KINDS,
    run: runTape,
  },
  segment: { seeds: () => segmentSeeds(place('seed.tape')), kinds: [], run: runSegment },
  events: { seeds: () => [Buffer.alloc(64, 'events')], kinds: [], run: runEvents },
  canary: {
    seeds: () => [1, 2, 3].map((planted) => Buffer.alloc(64, planted)),
    kinds: [],
    run: runCanary,
  },
};
