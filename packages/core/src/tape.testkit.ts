/** Tapes in memory for tests: segments as bytes, with the state hash at the end of each. */
import {
  CELLS,
  type EncodedSegment,
  EventBatch,
  SEGMENT_EVENTS,
  SegmentCodec,
} from '@heaptape/schema';
import type { RunConfig } from './control.ts';
import { Decider } from './decide/decider.ts';
import type { EventWatcher } from './decide/journal.ts';
import { applyCommand, isCommand } from './decide/project.ts';
import { evolve } from './evolve/evolve.ts';
import { WorldHasher } from './heap/statehash.ts';
import type { World } from './heap/world.ts';
import { ModelProgram, type Operation } from './program.testkit.ts';
import { SpecialProgram } from './specials.testkit.ts';

export interface TestTape {
  readonly segments: readonly EncodedSegment[];
  readonly hashes: readonly string[];
}

/** Records what `act` makes a Decider do. */
function record(
  config: RunConfig,
  act: (decider: Decider) => void,
  atSegment: (world: World, index: number) => void = () => undefined,
  watcher: EventWatcher | null = null,
): TestTape {
  const codec = new SegmentCodec();
  const hasher = new WorldHasher();
  const segments: EncodedSegment[] = [];
  const hashes: string[] = [];
  const recorder: { decider: Decider | null } = { decider: null };
  const decider = new Decider(
    config,
    (batch) => {
      const { soft, hard } = codec.encode(batch);
      segments.push({ soft: soft.slice(), hard: hard.slice() });
      if (recorder.decider === null) throw new Error('a segment is full before the run begins');
      hashes.push(hasher.hash(recorder.decider.world));
      atSegment(recorder.decider.world, segments.length - 1);
    },
    watcher,
  );
  recorder.decider = decider;
  act(decider);
  decider.end();
  return { segments, hashes };
}

/** Records a random program; every eighth operation or so ends a segment. */
export function recordProgram(
  config: RunConfig,
  operations: readonly Operation[],
  atSegment?: (world: World, index: number) => void,
): TestTape {
  const act = (decider: Decider): void => {
    const program = new ModelProgram(decider);
    for (const operation of operations) {
      program.run(operation);
      if (operation[3] % 8 === 0) decider.flush();
    }
  };
  return record(config, act, atSegment);
}

/** Records a random program with specials. */
export function recordSpecials(
  config: RunConfig,
  operations: readonly Operation[],
  atSegment?: (world: World, index: number) => void,
): TestTape {
  const heard: { program: SpecialProgram | null } = { program: null };
  const act = (decider: Decider): void => {
    const program = new SpecialProgram(decider);
    heard.program = program;
    for (const operation of operations) {
      program.run(operation);
      if (operation[3] % 8 === 0) decider.flush();
    }
  };
  return record(config, act, atSegment, (...event) => heard.program?.watch(...event));
}

/** Folds segment `index` of a tape. */
export function foldSegment(tape: TestTape, index: number, world: World): void {
  const batch = new EventBatch();
  new SegmentCodec().decode(tape.segments[index], batch);
  let at = 0;
  for (let i = 0; i < batch.count; i += 1) {
    evolve(world, batch.kinds[i], batch, at);
    at += CELLS[batch.kinds[i]];
  }
}

/** Decides again from the commands of a tape, with segments of the same lengths. */
export function decideAgain(tape: TestTape, config: RunConfig): TestTape {
  return record(config, (decider) => {
    const batch = new EventBatch();
    const codec = new SegmentCodec();
    tape.segments.forEach((segment, index) => {
      codec.decode(segment, batch);
      let at = 0;
      for (let i = 0; i < batch.count; i += 1) {
        const tag = batch.kinds[i];
        if (isCommand(tag)) applyCommand(decider, tag, batch, at);
        at += CELLS[tag];
      }
      const full = batch.count === SEGMENT_EVENTS;
      if (!full && index < tape.segments.length - 1) decider.flush();
    });
  });
}
