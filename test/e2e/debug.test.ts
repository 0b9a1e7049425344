/** The debugger as a child process: a real recording, and a small program with a pointer graph. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { answerOf, expectRefusal, heaptape, TRACE, temporaryFolder } from './heaptape.testkit.ts';
import { writeProgramTape } from './program.testkit.ts';

const folder = temporaryFolder();
const recorded = join(folder, 'recorded.tape');
const program = join(folder, 'program.tape');

beforeAll(async () => {
  writeProgramTape(program);
  await answerOf(['import', TRACE, '-o', recorded]);
});

/** Lines that commands print; every command must succeed. */
async function debugged(tape: string, ...commands: readonly string[]): Promise<string[]> {
  const input = new TextEncoder().encode(`${commands.join('\n')}\n`);
  const state = join(folder, 'state');
  const answer = await heaptape(['debug', tape], { input, env: { XDG_STATE_HOME: state } });
  expect(answer).toMatchObject({ status: 0, stderr: '' });
  // Nobody typed: there is no history to keep, and no colour.
  expect(existsSync(state)).toBe(false);
  expect(answer.stdout).not.toContain('\u001b');
  return answer.stdout.trimEnd().split('\n');
}

const shown = (lines: readonly string[], pattern: RegExp): string[] =>
  lines.flatMap((line) => pattern.exec(line)?.[1] ?? []);

describe('a program with a pointer graph', () => {
  test('white, grey, black and back; who keeps it; its birth', async () => {
    const lines = await debugged(
      program,
      ...['watch #2', 'c', 'c', 'c', 'retainers #2', 'c', 'c', 'c', 'rc', 'rc', 'rc', 'rc', 'rc'],
      ...['goto born #2', 'p #2.color'],
    );
    const states = ['unborn', 'white', 'grey', 'black', 'white', 'dead', 'freed'];
    const on = states.slice(1).map((state, i) => `${states[i]} → ${state}`);
    // From the last change, going back meets the one before it first.
    const back = on.slice(0, -1).toReversed();
    expect(shown(lines, /#2\.state (.*)$/)).toEqual([...on, ...back]);
    expect(lines).toContain('  global cache');
    expect(lines.at(-1)).toBe('white');
    const events = shown(lines, /^event ([\d,]+) /).map((text) => Number(text.replaceAll(',', '')));
    const there = events.slice(0, on.length);
    expect(events).toEqual([...there, ...there.slice(0, -1).toReversed(), there[0]]);
  });
});

describe('a real recording', () => {
  test('an object of the first cycle, there and back again', async () => {
    const lines = await debugged(
      recorded,
      ...[
        'goto cycle:1',
        'bookmark first',
        'watch #1000 if cycle < 3',
        'goto start',
        'c',
        'c',
        'c',
        'c',
        'c',
      ],
      ...[
        'p cycle',
        'rc',
        'rc',
        'rc',
        'rc',
        'when',
        'goto born #1000',
        'when',
        'goto first',
        'diff start',
      ],
    );
    const on = [
      'unborn → white',
      'white → black',
      'black → white',
      'white → black',
      'black → white',
    ];
    expect(shown(lines, /#1000\.state (.*)$/)).toEqual([...on, ...on.slice(0, -1).toReversed()]);
    const [back, born] = shown(lines, /^event (\d+) of/);
    expect(back).toBe(born);
    expect(lines).toContainEqual(expect.stringMatching(/^NumGC +0 +1$/));
  });

  test('a cycle is left and entered again event by event, and object by object', async () => {
    const lines = await debugged(
      recorded,
      ...['b GCMarkTerminated', 'c', 'p heapMarked', 'rn', 'p phase', 'next', 'p phase'],
      ...[
        'b SpanSwept if event.freed > 50',
        'delete 1',
        'c',
        'when',
        'rn',
        's',
        's',
        's',
        'rs',
        'rs',
        'rs',
        'n',
        'when',
      ],
    );
    expect(lines).toEqual(expect.arrayContaining(['_GCmark', '_GCoff']));
    expect(shown(lines, /: object (\d+) of \d+ inside event/)).toEqual(['1', '2', '3', '2', '1']);
    const places = shown(lines, /^event (\d+) of/);
    expect(places[0]).toBe(places[1]);
  });

  test('where bisect says a condition first holds, it holds, and not before', async () => {
    for (const when of ['NumGC >= 5', 'phase == mark && heapLive > 12MiB', 'event.freed > 200']) {
      const found = await answerOf<{ event: number; timeNs: number }>([
        'bisect',
        recorded,
        '--when',
        when,
      ]);
      const lines = await debugged(
        recorded,
        `goto ${found.event}`,
        `p ${when}`,
        'p time',
        `reverse-until ${when}`,
        'when',
      );
      expect(lines[1]).toBe('true');
      expect(lines[2]).toContain(`(${found.timeNs} ns)`);
      expect(lines.at(-1)).toMatch(/^event 0 of/);
    }
    const never = await answerOf(['bisect', recorded, '--when', 'NumGC > 1000'], 1);
    expect(never).toMatchObject({ event: null, timeNs: null });
  });
});

describe('bad input', () => {
  test('a line on stderr, status 2, and no stack trace', async () => {
    expectRefusal(await heaptape(['debug', TRACE]), /: not a heaptape tape$/);
    expectRefusal(
      await heaptape(['debug', '-']),
      'a tape cannot be read from standard input: it is a database',
    );
    expectRefusal(
      await heaptape(['bisect', recorded, '--when', 'heapLive >']),
      'column 11: the expression ends too early',
    );
    const input = new TextEncoder().encode('bogus\nwhen\n\u0000\u001b[2J\n');
    const answer = await heaptape(['debug', recorded], { input });
    expect(answer.status).toBe(2);
    expect(answer.stdout).toMatch(/^event 0 of \d+, 0 ms \(0 ns\)\n$/);
    expect(
      answer.stderr
        .trimEnd()
        .split('\n')
        .every((line) => line.startsWith('error: ')),
    ).toBe(true);
    expect(answer.stderr).not.toContain('\u001b');
  });
});
