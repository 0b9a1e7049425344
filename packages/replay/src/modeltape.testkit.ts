/**
 * Tapes of the random programs of core's own tests: graphs with interior structure, held objects, tiny
 * blocks, finalizers, cleanups, weak handles and pools; and the model that a tape's events tell.
 */
import { Decider, type EventWatcher, type RunConfig } from '@heaptape/core';
// biome-ignore-start lint/style/noRestrictedImports: test code, never imported by the package itself
import {
  configs,
  EventModel,
  type Operation,
  SpecialProgram,
  specialPrograms,
} from '@heaptape/core/testkit';
import { createMemoryTape, type MemoryTape } from '@heaptape/log';
import type { TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
// biome-ignore-end lint/style/noRestrictedImports: test code, never imported by the package itself
import { recordRun } from './record.ts';
import { eventsOf } from './tape.testkit.ts';

/** A program and the settings to run it under; some of them move objects, some tell grey objects. */
export interface Run {
  readonly config: RunConfig;
  readonly operations: readonly Operation[];
}

export const runs = (maxLength: number): fc.Arbitrary<Run> =>
  fc
    .record({
      config: configs(),
      compact: fc.constantFrom(0, 1),
      detail: fc.boolean(),
      operations: specialPrograms(maxLength),
    })
    .map(({ config, compact, detail, operations }) => ({
      config: { ...config, compact },
      operations: detail ? [['detail', 0, 0, 0], ...operations] : operations,
    }));

export function modelTape({ config, operations }: Run): MemoryTape {
  const tape = createMemoryTape();
  recordRun(tape, (sink, started) => {
    const heard: { program: SpecialProgram | null } = { program: null };
    const watcher: EventWatcher = (...event) => heard.program?.watch(...event);
    const decider = new Decider(config, sink, watcher);
    started(decider);
    const program = new SpecialProgram(decider);
    heard.program = program;
    for (const operation of operations) {
      program.run(operation);
      if (operation[3] % 8 === 0) decider.flush();
    }
    decider.end();
    return decider;
  });
  return tape;
}

/** What a tape's events up to `seq` tell of its program. */
export function modelAt(tape: TapeReader, seq: number): EventModel {
  const model = new EventModel();
  for (const row of eventsOf(tape)) if (row.seq <= seq) model.take(row);
  return model;
}
