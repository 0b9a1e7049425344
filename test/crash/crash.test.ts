/**
 * The experiments of `run.mjs` at a fixed, small size: writers killed at seeded instants, system calls that
 * fail, and writers and readers that meet. `node test/crash/run.mjs --runs 1000` is the large one.
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

const sum = (rows: readonly Row[], key: 'killed' | 'errors'): number =>
  rows.reduce((total, row) => total + (row[key] ?? 0), 0);

test('nothing that was committed is lost, whatever happens to its writer', async () => {
  const { stdout, stderr } = await run('--runs', '24', '--seed', '42', '--faults', '2');
  const { kills, faults, meetings } = JSON.parse(stdout) as Record<string, Row[]>;
  for (const rows of [kills, faults, meetings]) {
    expect(rows.flatMap(({ problems }) => problems)).toEqual([]);
  }
  expect(sum(kills, 'killed')).toBeGreaterThan(8);
  const skipped = /^skipped: .*/m.exec(stderr)?.[0];
  if (skipped === undefined) expect(sum(faults, 'errors')).toBeGreaterThan(15);
  else console.log(skipped);
  expect(meetings.length).toBeGreaterThan(0);
});
