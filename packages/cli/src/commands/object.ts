/** `heaptape object`: one object of a tape, who keeps it alive, and all that happened to it. */
import {
  historyOf,
  inspectObject,
  type ObjectHistory,
  type ObjectView,
  ordinalOf,
  parseObjectName,
  positionOf,
  recordedAddresses,
  recordedAt,
  rootNamesAt,
  Timeline,
} from '@heaptape/replay';
import type { Command } from 'commander';
import { isEventNumber, requireEvents, withTape } from '../input/tape.ts';
import { type Io, print, printJson } from '../io.ts';
import { objectText } from '../report/object.ts';
import { startTask } from '../report/progress.ts';
import { type CommonOptions, withExample, withJson, withProgress } from './common.ts';

interface ObjectOptions extends CommonOptions {
  readonly at: string;
}

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description(
      `Shows one object: type, size, colour, a shortest path of pointers from a root, its dominator, what
it retains, and every event that touched it.`,
    )
    .argument('<T.tape>', 'the tape')
    .argument(
      '<OBJECT>',
      '#ID for the object allocated as the ID-th, or an address such as 0xc000012340',
    )
    .option('--at <POSITION>', 'an event number, end, or cycle:K (end of marking)', 'end');
  withProgress(withJson(command));
  withExample(command, "heaptape object app.tape '#12' --at cycle:3").action(
    async (file: string, name: string, options: ObjectOptions) => {
      const [view, history] = await objectAt(io, file, name, options);
      const { born, died, entries, leftOut } = history;
      if (options.json) {
        const events = { born, died: died === 0 ? null : died, history: entries };
        await printJson(io, { ...view, ...events, historyLeftOut: leftOut });
      } else await print(io.stdout, objectText(view, history, io.width));
      finish(0);
    },
  );
}

function objectAt(
  io: Io,
  file: string,
  name: string,
  { at, progress }: ObjectOptions,
): Promise<[ObjectView, ObjectHistory]> {
  const wanted = parseObjectName(name);
  return withTape(
    file,
    (reader) => {
      requireEvents(reader, at);
      const seq = positionOf(reader, at);
      const task = startTask(io, progress, 'replaying', seq + reader.events, 'events');
      try {
        const world = new Timeline(reader, { keepDead: true }).seek(seq, (done) =>
          task.update(done),
        );
        const addresses = recordedAddresses(reader);
        const known = 'addr' in wanted ? recordedAt(addresses, world, wanted.addr) : 0;
        const ordinal = known === 0 ? ordinalOf(world, wanted) : known;
        const names = { roots: rootNamesAt(reader, seq), addresses };
        const view = inspectObject(world, ordinal, names);
        return [view, historyOf(reader, ordinal, (done) => task.update(seq + done))];
      } finally {
        task.end();
      }
    },
    { allowDamaged: isEventNumber(at) },
  );
}
