import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { openTape } from '@heaptape/log';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeProgramTape } from '../../../../test/e2e/program.testkit.ts';
import { testIo } from '../io.testkit.ts';
import type { Io } from '../io.ts';
import { runProgram } from '../program.ts';
import { completions } from './completion.ts';
import { HistoryFile } from './historyfile.ts';
import { plain } from './paint.ts';
import { Session } from './session.ts';
import { GROUPS } from './session_commands.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'heaptape-terminal-'));
const TAPE = join(FOLDER, 'app.tape');

beforeAll(() => writeProgramTape(TAPE));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** Types at a terminal, a line at a time, and gives back what is on the screen. */
async function typed(
  keys: readonly string[],
  env: Record<string, string>,
  options: Partial<Io> = {},
): Promise<string> {
  const keyboard = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  let text = '';
  let next = 0;
  screen.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    // A prompt has been drawn for every line so far.
    if (text.split('(heaptape').length - 1 > next && next < keys.length) {
      const key = keys[next];
      next += 1;
      setImmediate(() => keyboard.write(key));
    }
  });
  const io = testIo({
    stdin: keyboard,
    stdout: screen,
    env: { XDG_STATE_HOME: join(FOLDER, 'state'), ...env },
    ...options,
  });
  expect(await runProgram(['debug', TAPE], io)).toBe(0);
  return text + io.err();
}

describe('at a terminal', () => {
  test('an empty line repeats, colours are shown, and lines are remembered', async () => {
    const text = await typed(['watch #2\r', 'c\r', '\r', '\r', 'nonsense\r', 'quit\r'], {});
    expect(text.match(/#2\.state/g)?.length).toBe(3);
    expect(text).toContain('\u001b[32mblack');
    expect(text).toContain("error: there is no command 'nonsense'");
    const path = join(FOLDER, 'state', 'heaptape', 'debug_history');
    expect(readFileSync(path, 'utf8')).toBe('watch #2\nc\nnonsense\nquit\n');
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test('NO_COLOR takes colours away; the end of input leaves', async () => {
    const text = await typed(['c\r', '\u0004'], {
      NO_COLOR: '1',
      XDG_STATE_HOME: join(FOLDER, 'other'),
    });
    for (const colour of ['\u001b[31m', '\u001b[32m']) expect(text).not.toContain(colour);
    expect(text).toContain('the tape ends here');
    expect(text).toContain('quit');
  });
});

test('Ctrl-C breaks off what is under way, and undo goes back to before it', async () => {
  let listening = 0;
  const onInterrupt = (interrupt: () => void): (() => void) => {
    listening += 1;
    interrupt();
    return () => {
      listening -= 1;
    };
  };
  const lines = ['goto 30', 'until heapLive > 1GiB', 'bisect heapLive > 1GiB', 'undo', 'when'];
  const keys = [...lines, 'watch heapLive if false', 'rc', 'quit'].map((line) => `${line}\r`);
  const text = await typed(keys, { XDG_STATE_HOME: join(FOLDER, 'fourth') }, { onInterrupt });
  expect(text.match(/interrupted\r?\n/g)?.length).toBe(3);
  expect(text).toMatch(/event 30 of /);
  expect(text).not.toMatch(/the tape (?:begins|ends) here|it never holds/);
  expect(listening).toBe(0);
});

test('a history that cannot be read or written is an empty one', () => {
  // Its folder would lie in what is no folder.
  const file = new HistoryFile({ XDG_STATE_HOME: join(TAPE, 'state') });
  file.save(['a']);
  expect(file.load()).toEqual([]);
  const own = new HistoryFile({ XDG_STATE_HOME: join(FOLDER, 'third') });
  own.save(['second', 'first']);
  expect(own.load()).toEqual(['second', 'first']);
});

describe('completion', () => {
  const reader = { current: null as ReturnType<typeof openTape> | null };
  afterAll(() => reader.current?.close());

  const ends = (line: string): [string[], string] => {
    reader.current ??= openTape(TAPE);
    const progress = { update: () => undefined, end: () => undefined };
    const session = new Session(TAPE, reader.current, { width: 80, paint: plain, progress });
    session.bookmarks.set('before', { event: 3, inside: 0 });
    return completions(GROUPS, session, line);
  };

  test.each([
    ['rev', ['reverse-next', 'reverse-step', 'reverse-continue', 'reverse-until'], 'rev'],
    ['info me', ['memstats'], 'me'],
    ['break GCS', ['GCStarted'], 'GCS'],
    ['break GCStarted if heapLi', ['heapLive'], 'heapLi'],
    ['print 1 + HeapAl', ['HeapAlloc'], 'HeapAl'],
    ['p #2.col', ['#2.color', '#2.colour'], '#2.col'],
    ['p global.c', ['global.cache'], 'global.c'],
    ['p event.fre', ['event.freed'], 'event.fre'],
    ['goto be', ['before'], 'be'],
    ['step ph', ['phase'], 'ph'],
    ['help retai', ['retainers'], 'retai'],
    ['nonsense x', [], 'x'],
    ['print ', [], ''],
  ])('%s', (line, found, part) => {
    expect(ends(line)).toEqual([found, part]);
  });
});
