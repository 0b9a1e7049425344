/**
 * The same seed gives the same bytes, at a fixed, small size. `node test/determinism/run.mjs --runs 10000` is the large one.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));

interface Found {
  readonly kinds: Readonly<Record<string, number>>;
  readonly rows: readonly {
    readonly name: string;
    readonly runs: number;
    readonly files: number;
    readonly different: readonly string[];
  }[];
}

function run(...args: string[]): Promise<Found> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [RUN, '--json', ...args]);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', () =>
      stdout === '' ? reject(new Error(stderr)) : resolve(JSON.parse(stdout) as Found),
    );
  });
}

test('surroundings do not show in a tape', async () => {
  const { kinds, rows } = await run(
    '--runs',
    '24',
    '--batch',
    '12',
    '--seed',
    '42',
    '--only',
    'all of it',
  );
  expect(kinds).toEqual({ program: 8, runtime: 8, whatif: 8 });
  expect(
    rows.flatMap(({ name, different }) => different.map((what) => `${name}: ${what}`)),
  ).toEqual([]);
  expect(rows.map(({ runs, files }) => [runs, files])).toEqual([[24, 24]]);
});

test('a program that depends on its process is found', async () => {
  const { rows } = await run('--runs', '6', '--batch', '3', '--only', 'planted');
  expect(rows.map(({ different }) => different.length)).toEqual([6]);
});
