import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { naiveDump, naiveReach } from './naive.testkit.ts';
import { reachableObjects } from './reach.ts';
import { readDump } from './read.testkit.ts';

const program = fileURLToPath(
  new URL('../../../../test/fixtures/go/heapdump/main.go', import.meta.url),
);

/** Minor version of the Go toolchain on PATH; 0 if there is none. */
function goMinor(): number {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  return Number(/^go1\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0);
}

/** Builds and runs the program; gives what it knows and the dump. */
function record(scale: number): {
  truth: Record<string, Record<string, number>>;
  file: Uint8Array;
} {
  const directory = mkdtempSync(join(tmpdir(), 'heaptape-go-'));
  try {
    const binary = join(directory, 'program');
    const dump = join(directory, 'dump');
    execFileSync('go', ['build', '-o', binary, program], {
      env: { ...process.env, CGO_ENABLED: '0' },
    });
    const arguments_ = ['-out', dump, '-scale', String(scale)];
    const truth = JSON.parse(execFileSync(binary, arguments_, { encoding: 'utf8' }));
    return { truth, file: new Uint8Array(readFileSync(dump)) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const minor = goMinor();

describe.skipIf(minor < 24)('a program dumped with the Go toolchain on PATH', () => {
  test('objects and bytes are those that the runtime knows', () => {
    const { truth, file } = record(3);
    const dump = readDump(file, 1 << 20);
    const { objects, memstats } = dump;
    const bytes = objects.bytes.reduce((sum, value) => sum + value, 0);
    expect([objects.count, bytes]).toEqual([memstats.HeapObjects, memstats.HeapAlloc]);
    expect([objects.count, bytes]).toEqual([
      truth['Before']['HeapObjects'],
      truth['Before']['HeapAlloc'],
    ]);
    expect(dump.counts.phantoms).toBeGreaterThan(0);
    const naive = naiveDump(file);
    const reached = reachableObjects(dump, false);
    const addresses = [...objects.address].filter((_, object) => reached[object] === 1);
    expect(new Set(addresses.map(BigInt))).toEqual(naiveReach(naive));
    expect(objects.count - addresses.length).toBeLessThan(20);
  });
});

if (minor < 24) test.skip('dumping with real Go: no Go 1.24 or later on PATH', () => {});
