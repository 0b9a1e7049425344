import { HeaptapeError } from '@heaptape/schema';
import { describe, expect, test } from 'vitest';
import { testIo } from './io.testkit.ts';
import { runProgram } from './program.ts';

const VERBS = [
  'import',
  'replay',
  'state',
  'object',
  'bisect',
  'debug',
  'view',
  'dap',
  'whatif',
  'diff',
  'export',
  'sql',
  'check',
  'fuzz',
];

async function failing(...argv: string[]): Promise<{ message: string; hint: string | undefined }> {
  try {
    await runProgram(argv, testIo());
  } catch (error) {
    if (error instanceof HeaptapeError && error.code === 'bad-usage') return error;
    throw error;
  }
  throw new Error('accepted');
}

async function printed(...argv: string[]): Promise<string> {
  const io = testIo();
  expect(await runProgram(argv, io)).toBe(0);
  return io.out();
}

describe('help', () => {
  test('names every verb', async () => {
    const text = await printed('--help');
    for (const verb of VERBS) expect(text).toMatch(new RegExp(`^  ${verb} +\\S`, 'm'));
    expect(await printed('help')).toBe(text);
  });

  test.each(VERBS)('of %s has one example that names the verb', async (verb) => {
    const text = await printed(verb, '--help');
    expect(text.match(/^Example:\n {2}heaptape (\w+) /m)?.[1]).toBe(verb);
    expect(text.match(/^ {2}heaptape /gm)?.length).toBe(1);
    expect(await printed('help', verb)).toBe(text);
  });

  test('the version is that of the package', async () => {
    expect(await printed('--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('bad usage', () => {
  const there = `there are ${VERBS.join(', ')}`;

  test.each([
    [[], `a verb is missing; ${there}`],
    [['run'], `there is no verb 'run'; ${there}`],
    [['toString'], `there is no verb 'toString'; ${there}`],
    [['import'], "import: required option '-o, --output <T.tape>' not specified"],
    [['import', '-o', 'x'], "import: missing required argument 'FILE'"],
    [
      ['replay', 'a', 'b'],
      "replay: too many arguments for 'replay'. Expected 1 argument but got 2.",
    ],
    [['check', '--nonsense'], "check: unknown option '--nonsense'"],
    [['whatif', 'x', '--gogc', 'many'], "--gogc is a whole number or 'off', not 'many'"],
    [['replay', 'x', '--verify', '--to', '3'], '--verify covers the whole tape; leave --to out'],
    [['whatif', 'x', '--json', '--html', '-'], '--html - and --json cannot share stdout'],
    [
      ['export', 'x', '--format', 'jsonl', '--at', '3'],
      '--at is for pprof, openmetrics, memstats, expvar, html, not for jsonl',
    ],
    [
      ['export', 'x', '--format', 'pprof', '--epoch', '3'],
      '--epoch is for openmetrics, not for pprof',
    ],
    [
      ['export', 'x', '--format', 'openmetrics', '--epoch', 'now'],
      '--epoch now: not a time in Unix seconds',
    ],
    [
      ['export', 'x', '--format', 'openmetrics', '--epoch', '9e99'],
      '--epoch 9e99: not a time in Unix seconds',
    ],
    [['export', 'x', '--format', 'jsonl', '--from', '3'], '--from is for html, not for jsonl'],
    [['replay', '-'], 'a tape cannot be read from standard input: it is a database'],
    [['--nonsense'], "VERB: unknown option '--nonsense'"],
  ])('%j', async (argv, message) => {
    expect((await failing(...argv)).message).toBe(message);
  });

  test('bytes are kept from a terminal, text is not', async () => {
    const onTerminal = (format: string) =>
      runProgram(['export', 'missing.tape', '--format', format], testIo({ width: 80 }));
    await expect(onTerminal('pprof')).rejects.toThrow('pprof is no text for a terminal');
    await expect(onTerminal('perfetto')).rejects.toThrow('perfetto is no text for a terminal');
    await expect(onTerminal('openmetrics')).rejects.toThrow(/^missing\.tape: /);
  });

  test('a near miss is suggested', async () => {
    expect((await failing('check', 'x', '--jso')).hint).toBe('Did you mean --json?');
    expect((await failing('check')).hint).toBe(
      '`heaptape check --help` lists arguments and options',
    );
  });
});
