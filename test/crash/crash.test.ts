/**
 * The experiments of `run.mjs` at a fixed, small size: writers killed at seeded instants and at system calls,
 * system calls that fail, power failures, and writers and readers that meet. `node test/crash/run.mjs --runs
 * 1000` is the large one.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));

interface Row {
  readonly name: string;
  readonly runs: number;
  readonly killed?: number;
  readonly errors?: number;
  readonly problems: readonly string[];
}

function run(...args: string[]): Promise<{ stdout: string; stderr: string }> {
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
    child.on('close', () => resolve({ stdout, stderr }));
  });
}

const sum = (rows: readonly Row[], key: 'runs' | 'killed' | 'errors'): number =>
  rows.reduce((total, row) => total + (row[key] ?? 0), 0);

/** The scenarios that are run here, of all parts. */
const SCENARIOS = [
  'every segment flushed',
  'snapshots',
  'continue',
  'replace what a killed writer left',
  'migrating',
  'export',
  'create, flushed',
  'two create, two continue',
  'first, second, third',
  'reader and new tape',
  'questions about a new tape',
];
const COUNTS = '--runs 12 --calls 4 --faults 1 --cuts 10 --meetings 1 --seed 42'.split(' ');

test('nothing that was committed is lost, whatever happens to its writer', async () => {
  const only = SCENARIOS.flatMap((name) => ['--only', name]);
  const { stdout, stderr } = await run(...COUNTS, ...only);
  expect(stdout, stderr).not.toBe('');
  const { kills, calls, faults, power, meetings } = JSON.parse(stdout) as Record<string, Row[]>;
  for (const rows of [kills, calls, faults, power, meetings]) {
    expect(rows.flatMap(({ problems }) => problems)).toEqual([]);
  }
  expect(sum(kills, 'killed')).toBeGreaterThan(6);
  expect(meetings.length).toBe(4);
  const skipped = /^skipped: .*/m.exec(stderr)?.[0];
  if (skipped === undefined) {
    expect(sum(calls, 'killed')).toBe(sum(calls, 'runs'));
    expect(sum(faults, 'errors')).toBeGreaterThan(10);
    expect(sum(power, 'runs')).toBeGreaterThan(20);
  } else console.log(skipped);
});
