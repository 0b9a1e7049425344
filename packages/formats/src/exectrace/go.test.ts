import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HeaptapeError } from '@heaptape/schema';
import { describe, expect, test } from 'vitest';
import { parseGctrace } from '../gctrace/gctrace.ts';
import { EV_HEAP_OBJECT_ALLOC } from './events.ts';
import { read } from './read.testkit.ts';
import type { TraceRecording } from './recording.ts';
import { SITE_OBJECT } from './recording.ts';
import { scanTrace } from './scan.ts';

const program = fileURLToPath(
  new URL('../../../../test/fixtures/go/allocfree/main.go', import.meta.url),
);
/** Allocations of the runtime and of the tracer itself around what the program counts. */
const NEARLY = 300;

/** Minor version of the Go toolchain on PATH; 0 if there is none. */
function goMinor(): number {
  const { stdout } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  return Number(/^go1\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0);
}

/** Rows whose element type has this name. */
function rowsOfType(recording: TraceRecording, name: string, pages = 0): number {
  const { allocs, sites, types } = recording;
  let rows = 0;
  for (let row = 0; row < allocs.count; row++) {
    const site = allocs.site.get(row);
    if (types.name[sites.type[site]] === name && sites.pages[site] === pages) rows++;
  }
  return rows;
}

interface Counted {
  readonly [name: string]: number;
}

/**
 * Whether Go wrote the trace as it should. Under load Go 1.26 writes some batches short, twice or not at all; then
 * the bare number of allocation events, taken without any interpretation, is not the runtime's own.
 */
function undamaged(trace: Uint8Array, counted: Counted): boolean {
  try {
    const allocs = scanTrace([trace]).byKind[EV_HEAP_OBJECT_ALLOC];
    return minor < 24 || Math.abs(allocs - counted['mallocs']) < NEARLY;
  } catch (error) {
    expect((error as HeaptapeError).code).toBe('bad-data');
    return false;
  }
}

/**
 * Builds and runs the program; gives what it counted, the trace and the gctrace log. Go 1.26 itself may crash in its
 * tracer, for the reason that it writes damaged traces.
 */
function record(): { counted: Counted; trace: Uint8Array; log: string } {
  const directory = mkdtempSync(join(tmpdir(), 'heaptape-go-'));
  try {
    const binary = join(directory, 'allocfree');
    const file = join(directory, 'trace');
    execFileSync('go', ['build', '-o', binary, program]);
    const env = { ...process.env, GODEBUG: 'traceallocfree=1,gctrace=1', GOMAXPROCS: '2' };
    for (let attempt = 1; attempt <= 5; attempt++) {
      const run = spawnSync(binary, [file], { encoding: 'utf8', env });
      if (run.status !== 0) continue;
      const counted: Counted = JSON.parse(run.stdout);
      const trace = readFileSync(file);
      if (undamaged(trace, counted)) return { counted, trace, log: run.stderr };
    }
    throw new Error('five times in a row Go crashed or wrote a damaged trace');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const minor = goMinor();

describe.skipIf(minor < 23)('a program recorded with the Go toolchain on PATH', () => {
  test('counts and heap sizes are those that the runtime knows', () => {
    const { counted, trace, log } = record();
    const recording = read(trace);
    const { counts, cycles, sites, allocs } = recording;
    expect(counts).toMatchObject({ unknownBytes: 0, misaligned: 0, unmapped: 0, orphans: 0 });
    expect(counts).toMatchObject({ freesWithoutObject: 0, unresolvedTypes: 0 });
    // The event of a tiny part may come so late that its block seems to be of another age.
    expect(counts.diedWithSpan).toBeLessThan(5);
    expect(rowsOfType(recording, 'main.node')).toBe(counted['nodes']);
    expect(rowsOfType(recording, 'main.wide')).toBe(counted['wides']);
    expect(rowsOfType(recording, 'main.pair')).toBe(counted['pairs']);
    expect(rowsOfType(recording, 'uint8', 13)).toBe(counted['larges']);
    const blocks = allocs.count - counts.tinyParts;
    if (minor >= 24) {
      expect(rowsOfType(recording, 'main.small')).toBe(counted['smalls']);
      expect(Math.abs(counts.allocs - counted['mallocs'])).toBeLessThan(NEARLY);
      expect(Math.abs(counts.frees + counts.tinyParts - counted['frees'])).toBeLessThan(NEARLY);
    }
    let slotBytes = 0;
    for (let row = recording.startCount; row < allocs.count; row++) {
      slotBytes += sites.slotBytes[allocs.site.get(row)];
    }
    expect(Math.abs(slotBytes / counted['totalAlloc'] - 1)).toBeLessThan(0.01);
    expect(blocks).toBeGreaterThan(counted['nodes']);
    expect(recording.gomaxprocs).toBe(2);
    const wide = sites.slotBytes.findIndex(
      (bytes, s) => sites.kind[s] === SITE_OBJECT && bytes === 896 && sites.bytes[s] === 888,
    );
    expect(wide).toBeGreaterThanOrEqual(0);

    const { rows } = parseGctrace(log);
    expect(cycles.filter((cycle) => cycle.forced).length).toBe(counted['numForced']);
    expect(cycles.length).toBeGreaterThanOrEqual(counted['numGC']);
    const lastForced = (all: readonly { forced: boolean }[]): number => {
      return all.map((cycle) => cycle.forced).lastIndexOf(true);
    };
    const first = lastForced(rows) - lastForced(cycles);
    const logged = rows.slice(first, first + cycles.length);
    cycles.forEach((cycle, i) => {
      const row = logged[i];
      expect(cycle.forced).toBe(row.forced);
      expect(cycle.heapMarked >>> 20).toBe(row.heapMarked >>> 20);
      expect(cycle.heapAtMarkEnd >>> 20).toBe(row.heapAtMarkEnd >>> 20);
    });
    // Go reads the start's heap within microseconds in which another thread may log a change.
    const starts = cycles.map((cycle, i) => {
      return cycle.startSeen ? (cycle.heapAtStart >>> 20) - (logged[i].heapAtStart >>> 20) : 0;
    });
    expect(starts.filter((difference) => difference !== 0).length).toBeLessThanOrEqual(1);
    expect(Math.max(...starts.map(Math.abs))).toBeLessThanOrEqual(1);
  });
});

if (minor < 23) test.skip('recording with real Go: no Go 1.23 or later on PATH', () => {});
