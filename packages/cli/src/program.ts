/**
 * The verbs, and the way from an argument list to one of them.
 *
 * A verb's module is loaded only when that verb is asked for, so that `heaptape --help` starts at
 * once. Each module defines its arguments and options on a command, and an action that resolves to
 * the exit status.
 */
import { readFileSync } from 'node:fs';
import { HeaptapeError } from '@heaptape/schema';
import { Command, CommanderError } from 'commander';
import { type Io, print } from './io.ts';

/** Defines a verb's command. `action`s report their exit status to `finish`. */
export type DefineVerb = (command: Command, io: Io, finish: (status: number) => void) => void;

interface Verb {
  readonly summary: string;
  readonly load: () => Promise<{ readonly define: DefineVerb }>;
}

const VERBS: Readonly<Record<string, Verb>> = {
  import: {
    summary: "turn one of Go's own files into a tape",
    load: () => import('./commands/import.ts'),
  },
  replay: {
    summary: 'fold a tape into its final state, or decide it again and compare',
    load: () => import('./commands/replay.ts'),
  },
  state: {
    summary: 'show the state of the heap and the collector at an event',
    load: () => import('./commands/state.ts'),
  },
  object: {
    summary: 'show one object, who keeps it alive, and its history',
    load: () => import('./commands/object.ts'),
  },
  bisect: {
    summary: 'find the first event at which a condition holds',
    load: () => import('./commands/bisect.ts'),
  },
  debug: {
    summary: 'walk a run backwards and forwards, with breakpoints and watchpoints',
    load: () => import('./commands/debug.ts'),
  },
  view: {
    summary: 'show a tape as a page with a timeline, in the browser',
    load: () => import('./commands/view.ts'),
  },
  dap: {
    summary: 'the debugger for editors, over the Debug Adapter Protocol',
    load: () => import('./commands/dap.ts'),
  },
  whatif: {
    summary: 'run the same workload under other settings',
    load: () => import('./commands/whatif.ts'),
  },
  diff: {
    summary: 'find the first difference between two tapes, and sum up the rest',
    load: () => import('./commands/diff.ts'),
  },
  export: {
    summary: "write a tape's run in a format of Go's or the web's",
    load: () => import('./commands/export.ts'),
  },
  sql: {
    summary: 'query the events, cycles and objects of a tape',
    load: () => import('./commands/sql.ts'),
  },
  check: {
    summary: 'examine the integrity of a tape file',
    load: () => import('./commands/check.ts'),
  },
  fuzz: {
    summary: 'try random programs against independent checkers',
    load: () => import('./commands/fuzz.ts'),
  },
};

function version(): string {
  const manifest = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

const NAMES = Object.keys(VERBS).join(', ');
const OUTLINE = `Go's memory manager as an event-sourced, deterministic simulator.

Record a Go program with GODEBUG=traceallocfree=1 and runtime/trace, import the trace, and ask what
another GOGC, GOMEMLIMIT or GOMAXPROCS would have cost.`;
const AFTER = `
Exit status: 0 done; 1 the answer is "no"; 2 bad usage or bad input.
A FILE may be '-' for standard input, and may be compressed with gzip.

Example:
  heaptape whatif app.trace --gogc 50,100,200,400`;

/** Runs one invocation and resolves to its exit status. Throws what `failureOf` understands. */
export async function runProgram(argv: readonly string[], io: Io): Promise<number> {
  const args = argv[0] === 'help' ? [...argv.slice(1, 2), '--help'] : argv;
  const name = args.find((arg) => !arg.startsWith('-'));
  const root = outline(io);
  let status = 0;
  if (name === undefined) {
    if (args.length === 0) throw unknownVerb('a verb is missing');
  } else {
    const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
    if (verb === undefined) throw unknownVerb(`there is no verb '${name}'`);
    const { define } = await verb.load();
    const command = root.commands.find((candidate) => candidate.name() === name);
    if (command !== undefined) {
      define(command, io, (answer) => {
        status = answer;
      });
    }
  }
  try {
    await root.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw usageError(error, name ?? 'VERB');
  }
  return status;
}

/** What the parser finds wrong, as a line and a hint. */
function usageError(error: CommanderError, verb: string): HeaptapeError {
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1');
  const help = `\`heaptape ${verb} --help\` lists arguments and options`;
  return new HeaptapeError('bad-usage', `${verb}: ${first}`, suggestion || help);
}

function unknownVerb(problem: string): HeaptapeError {
  return new HeaptapeError('bad-usage', `${problem}; there are ${NAMES}`, 'see `heaptape --help`');
}

/** The root command, with a bare subcommand for each verb. */
function outline(io: Io): Command {
  const root = new Command('heaptape');
  root
    .description(OUTLINE)
    .usage('VERB [arguments] [options]')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help, also of a verb')
    .helpCommand(false)
    .commandsGroup('Verbs:')
    .addHelpText('after', AFTER)
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: (text) => void print(io.stdout, text),
      writeErr: () => undefined,
      getOutHelpWidth: () => Math.min(io.width, 100),
      getErrHelpWidth: () => 100,
    })
    .exitOverride();
  for (const [name, { summary }] of Object.entries(VERBS)) {
    root.command(name).summary(summary).helpOption('-h, --help', 'print this help');
  }
  return root;
}
