import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeaptapeError } from '@heaptape/schema';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testIo } from '../io.testkit.ts';
import { writeOutput } from './file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heaptape-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file appears when all of it is there', async () => {
  const path = join(folder, 'x');
  const lines = Array.from({ length: 30_000 }, (_, i) => `line ${i}\n`);
  await writeOutput(testIo(), path, async (write) => {
    for (const line of lines) await write(line);
    expect(readdirSync(folder)).toEqual([`x.partial-${process.pid}`]);
  });
  expect(readFileSync(path, 'utf8')).toBe(lines.join(''));
  expect(readdirSync(folder)).toEqual(['x']);
});

test('a failure leaves what was there, and nothing beside it', async () => {
  const path = join(folder, 'x');
  writeFileSync(path, 'before');
  const failing = writeOutput(testIo(), path, async (write) => {
    await write('half'.repeat(50_000));
    throw new HeaptapeError('bad-usage', 'stop');
  });
  await expect(failing).rejects.toThrow(/^stop$/);
  expect(readdirSync(folder)).toEqual(['x']);
  expect(readFileSync(path, 'utf8')).toBe('before');
});

test('what a killed process left is removed, what a living one is writing is not', async () => {
  const path = join(folder, 'x');
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(`${path}.partial-${dead}`, 'half');
  writeFileSync(`${path}.partial-${process.ppid}`, 'half');
  writeFileSync(`${path}.partial-notes`, 'mine');
  await writeOutput(testIo(), path, (write) => write('text'));
  const left = ['x', 'x.partial-notes', `x.partial-${process.ppid}`];
  expect(readdirSync(folder).sort()).toEqual(left.sort());
});

test('an error of what is written is not blamed on the output', async () => {
  const failing = writeOutput(testIo(), join(folder, 'x'), async () => {
    throw new TypeError('a bug');
  });
  await expect(failing).rejects.toThrow(/^a bug$/);
});

test('what cannot be written is named as it was typed', async () => {
  const inside = join(folder, 'missing', 'x');
  mkdirSync(join(folder, 'dir'));
  const nothing = async (): Promise<void> => undefined;
  await expect(writeOutput(testIo(), inside, nothing)).rejects.toMatchObject({
    code: 'file-error',
    message: `${inside}: no such file or directory`,
  });
  await expect(writeOutput(testIo(), join(folder, 'dir'), nothing)).rejects.toThrow(
    `${join(folder, 'dir')}: is a directory`,
  );
});

test('`-` is stdout', async () => {
  const io = testIo();
  await writeOutput(io, '-', async (write) => write('text'));
  expect(io.out()).toBe('text');
});
