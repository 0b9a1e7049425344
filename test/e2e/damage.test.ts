/**
 * Bad input: each kind gives one line and a hint, status 2, no stack trace, and leaves nothing under
 * the final name. What can still be used of a damaged trace is used, and the tape made of it is sound.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openTape, openTapeWriter } from '@heaptape/log';
import { argOffsets, EVENTS, EventBatch } from '@heaptape/schema';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Answer,
  answerOf,
  BIN,
  beginning,
  expectRefusal,
  heaptape,
  LOG,
  TRACE,
  temporaryFolder,
} from './heaptape.testkit.ts';

const folder = temporaryFolder();
const cwd = folder;
const put = (name: string, bytes: Uint8Array | string): void =>
  writeFileSync(join(folder, name), bytes);
const zipped = readFileSync(TRACE);
const plain = gunzipSync(zipped);

/** Whole numbers below `limit`, the same ones at each run. */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** Two at a time, as on the smallest machine where this has to be quick. */
async function inPairs<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < tasks.length; i += 2) {
    results.push(...(await Promise.all(tasks.slice(i, i + 2).map((task) => task()))));
  }
  return results;
}

beforeAll(async () => {
  put('empty', '');
  put('picture.png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'));
  put('heap.dump', 'go1.7 heap dump\nxxxx');
  put('noalloc.trace', Buffer.concat([plain.subarray(0, 16)]));
  put('text', 'just text\n'.repeat(100));
  await answerOf(['import', TRACE, '-o', join(folder, 'good.tape')]);
});

describe('what is no input', () => {
  const wrong: [string[], string | RegExp][] = [
    [['import', 'empty', '-o', 'x.tape'], 'empty: the file is empty'],
    [
      ['import', 'picture.png', '-o', 'x.tape'],
      /^heaptape: picture\.png: no Go execution trace.*\(offset 0: 89 50/,
    ],
    [
      ['import', 'text', '-o', 'x.tape'],
      /^heaptape: text: no Go execution trace, gctrace log or heap dump/,
    ],
    [
      ['import', 'heap.dump', '-o', 'x.tape'],
      /^heaptape: heap\.dump: no record has tag 120 at offset 17/,
    ],
    [
      ['import', TRACE, '-o', 'x.tape', '--format', 'heapdump'],
      /: not a Go heap dump \(offset 0\)/,
    ],
    [['import', TRACE, '-o', 'x.tape', '--format', 'gctrace'], /no gctrace line in it/],
    [['import', LOG, '-o', 'x.tape', '--format', 'exectrace'], /^heaptape: \S+\.log: .*offset 0/],
    [['import', 'noalloc.trace', '-o', 'x.tape'], /^heaptape: noalloc\.trace: .*no allocation/],
    [['import', '.', '-o', 'x.tape'], '.: is a directory'],
    [['import', 'missing', '-o', 'x.tape'], 'missing: no such file or directory'],
    [['import', 'good.tape', '-o', 'x.tape'], /^heaptape: good\.tape: .*a tape already/],
    [
      ['import', TRACE, '-o', 'no/x.tape'],
      /^heaptape: no\/x\.tape: cannot write the tape: no such/,
    ],
    [['import', TRACE, '-o', '.'], /^heaptape: \.: cannot write the tape: is a folder/],
    [['import', TRACE, '-o', 'text'], 'text: exists and is no tape; it is left as it is'],
    [['import', TRACE, '-o', TRACE], /input and output are the same file/],
    [['import', LOG, '-o', 'x.tape', '--gogc', '50'], /a gctrace log has no workload/],
    [['whatif', 'picture.png'], /^heaptape: picture\.png: no Go execution trace/],
    [['whatif', LOG], /a gctrace log holds cycles but no allocations/],
    [['replay', 'empty'], 'empty: not a heaptape tape: the file is empty'],
    [['state', 'picture.png'], 'picture.png: not a heaptape tape'],
    [['check', 'missing'], /^heaptape: missing: .*no such file/],
    [['sql', '.', 'SELECT 1'], /^heaptape: \.: .*folder/],
    [['diff', 'good.tape', 'missing'], /^heaptape: missing: .*no such file/],
    [['replay', 'good.tape', '--to', '99999999'], /^heaptape: good\.tape: no event 99999999/],
    [['state', 'good.tape', '--at', 'cycle:99'], /^heaptape: good\.tape: no GC cycle 99/],
    [['state', 'good.tape', '--at', 'soon'], /soon is no position/],
    [['sql', 'good.tape', 'SELECT nonsense'], 'sql: no such column: nonsense'],
    [['sql', 'good.tape', 'DELETE FROM segment'], /^heaptape: sql: /],
    [['export', 'good.tape', '--format', 'jsonl', '-o', 'no/x'], 'no/x: no such file or directory'],
    [['export', 'missing', '--format', 'jsonl', '-o', 'x.jsonl'], /^heaptape: missing: /],
    [['replai'], /there is no verb 'replai'; there are import, /],
    [['dap', '--port', '70000'], "--port is a number from 0 to 65535, not '70000'"],
    [['check', '--nonsense'], "check: unknown option '--nonsense'"],
  ];

  let answers: Answer[];
  beforeAll(async () => {
    answers = await inPairs(
      wrong.map(([args], i) => {
        // Each has an output of its own, because two run at a time.
        const own = args.map((arg) => (arg === 'x.tape' ? `x.${i}.tape` : arg));
        return () => heaptape(own, { cwd });
      }),
    );
  });

  test.each(wrong.map(([args, line], i) => [args, line, i] as const))('%j', (_, line, i) => {
    expectRefusal(answers[i], line);
  });

  test('nothing is left of them', () => {
    expect(beginning(folder, 'x.')).toEqual([]);
  });

  test('stdin that is empty, and stdin that is a picture', async () => {
    const ask = (input: Uint8Array) => heaptape(['import', '-', '-o', 'x.tape'], { cwd, input });
    expectRefusal(await ask(Buffer.alloc(0)), 'standard input: the file is empty');
    expectRefusal(
      await ask(readFileSync(join(folder, 'picture.png'))),
      /^heaptape: standard input: /,
    );
    expect(beginning(folder, 'x.')).toEqual([]);
  });

  test('what was refused has not touched what was there', () => {
    expect(readFileSync(join(folder, 'text'), 'utf8')).toBe('just text\n'.repeat(100));
    expect(readFileSync(TRACE).equals(zipped)).toBe(true);
  });
});

/** Imports a damaged trace: either it is refused as promised, or its tape is sound. */
async function survive(name: string, bytes: Uint8Array): Promise<'refused' | 'used'> {
  put(name, bytes);
  const output = `${name}.tape`;
  const answer = await heaptape(['import', name, '-o', output, '--json'], { cwd });
  rmSync(join(folder, name));
  if (answer.status !== 0) {
    expectRefusal(answer, new RegExp(`^heaptape: ${name}: `));
    expect(beginning(folder, name)).toEqual([]);
    return 'refused';
  }
  expect(answer.stderr).toBe('');
  const { events } = JSON.parse(answer.stdout) as { events: number };
  expect(events).toBeGreaterThan(0);
  expect(beginning(folder, name)).toEqual([output]);
  const reader = openTape(join(folder, output));
  expect(reader.check()).toEqual({ ok: true, problems: [] });
  reader.close();
  rmSync(join(folder, output));
  return 'used';
}

const surviveAll = (cases: readonly (readonly [string, Uint8Array])[]): Promise<string[]> =>
  inPairs(cases.map((one) => () => survive(...one)));

describe('damaged traces', () => {
  test('cut anywhere: used up to the cut, or refused', async () => {
    const below = numbers(42);
    const cut = Array.from({ length: 12 }, (_, i) => {
      return [`cut${i}`, plain.subarray(0, below(plain.length))] as const;
    });
    expect(await surviveAll(cut)).toContain('used');
  });

  test('a compressed one cut anywhere is refused', async () => {
    const below = numbers(43);
    const cut = Array.from({ length: 8 }, (_, i) => {
      return [`zcut${i}`, zipped.subarray(0, 100 + below(zipped.length - 100))] as const;
    });
    expect(new Set(await surviveAll(cut))).toEqual(new Set(['refused']));
  });

  test('with a hundred flipped bytes, compressed and not', async () => {
    const below = numbers(44);
    const flipped = [plain, zipped, plain, zipped, plain, zipped].map((bytes, i) => {
      const damaged = Buffer.from(bytes);
      for (let n = 0; n < 100; n += 1) damaged[below(damaged.length)] ^= 1 + below(255);
      return [`flip${i}`, damaged] as const;
    });
    const results = await surviveAll(flipped);
    expect(results.filter((_, i) => i % 2 === 1)).toEqual(['refused', 'refused', 'refused']);
  });
});

describe('a damaged tape', () => {
  test('is found out by check, and replays up to the damage', async () => {
    const bytes = readFileSync(join(folder, 'good.tape'));
    // Far into the file, where the segments of the later events are.
    const at = Math.floor(bytes.length * 0.9);
    for (let i = 0; i < 64; i += 1) bytes[at + i] ^= 0x55;
    put('torn.tape', bytes);
    const { ok, problems } = await answerOf<{ ok: boolean; problems: string[] }>(
      ['check', 'torn.tape'],
      1,
      { cwd },
    );
    expect(ok).toBe(false);
    expect(problems.length).toBeGreaterThan(0);
    expectRefusal(
      await heaptape(['replay', 'torn.tape'], { cwd }),
      /^heaptape: torn\.tape: .*events \d+ to \d+/,
    );
    expect(await answerOf(['replay', 'torn.tape', '--to', '20000'], 0, { cwd })).toEqual(
      await answerOf(['replay', 'good.tape', '--to', '20000'], 0, { cwd }),
    );
  });

  test('an altered event is a mismatch, with status 1', async () => {
    const reader = openTape(join(folder, 'good.tape'));
    const writer = openTapeWriter(join(folder, 'forged.tape'));
    const batch = new EventBatch();
    reader.segments.forEach((segment, index) => {
      reader.readSegment(index, batch);
      const offsets = argOffsets(batch);
      if (index === 3) {
        const committed = batch.kinds.indexOf(EVENTS.MutatorRan.tag);
        batch.args[offsets[committed]] += 1;
      }
      writer.append(batch, segment.stateHash, segment.endTimeNs);
    });
    writer.close();
    reader.close();
    const found = await answerOf<Record<string, unknown>>(
      ['replay', 'forged.tape', '--verify'],
      1,
      { cwd },
    );
    expect(found).toMatchObject({ verified: false });
    expect(found['firstMismatch']).toMatchObject({ seq: expect.any(Number) });
  });
});

describe('an interrupted import', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    '%s leaves nothing under the final name, and is cleaned up by the next one',
    async (signal) => {
      const left = await new Promise<string[]>((resolve) => {
        const child = spawn(process.execPath, [BIN, 'import', TRACE, '-o', 'late.tape'], { cwd });
        const timer = setInterval(() => {
          if (beginning(folder, 'late.tape.partial-').length === 0) return;
          clearInterval(timer);
          child.kill(signal);
        }, 5);
        child.on('close', () => resolve(beginning(folder, 'late.tape')));
      });
      for (const name of left)
        expect(name).toMatch(/^late\.tape\.partial-\d+(?:-wal|-shm|-journal)?$/);
      await answerOf(['import', LOG, '-o', 'late.tape'], 0, { cwd });
      expect(beginning(folder, 'late.tape')).toEqual(['late.tape']);
      rmSync(join(folder, 'late.tape'));
    },
  );
});

describe('a full disk', () => {
  function smallDisk(kib: number): string | undefined {
    const place = join(folder, `disk${kib}`);
    mkdirSync(place);
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', place]);
    return status === 0 ? place : undefined;
  }

  test('is one line, and leaves nothing', async ({ skip }) => {
    const disk = smallDisk(256);
    if (disk === undefined) {
      console.log('skipped: no permission to mount a small file system, disk-full untested');
      skip('mount is not permitted');
      return;
    }
    try {
      const imported = await heaptape(['import', TRACE, '-o', 'disk256/x.tape'], { cwd });
      expectRefusal(imported, /^heaptape: disk256\/x\.tape: .*the disk is full$/);
      expect(beginning(disk, '')).toEqual([]);
      const exported = ['export', 'good.tape', '--format', 'jsonl', '-o', 'disk256/x.jsonl'];
      expectRefusal(await heaptape(exported, { cwd }), 'disk256/x.jsonl: no space left on device');
      expect(beginning(disk, '')).toEqual([]);
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  test('under stdout is one line, too', async ({ skip }) => {
    if (!existsSync('/dev/full')) {
      skip('there is no /dev/full');
      return;
    }
    const script = '"$0" "$1" export good.tape --format jsonl > /dev/full';
    const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, BIN], {
      cwd,
      encoding: 'utf8',
    });
    expectRefusal({ status, stdout: '', stderr }, 'standard output: no space left on device');
  });
});
