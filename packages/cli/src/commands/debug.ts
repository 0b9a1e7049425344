/** `heaptape debug`: a line debugger for tapes, with the words of gdb, rr and delve. */
import type { TapeReader } from '@heaptape/schema';
import type { Command } from 'commander';
import { HistoryFile } from '../debug/historyfile.ts';
import { runScript, runTerminal } from '../debug/loop.ts';
import { coloured, plain } from '../debug/paint.ts';
import { Session, type SessionProgress } from '../debug/session.ts';
import { withTape } from '../input/tape.ts';
import type { Io } from '../io.ts';
import { startTask, type Task } from '../report/progress.ts';
import { withExample } from './common.ts';

const HELP = `
Reads commands from a terminal, or one a line from standard input; then status 2 says that one of them
failed. Breakpoints, watchpoints and steps work in both directions. \`help\` lists the commands.`;

const isTerminal = (stream: object): boolean => 'isTTY' in stream && stream.isTTY === true;

export function define(command: Command, io: Io, finish: (status: number) => void): void {
  command
    .description(
      'Walks a run backwards and forwards: stop, step, and ask what the heap looked like.',
    )
    .argument('<T.tape>', 'the tape')
    .addHelpText('after', HELP);
  withExample(command, 'heaptape debug app.tape').action(async (file: string) => {
    const well = await withTape(file, (reader) => debugged(io, file, reader));
    finish(well ? 0 : 2);
  });
}

/** A session with a tape. Resolves to whether it may end with status 0. */
async function debugged(io: Io, file: string, reader: TapeReader): Promise<boolean> {
  const typed = isTerminal(io.stdin) && isTerminal(io.stdout);
  const session = new Session(file, reader, {
    width: io.width,
    paint: typed && (io.env['NO_COLOR'] ?? '') === '' ? coloured : plain,
    progress: patient(io),
  });
  if (!typed) return runScript(io, session);
  await runTerminal(io, session, new HistoryFile(io.env));
  return true;
}

/** Milliseconds after which a command is worth a progress line. */
const PATIENCE_MS = 400;

/** Progress of commands that take long: nothing is drawn for the many that do not. */
function patient(io: Io): SessionProgress {
  let begun = 0;
  let task: Task | null = null;
  return {
    update: (done, total) => {
      begun ||= performance.now();
      if (task === null && performance.now() - begun > PATIENCE_MS) {
        task = startTask(io, io.interactive, 'replaying', total, 'events');
      }
      task?.update(done);
    },
    end: () => {
      task?.end();
      task = null;
      begun = 0;
    },
  };
}
