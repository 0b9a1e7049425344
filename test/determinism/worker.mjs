/**
 * Makes runs and says the digests of their tapes, a JSON line each. Started by `run.mjs`, under one Node and one
 * environment.
 *
 * Three kinds in turn: a random program on a decider, a random program of the runtime, and one of the former
 * with a what-if of its tape. `stream` digests events as encoded, state hashes, a snapshot of the end and the
 * what-if's answer; `tape` digests the bytes of the closed file, where this Node has SQLite.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Snapshotter } from '@heaptape/core';
import { play, programs } from '@heaptape/fuzz';
import { createMemoryTape, openTapeWriter, openThreadedTapeWriter } from '@heaptape/log';
import { configOf, foldTape, recordRun, tapeWorkload, verifyTape, whatIf } from '@heaptape/replay';
import { EventBatch, SegmentCodec } from '@heaptape/schema';
import fc from 'fast-check';
import { playRuntime } from './runtimeprogram.mjs';

const KINDS = ['program', 'runtime', 'whatif'];
const PROGRAM_LENGTH = 120;
const VERIFY_EVERY = 16;

/** A binding beside the binary is this Node's own. */
function useOwnBinding() {
  const own = join(dirname(process.execPath), 'better_sqlite3.node');
  if (!existsSync(own)) return;
  const { dlopen } = process;
  process.dlopen = (module, path, ...rest) =>
    Reflect.apply(dlopen, process, [
      module,
      path.endsWith('better_sqlite3.node') ? own : path,
      ...rest,
    ]);
}

/** Clocks that are years off, and other dice: whoever reads them gives himself away. */
function shiftClocks() {
  const years = 1e11;
  const { now } = Date;
  Date.now = () => now() + years;
  const tick = performance.now.bind(performance);
  performance.now = () => tick() * 3 + years;
  Reflect.set(Math, 'random', () => 0.25);
}

function programTape(seed) {
  const [program] = fc.sample(programs(PROGRAM_LENGTH), { seed, numRuns: 1 });
  const { tape, broken } = play(program);
  if (broken !== null) throw new Error(`seed ${seed}: ${broken.message}`);
  return tape;
}

function runtimeTape(seed) {
  const tape = createMemoryTape();
  recordRun(tape, (sink, started) => {
    const running = { decider: null };
    playRuntime(seed, sink, (rt) => {
      running.decider = { world: rt.world };
      started(running.decider);
    });
    return running.decider;
  });
  return tape;
}

const SCENARIOS = [
  { gogc: 50, memoryLimit: 0, procs: 2, collector: 'classic' },
  { gogc: 400, memoryLimit: 0, procs: 4, collector: 'greentea', compact: true },
];

/** The answer, or the refusal: a program may go another way under other settings. */
function answerOf(tape) {
  try {
    return JSON.stringify(whatIf(tapeWorkload(tape), SCENARIOS));
  } catch (error) {
    if (error.code === undefined) throw error;
    return `${error.code}: ${error.message}`;
  }
}

/** Digest of what a tape says, whatever it is kept in. */
function digestStream(tape, snapshot, answer) {
  const hash = createHash('sha256');
  const batch = new EventBatch();
  const codec = new SegmentCodec();
  for (const [i, { stateHash, endTimeNs }] of tape.segments.entries()) {
    tape.readSegment(i, batch);
    const { soft, hard } = codec.encode(batch);
    hash
      .update(`${stateHash} ${endTimeNs} ${soft.length} ${hard.length} `)
      .update(soft)
      .update(hard);
  }
  hash.update(snapshot.control);
  for (const [name, chunks] of Object.entries(snapshot.columns)) {
    hash.update(name);
    for (const chunk of chunks) hash.update(chunk);
  }
  return hash.update(answer).digest('hex');
}

/** Digest of the closed file. */
function digestFile(tape, snapshot, path, threaded) {
  const writer = threaded ? openThreadedTapeWriter(path) : openTapeWriter(path);
  const batch = new EventBatch();
  for (const [i, { stateHash, endTimeNs }] of tape.segments.entries()) {
    tape.readSegment(i, batch);
    writer.append(batch, stateHash, endTimeNs);
  }
  writer.putSnapshot(snapshot);
  writer.putDocument('config', configOf(tape));
  writer.close();
  const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
  rmSync(path);
  return digest;
}

/** Makes runs `from` to `to`. */
function makeRuns({ from, to, seed, threaded, planted, files }) {
  const folder = mkdtempSync(join(tmpdir(), 'heaptape-same-'));
  let sqlite = files;
  for (let run = from; run < to; run += 1) {
    const kind = KINDS[run % KINDS.length];
    const chance = planted ? process.pid : 0;
    const own = (Math.imul(seed, 1_000_003) + run + chance) | 0;
    const tape = kind === 'runtime' ? runtimeTape(own) : programTape(own);
    const { world } = foldTape(tape);
    const snapshot = new Snapshotter().take(world);
    const answer = kind === 'whatif' ? answerOf(tape) : '';
    if (run % VERIFY_EVERY === 0 && !verifyTape(tape).verified)
      throw new Error(`run ${run}: not verified`);
    const stream = digestStream(tape, snapshot, answer);
    let file = '';
    if (sqlite) {
      try {
        file = digestFile(tape, snapshot, join(folder, `${run}.tape`), threaded);
      } catch (error) {
        if (error.code !== 'ERR_DLOPEN_FAILED') throw error;
        sqlite = false;
      }
    }
    process.stdout.write(
      `${JSON.stringify({ run, kind, events: tape.events, stream, tape: file })}\n`,
    );
  }
  rmSync(folder, { recursive: true });
}

const options = JSON.parse(process.argv[2]);
useOwnBinding();
if (options.shifted) shiftClocks();
makeRuns(options);
