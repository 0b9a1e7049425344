import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeProgramTape } from '../../../../test/e2e/program.testkit.ts';
import { testIo } from '../io.testkit.ts';
import { runProgram } from '../program.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'heaptape-debug-'));
const TAPE = join(FOLDER, 'app.tape');

beforeAll(() => writeProgramTape(TAPE));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** Runs commands as a script; what they print, and what went wrong. */
async function said(
  ...commands: readonly string[]
): Promise<{ out: string; err: string; status: number }> {
  const io = testIo({ input: new TextEncoder().encode(`${commands.join('\n')}\n`) });
  const status = await runProgram(['debug', TAPE], io);
  return { out: io.out(), err: io.err(), status };
}

/** The lines that commands print, all of which must succeed. */
async function lines(...commands: readonly string[]): Promise<string[]> {
  const { out, err, status } = await said(...commands);
  expect({ err, status }).toEqual({ err: '', status: 0 });
  return out.trimEnd().split('\n');
}

/** Changes that watchpoints showed. */
const changes = (all: readonly string[]): string[] =>
  all.flatMap((line) => /#\d+\.state (\S+ → \S+)$/.exec(line)?.[1] ?? []);

const LIFE = [
  'unborn → white',
  'white → grey',
  'grey → black',
  'black → white',
  'white → dead',
  'dead → freed',
];

describe('a life, forwards and backwards', () => {
  test('an object turns grey, black and white again, dies and is freed', async () => {
    expect(changes(await lines('watch #2', ...LIFE.map(() => 'continue')))).toEqual(LIFE);
    const back = await lines('watch #2', 'goto end', ...LIFE.map(() => 'rc'));
    expect(changes(back)).toEqual(LIFE.toReversed());
    const ends = await lines('watch #2', 'goto end', 'c', 'goto start', 'rc');
    expect(ends.filter((line) => /^the tape/.test(line))).toEqual([
      'the tape ends here',
      'the tape begins here',
    ]);
  });

  test('who keeps it, and its birth', async () => {
    const out = await lines(
      'watch #2 blackened',
      'c',
      'retainers #2',
      'goto born #2',
      'where',
      'print #2',
    );
    expect(out.slice(3, 9)).toEqual([
      expect.stringMatching(/^#2 main\.node at 0xc[0-9a-f]+: black, slot of 48 B$/),
      'kept alive by, on a shortest path:',
      '  global cache',
      '  → #1 main.node word 1',
      '  → #2 main.node',
      'dominator: #1 main.node',
    ]);
    expect(out).toContainEqual(
      expect.stringMatching(/^event \d+ at 0 ms: ObjectAllocated site=1 \(#2 main\.node\)$/),
    );
    expect(out).toContain('goroutine 1 on P 0');
    expect(out.at(-1)).toMatch(/: white, slot of 48 B$/);
  });

  test('its history has the same events', async () => {
    const [, ...history] = await lines('goto end', 'history #2');
    const told = await lines('watch #2', 'c', 'when', 'c', 'when', 'c', 'when');
    const events = told.flatMap((line) => /^event (\d+) of/.exec(line)?.[1] ?? []);
    for (const event of events) {
      expect(history).toContainEqual(expect.stringMatching(new RegExp(`^ *${event} `)));
    }
    expect(history[0]).toMatch(/^#2 main\.node: born at event \d+, freed at event \d+$/);
  });

  test('a pointer and a root are watched by name', async () => {
    const out = await lines(
      'watch #1[1]',
      'watch global.cache',
      'c',
      'c',
      'c',
      'print global.cache[1]',
    );
    expect(out.filter((line) => line.includes('→'))).toEqual([
      'watchpoint 2, global.cache: nil → #1 main.node',
      'watchpoint 1, #1[1]: nil → #2 main.node',
      'watchpoint 1, #1[1]: #2 main.node → nil',
    ]);
    expect(out.at(-1)).toBe('nil');
  });

  test('events that name an object stop rwatch', async () => {
    const out = await lines('rwatch #2', 'c', 'c', 'awatch #2', 'goto start', 'c', 'c');
    expect(out.map((line) => line.replace(/^event \d+ at [^:]+: /, ''))).toEqual([
      'watchpoint 1: #2 touched',
      'watchpoint 1, #2 touched',
      'PointerStored object=1 word=1 target=2',
      'the tape ends here',
      expect.any(String),
      'watchpoint 2: #2 in any way',
      'the start of the tape',
      'watchpoint 2, #2 in any way: #2.state unborn → white',
      'ObjectAllocated site=1 (#2 main.node)',
      'watchpoint 1, #2 touched',
      'watchpoint 2, #2 in any way',
      'PointerStored object=1 word=1 target=2',
    ]);
  });

  test('a sweep is entered object by object, and left again', async () => {
    const out = await lines(
      'b SpanSwept',
      'c',
      'rn',
      's',
      'p #1.color',
      'p #2.color',
      's',
      'rs',
      'rs',
    );
    const inside = out.filter((line) =>
      /^\d+\.1: object 1 of 2 inside event \d+ SpanSwept: /.test(line),
    );
    expect(inside.length).toBe(2);
    expect(inside[0]).toMatch(/#1 main\.node black → white$/);
    expect(out).toEqual(expect.arrayContaining(['white', 'black']));
  });
});

describe('stops', () => {
  test('conditions, counts, temporary and disabled ones', async () => {
    const out = await lines(
      'break GCStarted if cycle > 1',
      'tbreak ObjectAllocated',
      'b if NumGC == 1',
      'ignore 2 2',
      'c',
      'p newest',
      'disable 3',
      'c',
      'p cycle',
      'condition 1',
      'goto start',
      'c',
      'p cycle',
      'info breakpoints',
      'delete 1',
      'delete',
      'info breakpoints',
    );
    expect(out.filter((line) => /^(breakpoint|temporary|no )/.test(line))).toEqual([
      'breakpoint 1: GCStarted if cycle > 1',
      'temporary breakpoint 2: ObjectAllocated',
      'breakpoint 3: if NumGC == 1',
      'breakpoint 2 passes over 2 hits',
      'breakpoint 2, ObjectAllocated',
      'breakpoint 1, GCStarted',
      'breakpoint 1, GCStarted',
      'no breakpoints and no watchpoints',
    ]);
    expect(out).toContainEqual(expect.stringMatching(/^#3 main\.lost at/));
    expect(out.filter((line) => /^[12]$/.test(line))).toEqual(['2', '1']);
  });

  test('continue with a count, until, reverse-until, goto, undo, bookmarks', async () => {
    const out = await lines(
      'b GCStarted',
      'c 2',
      'p cycle',
      'bookmark second',
      'until phase == off',
      'reverse-until phase == off && cycle == 1',
      'undo',
      'undo',
      'p event.kind == GCStarted && cycle == 2',
      'goto cycle:1',
      'p kind',
      'goto second',
      'p cycle',
      'diff start',
      'bookmark',
    );
    expect(out.filter((line) => /^(\d|true|[A-Z]\w+)$/.test(line))).toEqual([
      '2',
      'true',
      'GCMarkTerminated',
      '2',
    ]);
    expect(out).toContainEqual(expect.stringMatching(/^NumGC +0 +1$/));
    expect(out.at(-1)).toMatch(/^second: event \d+$/);
  });

  test('displays are shown at every stop', async () => {
    const out = await lines('display NumGC', 'b GCMarkTerminated', 'c', 'c', 'undisplay 1', 'c');
    expect(out.filter((line) => line.startsWith('1: '))).toEqual([
      '1: NumGC = 0',
      '1: NumGC = 1',
      '1: NumGC = 2',
    ]);
  });

  test('finalizers are seen to be queued', async () => {
    const out = await lines(
      'b FinalizerQueued',
      'c',
      'info finalizers',
      'p finalizersDue',
      'p #8.state',
    );
    expect(out).toContainEqual(expect.stringMatching(/^ +\d+ +finalizer +queued +#8 main\.file/));
    expect(out.slice(-2)).toEqual(['1', 'black']);
  });

  test('steps by unit go there and back', async () => {
    const out = await lines(
      'step cycle 2',
      'when',
      'step phases',
      'rs phase',
      'when',
      'rn command',
      'next',
    );
    const places = out.filter((line) => line.includes(' of '));
    expect(places[0]).toBe(places[1]);
  });
});

describe('looking', () => {
  test.each([
    ['heap', /^alive: \d+ objects$/],
    ['spans', /^ *5 +48 B +yes/],
    ['goroutines', /^\*? +1 +\d/],
    ['finalizers', /^queued: 0 finalizers, 0 cleanups$/],
    ['gc', /^phase +_GCoff/],
    ['roots', /^ +\d+ +global cache +#1 main\.node$/],
    ['memstats', /^NumGC +1 /],
    ['pacer', /^heapGoal +none/],
    ['run', /^goroutines +1 /],
    ['b', /^no breakpoints/],
  ])('info %s', async (what, line) => {
    expect(await lines('goto cycle:1', `info ${what}`)).toContainEqual(expect.stringMatching(line));
  });

  test('memory, by object and by address', async () => {
    const out = await lines('goto cycle:1', 'x #1', 'print/x #1.addr', 'x/2 0xc000038000');
    expect(out[2]).toMatch(/^0xc[0-9a-f]+ +0 +0$/);
    expect(out[3]).toMatch(/^0xc[0-9a-f]+ +1 +0xc[0-9a-f]+ +#2 main\.node$/);
    expect(out[2].startsWith(out[8])).toBe(true);
  });

  test('events around a place, then the next ones', async () => {
    const out = await lines('goto 30', 'list', 'l', 'list 3');
    const events = out.slice(1).map((line) => Number(/^(?:=>)? +(\d+) /.exec(line)?.[1]));
    expect(events).toEqual([...range(25, 35), ...range(36, 46), ...range(1, 8)]);
    expect(out[6]).toMatch(/^=> 30 {2}/);
  });

  const range = (from: number, to: number): number[] =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i);

  test('help says a line for every command, and more of each', async () => {
    const all = await lines('help');
    const names = all.flatMap((line) => /^ {2}(\S+) +\S/.exec(line)?.[1] ?? []);
    expect(names).toEqual(
      expect.arrayContaining(['next', 'reverse-continue', 'watch', 'retainers', 'info']),
    );
    for (const name of names) {
      const [usage, summary] = await lines(`help ${name}`);
      expect([usage.split(' ')[0], summary === '']).toEqual([name, false]);
    }
    const text = (await lines('help expressions')).join('\n');
    for (const name of ['HeapAlloc', 'heapGoal', 'retained', 'contains'])
      expect(text).toContain(name);
  });
});

describe('branches', () => {
  test('other settings from here on, and back', async () => {
    const out = await lines(
      'goto 30',
      'fork gogc=50 procs=2',
      'where',
      'p gcPercent',
      'n',
      'p gcPercent',
      'fork end',
      'when',
    );
    expect(out).toContain('in the branch gogc=50 procs=2');
    expect(out.filter((line) => /^-?\d+$/.test(line))).toEqual(['-1', '50']);
    expect(out.at(-1)).toMatch(/^event 30 of /);
  });
});

describe('other commands', () => {
  test('are decided by the collector in a branch', async () => {
    const out = await lines(
      'watch #2 blackened',
      'c',
      'goto 30',
      'fork RootStored root=0 target=0; GCRequested; stop',
      'delete',
      'goto end',
      'p #1.state',
      'p global.cache',
      'fork end',
      'goto cycle:1',
      'p #1.state',
    );
    expect(out.filter((line) => /^(freed|black|nil)$/.test(line))).toEqual([
      'freed',
      'nil',
      'black',
    ]);
  });
});

describe('errors', () => {
  test.each([
    ['frobnicate', "error: there is no command 'frobnicate' (`help` lists them)"],
    ['un', "error: 'un' may be until, undo, undisplay"],
    ['info nothing', "error: there is no info 'nothing' ("],
    ['print heapLive >', 'error: column 11: the expression ends too early'],
    ['print global.none', "error: column 8: no root is called 'global none'"],
    ['break Nothing', "error: there is no event 'Nothing'"],
    ['break GCStarted if heapLive', 'error: column 1: a condition is true or false, not a size'],
    ['break 99999', 'error: no event 99999'],
    ['watch', 'error: watch what?'],
    ['delete 7', 'error: there is no breakpoint 7'],
    ['goto 99999', 'error: event 99999 is not on a tape of'],
    ['goto 1.9', 'error: event 2 has no place after 9 objects'],
    ['goto nowhere', "error: 'nowhere' names no position"],
    ['goto died #1', 'error: #1 is never freed'],
    ['goto born #99', 'error: no object #99 on this tape'],
    ['retainers #99', 'error: no object #99'],
    ['retainers heapLive', 'error: heapLive is no object'],
    ['x 0x10', 'error: no memory of the heap is there'],
    ['step by-step', "error: there is no unit 'by-step'"],
    ['next 0', "error: '0' is no count"],
    ['fork speed=11', "error: fork cannot change 'speed'"],
    ['fork SpanSwept page=3', 'error: SpanSwept is nothing that a program does'],
    ['fork PointerStored object=#99 word=0', 'error: object #99 is not there'],
    ['fork faster', "error: fork does not know 'faster'"],
    ['fork gogc=many', 'error: --gogc is a whole number'],
    ['fork end', 'error: this is the tape itself'],
    ['undo', 'error: there is no move to undo'],
  ])('%s is refused in a line, and the session goes on', async (command, message) => {
    const { out, err, status } = await said(command, 'when');
    expect(err).toContain(message);
    expect(err.trimEnd().split('\n').length).toBe(1);
    expect([out.startsWith('event 0 of '), status]).toEqual([true, 2]);
  });

  test('comments and empty lines are nothing, quit leaves the rest unread, tracing repeats', async () => {
    const { out, status } = await said(
      '# a comment',
      '',
      'set trace-commands on',
      'when',
      'quit',
      'bogus',
    );
    expect(out.split('\n')).toEqual(['+when', expect.stringMatching(/^event 0 of /), '+quit', '']);
    expect(status).toBe(0);
  });
});
