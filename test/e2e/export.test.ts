/** Exports that cannot be: one line and a hint, and never a part of a file. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  answerOf,
  BIN,
  beginning,
  expectRefusal,
  heaptape,
  TRACE,
  temporaryFolder,
} from './heaptape.testkit.ts';
import { writeProgramTape } from './program.testkit.ts';

const folder = temporaryFolder();
const cwd = folder;
const FORMATS = ['pprof', 'perfetto', 'openmetrics', 'memstats', 'expvar', 'gctrace', 'jsonl'];

const ask = (...args: string[]) => heaptape(['export', 'small.tape', '--format', ...args], { cwd });

beforeAll(async () => {
  writeProgramTape(join(folder, 'small.tape'));
  await answerOf(['import', TRACE, '-o', join(folder, 'good.tape')]);
  const bytes = readFileSync(join(folder, 'good.tape'));
  // An altered page far into the file: the beginning can be read.
  const torn = Buffer.from(bytes);
  torn.fill(0x5a, Math.floor(bytes.length * 0.7), Math.floor(bytes.length * 0.7) + 4096);
  writeFileSync(join(folder, 'torn.tape'), torn);
  mkdirSync(join(folder, 'dir'));
});

describe('what was asked wrongly', () => {
  test.each([
    [['pprof', '--at', 'soon'], 'soon is no position on a tape'],
    [['pprof', '--at', 'cycles'], 'cycles is no position on a tape'],
    [['pprof', '--at', '-1'], '-1 is no position on a tape'],
    [['openmetrics', '--at', 'cycle:99'], 'small.tape: no GC cycle 99: the tape has 3 cycles'],
    [['memstats', '--at', '99999999'], /^heaptape: small\.tape: no event 99999999/],
    [['expvar', '--at', '1e3'], '1e3 is no position on a tape'],
    [['pdf'], /^heaptape: export: option '--format <FORMAT>' argument 'pdf' is invalid/],
  ])('%j', async (args, line) => {
    expectRefusal(await ask(...args, '-o', 'x.out'), line);
    expect(beginning(folder, 'x.')).toEqual([]);
  });
});

test.each(['pprof', 'perfetto', 'openmetrics'])(
  '%s: where it cannot be written nothing is',
  async (format) => {
    expectRefusal(await ask(format, '-o', 'no/x.out'), 'no/x.out: no such file or directory');
    expectRefusal(await ask(format, '-o', 'dir'), 'dir: is a directory');
    if (existsSync('/dev/full')) {
      expectRefusal(await ask(format, '-o', '/dev/full'), '/dev/full: no space left on device');
    }
    expect(beginning(folder, 'no')).toEqual([]);
  },
);

test.each(['pprof', 'perfetto', 'openmetrics', 'gctrace'])(
  '%s: of a damaged tape nothing is written',
  async (format) => {
    writeFileSync(join(folder, 'kept.out'), 'before');
    const found = await heaptape(['export', 'torn.tape', '--format', format, '-o', 'kept.out'], {
      cwd,
    });
    expectRefusal(found, /^heaptape: torn\.tape: /);
    expect(beginning(folder, 'kept.out')).toEqual(['kept.out']);
    expect(readFileSync(join(folder, 'kept.out'), 'utf8')).toBe('before');
  },
);

test.each(['pprof', 'memstats'])(
  '%s: of a damaged tape, what lies before the damage',
  async (format) => {
    const [good, torn] = await Promise.all(
      ['good', 'torn'].map((name) =>
        heaptape(
          ['export', `${name}.tape`, '--format', format, '--at', '1000', '-o', `${name}.${format}`],
          { cwd },
        ),
      ),
    );
    expect([good, torn]).toEqual(Array(2).fill({ status: 0, stdout: '', stderr: '' }));
    const [one, other] = ['good', 'torn'].map((name) =>
      readFileSync(join(folder, `${name}.${format}`)),
    );
    // A profile says which tape it is of.
    if (format === 'memstats') expect(one.equals(other)).toBe(true);
    expect(other.length).toBeGreaterThan(100);
  },
);

test('a reader that stops early is no error, in bytes as in text', () => {
  const script =
    '"$0" "$1" export small.tape --format perfetto | head -c 8 | wc -c; echo "$PIPESTATUS"';
  const { stdout, stderr } = spawnSync('bash', ['-c', script, process.execPath, BIN], {
    cwd,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout.split(/\s+/).filter((word) => word !== '')).toEqual(['8', '0']);
});

test('the same tape gives the same bytes', async () => {
  for (const format of FORMATS) {
    await Promise.all(['first', 'second'].map((name) => ask(format, '-o', name)));
    const [first, second] = ['first', 'second'].map((name) => readFileSync(join(folder, name)));
    expect([format, first.equals(second)]).toEqual([format, true]);
  }
});
