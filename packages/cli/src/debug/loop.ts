/**
 * Reading commands and answering them: from a terminal with editing, completion and a history, or line by
 * line from anything else.
 *
 * As in gdb, commands that are not typed at a terminal are neither prompted for nor repeated (`set
 * trace-commands on` repeats them), empty lines among them do nothing, and an error does not end the
 * session; the exit status then says that there was one.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { failureOf } from '../failure.ts';
import { type Io, print } from '../io.ts';
import { clean } from '../report/table.ts';
import { commandOf, type DebugCommand, firstWord } from './command.ts';
import { completions } from './completion.ts';
import { type HistoryFile, MOST_LINES } from './historyfile.ts';
import type { Session } from './session.ts';
import { GROUPS } from './session_commands.ts';

/** The last command that an empty line repeats. */
interface Last {
  command: DebugCommand | null;
  rest: string;
}

/** Calls `interrupt` when somebody wants a journey to be broken off, until it is called itself. */
type Listen = (interrupt: () => void) => () => void;

const DEAF: Listen = () => () => undefined;

/** Carries out a line. Returns whether it went well. */
async function obey(
  io: Io,
  session: Session,
  line: string,
  last: Last,
  listen = DEAF,
): Promise<boolean> {
  try {
    let [word, rest] = firstWord(line);
    let command = last.command;
    if (word === '') rest = '';
    else {
      // A format stands right behind the name: print/x, x/8.
      const format = /^([a-z]+)(\/.+)$/.exec(word);
      if (format !== null) [word, rest] = [format[1], `${format[2]} ${rest}`.trim()];
      command = commandOf(GROUPS, word);
      last.command = command.repeats === true ? command : null;
      last.rest = command.name === 'list' ? '' : rest;
    }
    if (command === null) return true;
    const text = await answer(session, command, word === '' ? last.rest : rest, listen);
    if (text !== '') await print(io.stdout, text);
    return true;
  } catch (error) {
    const { line: problem, hint } = failureOf(error);
    const advice =
      error instanceof Error && 'hint' in error && error.hint !== undefined ? ` (${hint})` : '';
    await print(io.stderr, `error: ${clean(problem)}${clean(advice)}\n`);
    return false;
  }
}

async function answer(
  session: Session,
  command: DebugCommand,
  rest: string,
  listen: Listen,
): Promise<string> {
  let broken = false;
  let deaf: (() => void) | null = null;
  try {
    const work = command.run(session, rest);
    if (typeof work === 'string') return work;
    deaf = listen(() => {
      broken = true;
    });
    const ended = await session.driver.drive(work, () => broken, session.onProgress);
    if ('value' in ended) return ended.value;
    session.travel.rest(ended.broken);
    return `interrupted\n${session.here()}`;
  } finally {
    deaf?.();
    session.settled();
  }
}

/** Commands from a file or a pipe. Resolves to whether all went well. */
export async function runScript(io: Io, session: Session): Promise<boolean> {
  const lines = createInterface({ input: io.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const last: Last = { command: null, rest: '' };
  let well = true;
  for await (const line of lines) {
    const command = line.trim();
    if (command === '' || command.startsWith('#')) continue;
    if (session.traced) await print(io.stdout, `+${clean(command)}\n`);
    if (!(await obey(io, session, command, last))) well = false;
    if (session.over) break;
  }
  lines.close();
  return well;
}

/** Commands typed at a terminal. */
export async function runTerminal(io: Io, session: Session, history: HistoryFile): Promise<void> {
  const terminal = createInterface({
    input: io.stdin,
    output: io.stdout,
    prompt: promptOf(session),
    history: history.load(),
    historySize: MOST_LINES,
    removeHistoryDuplicates: true,
    completer: (line: string) => completions(GROUPS, session, line),
  });
  const last: Last = { command: null, rest: '' };
  let typed: readonly string[] = [];
  terminal.on('history', (lines) => {
    typed = lines;
  });
  try {
    terminal.on('SIGINT', () => {
      void print(io.stdout, '^C (quit leaves)\n');
      terminal.write(null, { ctrl: true, name: 'u' });
      terminal.prompt();
    });
    await print(io.stdout, session.here());
    terminal.prompt();
    for await (const line of terminal) {
      await atWork(io, () => obey(io, session, line.trim(), last, io.onInterrupt));
      if (session.over) break;
      terminal.setPrompt(promptOf(session));
      terminal.prompt();
    }
    if (!session.over) await print(io.stdout, 'quit\n');
  } finally {
    if (typed.length > 0) history.save(typed);
    if (!('closed' in terminal && terminal.closed === true)) {
      const closed = once(terminal, 'close');
      terminal.close();
      await closed;
    }
  }
}

/**
 * Lets Ctrl-C through while a command is at work. It breaks off a search or a long move, which give way to
 * it; what else takes long does not, and there it ends the process, as everywhere in heaptape.
 */
async function atWork(io: Io, work: () => Promise<unknown>): Promise<void> {
  const stdin: Readable & { readonly setRawMode?: (raw: boolean) => unknown } = io.stdin;
  stdin.setRawMode?.(false);
  try {
    await work();
  } finally {
    stdin.setRawMode?.(true);
  }
}

const promptOf = ({ branch }: Session): string =>
  branch === '' ? '(heaptape) ' : `(heaptape ${branch}) `;
