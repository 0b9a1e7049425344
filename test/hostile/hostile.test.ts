/**
 * Hostile files at a fixed, small size. `node test/hostile/run.mjs --format heapdump --runs 100000` is the large one.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { expectRefusal, heaptape } from '../e2e/heaptape.testkit.ts';

const RUN = fileURLToPath(new URL('./run.mjs', import.meta.url));
const COMMANDS = fileURLToPath(new URL('./commands.mjs', import.meta.url));
const GUIDED = fileURLToPath(new URL('./guided.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'heaptape-bomb-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  readonly format: string;
  /** How many ended good, and by code how many were refused. */
  readonly codes: Readonly<Record<string, number>>;
  readonly findings: readonly { readonly what: string }[];
}

function run(...args: string[]): Promise<Row[]> {
  return answer(RUN, args) as Promise<Row[]>;
}

/** The JSON that a script answers with. */
function answer(script: string, args: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, '--json', ...args]);
    let stdout = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.on('error', reject);
    child.on('close', () => resolve(JSON.parse(stdout)));
  });
}

test('damaged inputs of every format are refused as promised, or used', async () => {
  const rows = await run('--runs', '300', '--seed', '42');
  expect(rows.flatMap(({ findings }) => findings)).toEqual([]);
  for (const { codes } of rows) expect(Object.values(codes).reduce((a, b) => a + b)).toBe(300);
  const refusing = rows
    .filter(({ codes }) => (codes['bad-data'] ?? 0) > 0)
    .map(({ format }) => format);
  expect(refusing).toEqual(expect.arrayContaining(['exectrace', 'heapdump', 'tape', 'segment']));
});

test('commands that are given damaged files answer as promised, and leave nothing behind', async () => {
  const { statuses, findings } = (await answer(COMMANDS, ['--runs', '24', '--seed', '42'])) as {
    statuses: Record<string, number>;
    findings: unknown[];
  };
  expect(findings).toEqual([]);
  expect(Object.values(statuses).reduce((a, b) => a + b)).toBe(24);
});

test('a search guided by coverage keeps what reaches new code', async () => {
  const args = ['--format', 'segment', '--seconds', '3', '--seed', '42'];
  const found = (await answer(GUIDED, args)) as Record<string, number> & { findings: unknown[] };
  expect(found.findings).toEqual([]);
  expect(found['corpus']).toBeGreaterThan(4);
  expect(found['functions']).toBeGreaterThan(100);
});

test('a crash, a hang and a swelling process are found', async () => {
  const [canary] = await run('--format', 'canary', '--runs', '8', '--most-ms', '6000');
  const all = canary.findings.map(({ what }) => what).join('\n');
  expect(all).toMatch(/TypeError: planted/);
  expect(all).toMatch(/no end within 6000 ms/);
  expect(all).toMatch(/MiB of memory/);
}, 200_000);

test.each([
  ['exectrace', 'go 1.26 trace\0\0\0'],
  ['heapdump', 'go1.7 heap dump\n'],
  ['gctrace', 'gc 1 @0.1s 0%:'],
])('ten gigabytes of zeros in ten megabytes of gzip are refused: %s', async (format, head) => {
  const member = gzipSync(Buffer.alloc(64 << 20));
  const bomb = [gzipSync(head), ...Array.from({ length: 160 }, () => member)];
  writeFileSync(join(folder, 'bomb.gz'), Buffer.concat(bomb));
  const began = performance.now();
  const answer = await heaptape(['import', 'bomb.gz', '-o', 'x.tape', '--format', format], {
    cwd: folder,
  });
  expectRefusal(answer, /^heaptape: bomb\.gz: /);
  expect(performance.now() - began).toBeLessThan(10_000);
});
