/** `heaptape state`: the heap and the collector as they were after an event. */
import { positionOf, type StateView, stateView, Timeline } from '@heaptape/replay';
import type { Command } from 'commander';
import { isEventNumber, requireEvents, withTape } from '../input/tape.ts';
import { type Io, print, printJson } from '../io.ts';
import { startTask } from '../report/progress.ts';
import { stateText } from '../report/state.ts';
import { type CommonOptions, withExample, withJson, withProgress } from './common.ts';

interface StateOptions extends CommonOptions {
  readonly at: string;
}

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description('Shows the state after an event: phase, pacer, spans, objects, and MemStats.')
    .argument('<T.tape>', 'the tape')
    .option('--at <POSITION>', 'an event number, end, or cycle:K (end of marking)', 'end');
  withProgress(withJson(command));
  withExample(command, 'heaptape state app.tape --at cycle:3').action(
    async (file: string, options: StateOptions) => {
      const view = await stateAt(io, file, options.at, options.progress);
      if (options.json) await printJson(io, view);
      else await print(io.stdout, stateText(view, io.width));
      finish(0);
    },
  );
}

/** The state of a tape at a position. `asked` is `--progress`. */
export function stateAt(
  io: Io,
  file: string,
  position: string,
  asked: boolean | undefined,
): Promise<StateView> {
  return withTape(
    file,
    (reader) => {
      requireEvents(reader, position);
      const seq = positionOf(reader, position);
      const task = startTask(io, asked, 'replaying', seq, 'events');
      const timeline = new Timeline(reader);
      try {
        const world = timeline.seek(seq, (done) => task.update(done));
        return stateView(world, timeline.hash());
      } finally {
        task.end();
      }
    },
    { allowDamaged: isEventNumber(position) },
  );
}
