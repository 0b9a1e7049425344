/** Commands about the session: branches, help, settings, the end. */
import {
  ATTRIBUTES,
  type BranchOptions,
  type CommandRow,
  EVENT_COLUMNS,
  NAME_GROUPS,
} from '@heaptape/replay';
import { EVENTS, type EventName } from '@heaptape/schema';
import { parseGogc, parseMemoryLimit, parseProcs } from '../settings.ts';
import { type CommandGroup, commandOf, type DebugCommand, firstWord, usage } from './command.ts';
import { info } from './info.ts';
import { LOOKING } from './looking.ts';
import { MOVING } from './moving.ts';
import { STOPPING } from './stopping.ts';

interface Changes {
  gcPercent?: number;
  memoryLimit?: number;
  procs?: number;
  stop?: boolean;
  readonly commands: CommandRow[];
}

/** Reads `gogc=50 procs=2`, `RootStored root=3 target=0`, `stop`. Throws `bad-usage`. */
function branchOptions(text: string): BranchOptions {
  const changes: Changes = { commands: [] };
  for (const word of text.split(/[\s;]+/).filter((one) => one !== '')) {
    const [, name, value] = /^(\w+)=(\S+)$/.exec(word) ?? [];
    const command = changes.commands.length - 1;
    if (word === 'stop') changes.stop = true;
    else if (Object.hasOwn(EVENTS, word)) changes.commands.push({ event: word as EventName });
    else if (name === undefined) throw usage(`fork does not know '${word}'`, FORK_HINT);
    else if (command < 0) takeSetting(changes, name, value);
    else changes.commands[command] = { ...changes.commands[command], [name]: fieldOf(value) };
  }
  return changes;
}

const FORK_HINT = 'gogc=50, memlimit=64MiB, procs=2, or what the program does, such as GCRequested';

function takeSetting(changes: Changes, name: string, value: string): void {
  if (name === 'gogc') changes.gcPercent = parseGogc(value);
  else if (name === 'memlimit') changes.memoryLimit = parseMemoryLimit(value);
  else if (name === 'procs') changes.procs = parseProcs(value);
  else throw usage(`fork cannot change '${name}'`, FORK_HINT);
}

/** A field of a command: a number, or an object as #12. */
function fieldOf(value: string): number | string {
  const number = Number(value.replace(/^#/, ''));
  return Number.isFinite(number) ? number : value;
}

const fork: DebugCommand = {
  name: 'fork',
  usage: 'SETTING=VALUE ... [COMMAND FIELD=VALUE ...] [stop] | end',
  summary: 'go on from here in a branch under other settings; fork end leaves it',
  details: `fork gogc=50 memlimit=64MiB procs=2
fork RootStored root=3 target=0; GCRequested; stop
The collector decides under the changed settings, after the program has done what is told: commands as
docs/EVENTS.md has them, with the role mutator. Then the program does what it did on the tape, unless stop
leaves that out. The branch is in memory only; what one does in it does not change the tape.`,
  run: (session, rest) => {
    if (rest === 'end') {
      session.leave();
      return session.here();
    }
    if (rest === '') throw usage('fork with which settings?', FORK_HINT);
    const ended = session.fork(branchOptions(rest), rest);
    const note = ended === null ? '' : `the branch ends early: ${ended}\n`;
    return `in a branch of ${session.travel.reader.events} events: ${rest}\n${note}${session.here()}`;
  },
  complete: () => ['gogc=', 'memlimit=', 'procs=', 'end'],
};

const set: DebugCommand = {
  name: 'set',
  usage: 'trace-commands on | off',
  summary: 'repeat every command on the output, with a + before it',
  run: (session, rest) => {
    const match = /^trace-commands\s+(on|off)$/.exec(rest);
    if (match === null) throw usage(`set cannot change '${rest}'`, 'set trace-commands on');
    session.traced = match[1] === 'on';
    return '';
  },
  complete: () => ['trace-commands', 'on', 'off'],
};

const quit: DebugCommand = {
  name: 'quit',
  aliases: ['q', 'exit'],
  usage: '',
  summary: 'leave',
  run: (session) => {
    session.over = true;
    return '';
  },
};

const help: DebugCommand = {
  name: 'help',
  aliases: ['h', '?'],
  usage: '[COMMAND | expressions]',
  summary: 'what commands there are, or what one does',
  run: (_, rest) => {
    if (rest === '') return overview();
    const [word] = firstWord(rest);
    if ('expressions'.startsWith(word) && word.length > 2) return expressionsHelp();
    const {
      name,
      aliases = [],
      usage: behind,
      summary,
      details,
      repeats,
    } = commandOf(GROUPS, word);
    const also = aliases.length === 0 ? '' : `also: ${aliases.join(', ')}\n`;
    const again = repeats === true ? 'An empty line does it again.\n' : '';
    const more = details === undefined ? '' : `${details}\n`;
    return `${`${name} ${behind}`.trim()}\n${summary}\n${also}${more}${again}`;
  },
  complete: () => [
    ...GROUPS.flatMap(({ commands }) => commands.map(({ name }) => name)),
    'expressions',
  ],
};

function overview(): string {
  const lines = GROUPS.flatMap(({ title, commands }) => [
    `${title}:\n`,
    ...commands.map(({ name, summary }) => `  ${name.padEnd(17)} ${summary}\n`),
    '\n',
  ]);
  const rest = [
    'Commands and their first words can be abbreviated: `n`, `rc`, `i b`.\n',
    '`help COMMAND` says more of one, `help expressions` what an EXPR may be.\n',
  ];
  return [...lines, ...rest].join('');
}

/** Names in columns that fit a narrow terminal. */
function wrapped(names: readonly string[]): string {
  const lines: string[] = [];
  let line = ' ';
  for (const name of names) {
    if (line.length + name.length > 78) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${name}`;
  }
  return `${[...lines, line].join('\n')}\n`;
}

function expressionsHelp(): string {
  return [
    'Literals: 12, 0x10, 1.5, 64MiB, 2ms, "text", true, false, nil, #12 (the object allocated as the 12th)\n',
    'Operators: || && ! == != < <= > >= + - * / % ( ), and or not; min(a, b) max(a, b) abs(a) contains(a, b)\n',
    'Objects: #12.color, #12[0] (the object that word 0 leads to), newest, root[3], global.cache,\n',
    '  global["main.cache"], root["goroutine 1 slot 2"]; of each:\n',
    wrapped(Object.keys(ATTRIBUTES)),
    'Goroutines: goroutine[1].alive, .stack, .used\n',
    'The event: event (its number), kind (kind == GCStarted), and event.COLUMN:\n',
    wrapped(EVENT_COLUMNS),
    ...Object.entries(NAME_GROUPS).flatMap(([group, names]) => [
      `Figures, ${group}:\n`,
      wrapped(Object.keys(names)),
    ]),
  ].join('');
}

export const GROUPS: readonly CommandGroup[] = [
  MOVING,
  STOPPING,
  { title: LOOKING.title, commands: [...LOOKING.commands, info] },
  { title: 'Session', commands: [fork, set, help, quit] },
];
