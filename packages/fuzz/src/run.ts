/**
 * One run: a random program is carried out and recorded, then its events are shown to the checkers.
 *
 * The simulator's own assertions count as well: property `assertion`. Its tape then ends where it broke,
 * or with the segment before, if what broke is an event that no tape can hold.
 */
import {
  type BatchSink,
  createRuntime,
  Decider,
  type MemStats,
  readMemStats,
  SCALAR,
  type World,
  WorldHasher,
  wordAlive,
} from '@heaptape/core';
import { createMemoryTape } from '@heaptape/log';
import { recordRun } from '@heaptape/replay';
import { EVENTS, type TapeReader } from '@heaptape/schema';
import type { Claims } from './checkers/checker.ts';
import { Driver } from './program/driver.ts';
import { Player } from './program/go/player.ts';
import type { Program } from './program/swarm.ts';
import { Violation } from './stream.ts';

/** Events right after which MemStats is read. */
export const READINGS: ReadonlySet<number> = new Set(
  (['GCMarkTerminated', 'PacerCommitted', 'SweepFinished', 'MemStatsRead'] as const).map(
    (name) => EVENTS[name].tag,
  ),
);

export interface Run {
  readonly tape: TapeReader;
  readonly events: number;
  /** What MemStats said after each of the events in `READINGS`. */
  readonly readings: readonly MemStats[];
  /** What the run says of itself; null when it did not get to its end. */
  readonly claims: Claims | null;
  /** What the program did, as lines of Go; empty for programs over the Decider. */
  readonly lines: readonly string[];
  /** What ended it: an assertion, or a value that the program should not have seen. */
  readonly broken: Violation | null;
}

/** Carries out a program. */
export function play(program: Program): Run {
  try {
    return program.api === 'runtime' ? playRuntime(program) : playDecider(program);
  } catch (error) {
    // The run does not even start.
    const broken = brokenBy(error, 0);
    return { tape: createMemoryTape(), events: 0, readings: [], claims: null, broken, lines: [] };
  }
}

function playDecider(program: Program): Run {
  const tape = createMemoryTape();
  const readings: MemStats[] = [];
  const failed: { error: unknown } = { error: null };
  const running: { decider: Decider | null; driver: Driver | null } = {
    decider: null,
    driver: null,
  };
  const record = (sink: BatchSink, started: (decider: Decider) => void): Decider => {
    const decider = new Decider(program.config, sink, (world, tag) => {
      if (READINGS.has(tag)) readings.push(readMemStats(world));
      running.driver?.heard(tag);
    });
    started(decider);
    running.decider = decider;
    running.driver = new Driver(decider, program.config.procs);
    try {
      act(decider, running.driver, program);
    } catch (error) {
      failed.error = error;
      flushAsFarAsPossible(decider);
    }
    return decider;
  };
  // In every fourth run, a snapshot at the end of each segment: they take time.
  const snapshotEvery = program.config.seed % 4 === 0 ? 1 : Number.POSITIVE_INFINITY;
  const { events } = recordRun(tape, record, { snapshotEvery });
  const { decider } = running;
  const broken = failed.error === null ? null : brokenBy(failed.error, events);
  if (decider === null || broken !== null)
    return { tape, events, readings, claims: null, broken, lines: [] };
  return { tape, events, readings, claims: claimsOf(decider.world, tape), broken, lines: [] };
}

/** Carries out a program over the runtime's interface. */
function playRuntime(program: Program): Run {
  const { config, fine, single } = program;
  const tape = createMemoryTape();
  const readings: MemStats[] = [];
  const hasher = new WorldHasher();
  const rt = createRuntime({
    config,
    gogc: config.gcPercent,
    memoryLimit: config.memoryLimit === 0 ? Infinity : config.memoryLimit,
    detail: fine ? 'fine' : 'coarse',
    singleSteps: single,
    sink: (batch) => tape.append(batch, hasher.hash(rt.world), rt.world.scalars[SCALAR.timeNs]),
    watcher: (world, tag) => {
      if (READINGS.has(tag)) readings.push(readMemStats(world));
    },
  });
  const player = new Player(rt, program);
  let broken: Violation | null = null;
  try {
    player.run();
    rt.end();
  } catch (error) {
    broken = brokenBy(error, rt.world.scalars[SCALAR.seq]);
    flushAsFarAsPossible(rt);
  }
  const { lines } = player.state;
  const events = rt.world.scalars[SCALAR.seq];
  if (broken !== null) return { tape, events, readings, claims: null, broken, lines };
  return { tape, events, readings, claims: claimsOf(rt.world, tape), broken, lines };
}

function claimsOf(world: World, tape: TapeReader): Claims {
  const wordOf = (ordinal: number): number => {
    const word = world.objects.wordOf(ordinal) ?? -1;
    return word >= 0 && wordAlive(world, word) ? word : -1;
  };
  return {
    memStats: readMemStats(world),
    wordOf,
    referenceAt: (word) => world.words[word] ?? 0,
    referenceOf: (root) => world.roots[root] ?? 0,
    tape,
  };
}

function act(decider: Decider, driver: Driver, program: Program): void {
  const { fine, single, operations } = program;
  if (fine) decider.setMarkDetail(true);
  if (single) decider.setMarkSteps(true);
  operations.forEach((operation, i) => {
    // The tape is cut in the middle, wherever that is: in a cycle, in a sweep.
    if (i === operations.length >> 1) decider.flush();
    driver.run(operation);
  });
  decider.end();
}

function flushAsFarAsPossible(recorder: Pick<Decider, 'flush'>): void {
  try {
    recorder.flush();
  } catch {
    // An event that cannot be written: it is what has been thrown already.
  }
}

/** Whatever is thrown is a finding: an assertion, or a refusal of what a program may do. */
function brokenBy(error: unknown, seq: number): Violation {
  if (error instanceof Violation) return error;
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Violation('assertion', seq, what);
}
