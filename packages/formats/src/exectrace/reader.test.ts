import { HeaptapeError } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchSplitter } from './batches.ts';
import {
  EV_CPU_SAMPLES,
  EV_HEAP_ALLOC,
  EV_HEAP_OBJECT_ALLOC,
  EV_HEAP_OBJECT_FREE,
  EV_SPAN_ALLOC,
} from './events.ts';
import { Process } from './model.testkit.ts';
import { read } from './read.testkit.ts';
import type { TraceRecording } from './recording.ts';
import { scanTrace } from './scan.ts';
import { scriptArbitrary } from './script.testkit.ts';
import { isEventBatch } from './tables.ts';
import { Bytes, TraceWriter } from './writer.testkit.ts';

const KINDS = ['object', 'block', 'part'];

/** The run of the schedule, or the entry of the clock, that a row belongs to. */
function lastAtOrBefore(get: (k: number) => number, count: number, row: number): number {
  let k = 0;
  while (k + 1 < count && get(k + 1) <= row) k++;
  return k;
}

function rowsOf(recording: TraceRecording): unknown[] {
  const { sites, types, allocs } = recording;
  return Array.from({ length: allocs.count }, (_, row) => {
    const site = allocs.site.get(row);
    return {
      kind: KINDS[sites.kind[site]],
      spanClass: sites.spanClass[site],
      pages: sites.pages[site],
      typeName: types.name[sites.type[site]],
      freedBy: allocs.freedBy.get(row),
    };
  });
}

function whoOf(recording: TraceRecording, row: number): unknown {
  const { schedule, goroutines } = recording;
  const run = lastAtOrBefore((k) => schedule.firstRow.get(k), schedule.count, row);
  return [schedule.proc.get(run), goroutines.id.get(schedule.goroutine.get(run))];
}

describe('ExecTraceReader', () => {
  test('reading a written trace gives the process back', () => {
    fc.assert(
      fc.property(scriptArbitrary, fc.integer({ min: 1, max: 5000 }), (script, chunk) => {
        const process = new Process(script);
        const recording = read(process.bytes, chunk);
        const { counts } = recording;
        expect(recording.goFormat).toBe(script.format);
        expect(recording.warnings).toEqual([]);
        expect(recording.gomaxprocs).toBe(3);
        expect(recording.startCount).toBe(process.startCount);
        expect(rowsOf(recording)).toEqual(
          process.rows.map(({ kind, spanClass, pages, typeName, freedBy }) => {
            return { kind, spanClass, pages, typeName, freedBy };
          }),
        );
        for (let row = process.startCount; row < process.rows.length; row++) {
          const { proc, goroutine } = process.rows[row];
          expect(whoOf(recording, row)).toEqual([proc, goroutine]);
        }
        expect(counts.allocs).toBe(process.rows.length - process.startCount);
        expect(counts.tinyParts).toBe(process.parts);
        expect(counts.frees).toBe(process.frees);
        expect(counts.byKind[EV_HEAP_OBJECT_ALLOC]).toBe(counts.allocs);
        expect(counts.byKind[EV_HEAP_OBJECT_FREE]).toBe(counts.frees);
        expect(recording.cycles.length).toBe(process.cycles.length);
        recording.cycles.forEach((cycle, i) => {
          expect(cycle).toMatchObject({ ...process.cycles[i], n: i + 1, startSeen: true });
          expect(cycle.forced).toBe(process.cycles[i].trigger === 'forced');
        });
        const scan = scanTrace([process.bytes]);
        expect(scan).toMatchObject({ events: counts.events, batches: counts.batches, whole: true });
      }),
      { seed: 42, numRuns: 300 },
    );
  });

  test('the clock is exact where it has an entry, and has one every 256 rows or 64 KiB', () => {
    fc.assert(
      fc.property(scriptArbitrary, (script) => {
        const process = new Process(script);
        const { clock, sites, allocs } = read(process.bytes);
        let bytes = 0;
        for (let row = process.startCount, k = 0; row < allocs.count; row++) {
          if (k < clock.count && clock.row.get(k) === row) {
            expect(clock.timeNs.get(k)).toBe(process.rows[row].timeNs);
            bytes = 0;
            k++;
          } else bytes += sites.slotBytes[allocs.site.get(row)];
          const last = clock.row.get(k - 1);
          expect(row - last).toBeLessThanOrEqual(256);
          expect(bytes).toBeLessThanOrEqual(65536);
        }
      }),
      { seed: 43, numRuns: 100 },
    );
  });

  test('a cut file gives a prefix of the rows, or one clear error', () => {
    fc.assert(
      fc.property(scriptArbitrary, fc.double({ min: 0, max: 1, noNaN: true }), (script, part) => {
        const process = new Process(script);
        const bytes = process.bytes.slice(0, Math.floor(part * process.bytes.length));
        try {
          const recording = read(bytes);
          expect(recording.allocs.count).toBeLessThanOrEqual(process.rows.length);
          if (recording.counts.dropped !== null) {
            const expected = process.rows.slice(0, recording.allocs.count);
            const { sites, allocs } = recording;
            const classes = expected.map((_, row) => sites.spanClass[allocs.site.get(row)]);
            expect(classes).toEqual(expected.map((row) => row.spanClass));
          }
        } catch (error) {
          expect(error).toBeInstanceOf(HeaptapeError);
        }
      }),
      { seed: 44, numRuns: 300 },
    );
  });

  test('flipped bytes give a recording within bounds or one clear error', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    let readable = 0;
    fc.assert(
      fc.property(scriptArbitrary, flips, (script, changes) => {
        const bytes = new Process(script).bytes;
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        try {
          const { allocs, counts } = read(bytes);
          expect(allocs.count).toBeLessThanOrEqual(counts.events);
          expect(counts.events).toBeLessThanOrEqual(bytes.length);
          readable++;
        } catch (error) {
          expect(error).toBeInstanceOf(HeaptapeError);
          expect((error as HeaptapeError).message).not.toContain('\n');
        }
      }),
      { seed: 45, numRuns: 1000 },
    );
    expect(readable).toBeGreaterThan(50);
  });

  test('a generation may state another frequency; time goes on where it was', () => {
    const writer = new TraceWriter('1.26', 100);
    writer.begin(1000);
    writer.event(1, 1001, EV_SPAN_ALLOC, 0, 1, 8);
    writer.event(1, 2001, EV_HEAP_ALLOC, 1);
    writer.end(2002);
    writer.frequency *= 2;
    writer.begin(3000);
    writer.event(1, 3001, EV_HEAP_ALLOC, 2);
    writer.event(1, 4001, EV_HEAP_ALLOC, 3);
    writer.end(4002);
    const { heapSeries, durationNs } = read(writer.bytes());
    expect([...heapSeries.timeNs]).toEqual([64_000, 128_000, 160_000]);
    expect(durationNs).toBe(160_000);
  });

  test('a generation that goes back in time with a faster clock does not set the time back', () => {
    const writer = new TraceWriter('1.26', 100);
    writer.begin(1000);
    writer.event(1, 1001, EV_SPAN_ALLOC, 0, 1, 8);
    writer.event(1, 5001, EV_HEAP_ALLOC, 1);
    writer.end(5002);
    writer.frequency *= 2;
    writer.begin(2000);
    writer.event(1, 2001, EV_HEAP_ALLOC, 2);
    writer.event(1, 6001, EV_HEAP_ALLOC, 3);
    writer.end(6002);
    const times = [...read(writer.bytes()).heapSeries.timeNs];
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(times).size).toBeGreaterThan(1);
  });

  test('a batch that was written twice is taken once', () => {
    fc.assert(
      fc.property(scriptArbitrary, fc.nat(), (script, pick) => {
        const bytes = new Process(script).bytes;
        const once = read(bytes);
        const batches: [number, number][] = [];
        const splitter = new BatchSplitter({
          batch: (b) => {
            // Type, generation, thread (two bytes), time, and the size in ten bytes.
            const header = 4 + (b.time < 2 ** 21 ? 3 : 4) + 10;
            if (isEventBatch(b)) batches.push([b.offset - header, header + b.size]);
          },
          endOfGeneration: () => {},
        });
        splitter.push(bytes);
        const [start, length] = batches[pick % batches.length];
        const end = start + length;
        const parts = [bytes.slice(0, end), bytes.slice(start, end), bytes.slice(end)];
        const twice = read(Uint8Array.from(parts.flatMap((part) => [...part])));
        expect(twice.counts).toEqual({
          ...once.counts,
          bytes: bytes.length + length,
          batches: once.counts.batches + 1,
          duplicateBatches: 1,
        });
        expect(rowsOf(twice)).toEqual(rowsOf(once));
      }),
      { seed: 46, numRuns: 100 },
    );
  });

  test('CPU samples are passed over, unknown experiments counted', () => {
    const writer = new TraceWriter('1.26', 100);
    writer.begin(1000);
    writer.table(1000, new Bytes().byte(EV_CPU_SAMPLES).byte(7).uvarint(5).uvarint(1));
    writer.table(1000, new Bytes().byte(1).byte(2).byte(3), 9);
    writer.table(1000, new Bytes().byte(77).byte(2), 1);
    writer.event(1, 1001, EV_HEAP_ALLOC, 1);
    writer.end(2000);
    const { counts, warnings } = read(writer.bytes());
    expect([counts.events, counts.unknownBytes]).toEqual([1, 5]);
    expect(warnings).toEqual([
      { message: expect.stringContaining('unknown experiments'), count: 5 },
    ]);
  });
});
