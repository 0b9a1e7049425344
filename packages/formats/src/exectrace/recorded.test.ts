import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { parseGctrace } from '../gctrace/gctrace.ts';
import { ExecTraceReader } from './reader.ts';
import type { RecordedCycle, TraceRecording } from './recording.ts';
import { NOT_FREED } from './recording.ts';
import { scanTrace } from './scan.ts';

/** A directory with recordings of real programs: NAME.trace.gz, and NAME.gctrace.log of the same run. */
const directory = process.env['HEAPTAPE_TRACES'] ?? '';
const CHUNK = 300_000;

/** What other readers counted. `dropped`: allocations of an incomplete last generation. */
const RECORDINGS = [
  {
    name: 'esbuild-0.25-build-gcoff-go1.23',
    counts: { bytes: 12_796_027, generations: 1, batches: 203, events: 1_637_458 },
    objects: { allocs: 1_612_503, tinyParts: 0, frees: 0 },
    cycles: 0,
    dropped: undefined,
  },
  {
    name: 'esbuild-0.27-watch-gogc100-go1.25',
    counts: { bytes: 18_842_004, generations: 7, batches: 336, events: 2_529_656 },
    objects: { allocs: 1_914_219, tinyParts: 87_499, frees: 556_696 },
    cycles: 8,
    dropped: 0,
  },
  {
    name: 'esbuild-0.28-watch-gogc100-go1.26',
    counts: { bytes: 19_583_030, generations: 11, batches: 374, events: 2_765_394 },
    objects: { allocs: 1_970_962, tinyParts: 86_830, frees: 725_887 },
    cycles: 10,
    dropped: 0,
  },
  {
    name: 'esbuild-0.28-watch-gogc20-go1.26',
    counts: { bytes: 20_862_415, generations: 12, batches: 405, events: 2_903_192 },
    objects: { allocs: 1_973_694, tinyParts: 86_419, frees: 729_597 },
    cycles: 34,
    dropped: 0,
  },
  {
    name: 'esbuild-0.28-watch-gogc2-go1.26',
    counts: { bytes: 17_142_184, generations: 8, batches: 313, events: 2_354_041 },
    objects: { allocs: 1_705_325, frees: 416_166 },
    cycles: 64,
    dropped: 9_130,
  },
];
const NOTHING_ODD = {
  unknownBytes: 0,
  misaligned: 0,
  unmapped: 0,
  orphans: 0,
  freesWithoutObject: 0,
  implicitSpanFrees: 0,
  diedWithSpan: 0,
  unresolvedTypes: 0,
  gcOutOfSequence: 0,
};

function chunksOf(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) chunks.push(bytes.subarray(at, at + CHUNK));
  return chunks;
}

/** Deaths by cycle, from the rows: objects and slot bytes. */
function deathsByCycle({ allocs, sites }: TraceRecording, cycles: number): number[][] {
  const dead = Array.from({ length: cycles + 1 }, () => [0, 0]);
  for (let row = 0; row < allocs.count; row++) {
    const bytes = sites.slotBytes[allocs.site.get(row)];
    if (bytes === 0) continue;
    const entry = dead[allocs.freedBy.get(row)];
    entry[0]++;
    entry[1] += bytes;
  }
  return dead;
}

function megabytes(cycle: RecordedCycle): number[] {
  const { heapAtStart, heapAtMarkEnd, heapMarked, effectiveGoal } = cycle;
  return [heapAtStart, heapAtMarkEnd, heapMarked, effectiveGoal].map((bytes) => bytes >>> 20);
}

describe.skipIf(directory === '')('recordings of real programs (HEAPTAPE_TRACES)', () => {
  test.each(RECORDINGS)('$name', ({ name, counts, objects, cycles, dropped }) => {
    const chunks = chunksOf(gunzipSync(readFileSync(join(directory, `${name}.trace.gz`))));
    const reader = new ExecTraceReader();
    for (const chunk of chunks) reader.push(chunk);
    const recording = reader.finish();
    expect(recording.counts).toMatchObject({ ...counts, ...objects, ...NOTHING_ODD });
    expect(recording.counts.dropped?.allocs).toBe(dropped);
    expect(recording.allocs.count).toBe(recording.startCount + recording.counts.allocs);
    expect(recording.gomaxprocs).toBe(2);
    expect(scanTrace(chunks)).toMatchObject(counts);
    expect(recording.cycles.length).toBe(cycles);
    const dead = deathsByCycle(recording, cycles);
    recording.cycles.forEach((cycle) => {
      expect([cycle.freedObjects, cycle.freedBytes]).toEqual(dead[cycle.n]);
    });
    expect(dead[NOT_FREED][0]).toBe(
      recording.allocs.count - recording.counts.tinyParts - recording.counts.frees,
    );
    const log = join(directory, `${name}.gctrace.log`);
    if (!existsSync(log)) return;
    const rows = parseGctrace(readFileSync(log, 'utf8')).rows;
    const heaps = recording.cycles.map(megabytes);
    const logged = rows.map(({ heapAtStart, heapAtMarkEnd, heapMarked, heapGoal }) =>
      [heapAtStart, heapAtMarkEnd, heapMarked, heapGoal].map((bytes) => bytes >>> 20),
    );
    const offset = rows.length - cycles;
    expect(heaps).toEqual(logged.slice(offset, offset + cycles));
  });
});

if (directory === '') {
  test.skip('recordings of real programs: set HEAPTAPE_TRACES to their directory', () => {});
}
