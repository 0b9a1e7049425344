/** What `replay --verify` says of a recording that was killed: how far it is decided, and where it ends. */
import { join } from 'node:path';
import { configWith, Decider, SCALAR, World, WorldHasher } from '@heaptape/core';
import { createMemoryTape, openTapeWriter } from '@heaptape/log';
import { type Cut, foldBatch, recordRun, verifyTape } from '@heaptape/replay';
import { CELLS, EventBatch, type TapeReader, type TapeWriter } from '@heaptape/schema';
import { expect, test } from 'vitest';
import { answerOf, heaptape, temporaryFolder } from './heaptape.testkit.ts';

const folder = temporaryFolder();

/** A short run: some objects in a list, and a collection. */
function shortRun(): TapeReader {
  const tape = createMemoryTape();
  recordRun(tape, (sink, started) => {
    const decider = new Decider(configWith({ procs: 1 }), sink);
    started(decider);
    const site = decider.defineSite(20_000, 16, false, 'node');
    for (let i = 0; i < 5; i += 1) decider.storeRoot(0, decider.allocate(site));
    decider.collect();
    decider.end();
    return decider;
  });
  return tape;
}

/** Writes the first `count` events. */
function write(run: TapeReader, count: number, tape: TapeWriter): void {
  const batch = new EventBatch();
  run.readSegment(0, batch);
  batch.argCount = batch.kinds.subarray(0, count).reduce((sum, kind) => sum + CELLS[kind], 0);
  batch.count = count;
  const world = new World();
  foldBatch(world, batch, 0, count);
  tape.append(batch, new WorldHasher().hash(world), world.scalars[SCALAR.timeNs]);
}

/** How the first `count` events end. */
function cutAt(run: TapeReader, count: number): Cut | null {
  const tape = createMemoryTape();
  write(run, count, tape);
  return verifyTape(tape, undefined, true).cut;
}

/** The file that a writer leaves which was killed after `count` events. */
function unfinished(run: TapeReader, count: number): string {
  const path = join(folder, `${count}.tape`);
  openTapeWriter(path).close();
  const writer = openTapeWriter(path, { appendTo: true });
  write(run, count, writer);
  writer.abort();
  return path;
}

const run = shortRun();
const counts = Array.from({ length: run.events - 1 }, (_, i) => i + 1);

test.each([
  ['inside the outcome of a command', (cut: Cut | null) => cut?.undecided === 0],
  ['before a command that was lost', (cut: Cut | null) => cut !== null && cut.undecided > 1],
])('%s', async (_, wanted) => {
  const count = counts.findLast((length) => wanted(cutAt(run, length))) ?? 0;
  expect(count).toBeGreaterThan(0);
  const path = unfinished(run, count);
  const cut = cutAt(run, count);
  expect(await answerOf(['replay', path, '--verify'])).toMatchObject({
    events: count,
    verified: true,
    firstMismatch: null,
    cut,
  });
  const { status, stdout, stderr } = await heaptape(['replay', path, '--verify']);
  expect([status, stderr]).toEqual([0, '']);
  const { command, undecided } = cut ?? { command: 0, undecided: 0 };
  const upTo = undecided === 0 ? '' : ` up to event ${count - undecided}`;
  expect(stdout.split('\n').slice(1)).toEqual([
    `verified${upTo}: decided again, every event is the same`,
    undecided === 0
      ? `the tape ends inside the outcome of its last command, event ${command}`
      : `the last ${undecided} events precede a command that was not recorded any more`,
    '',
  ]);
});
