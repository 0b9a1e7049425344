import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PATIENCE_NS } from './blocked.ts';
import * as ev from './events.ts';
import { RUN_AHEAD_NS } from './merge.ts';
import { read } from './read.testkit.ts';
import { TraceWriter } from './writer.testkit.ts';

const NS_PER_UNIT = 64;
const START = 5_000_000;

/** Per thread: steps of time, and whether the event is an allocation or a heap level. */
const threadsArbitrary = fc.array(
  fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.boolean()), { maxLength: 120 }),
  { minLength: 1, maxLength: 5 },
);

describe('merging threads', () => {
  test('own order is kept, allocations run ahead by less than the slack, nothing else does', () => {
    fc.assert(
      fc.property(threadsArbitrary, fc.integer({ min: 1, max: 500 }), (threads, batchBytes) => {
        const writer = new TraceWriter('1.26', batchBytes);
        writer.begin(START - 10);
        writer.event(1, START - 5, ev.EV_SPAN_ALLOC, 0, 1, 2 << 1);
        const allocTimes: number[] = [];
        const levels: { time: number; level: number }[] = [];
        const taken = new Set<number>();
        threads.forEach((steps, thread) => {
          let time = START + thread;
          steps.forEach(([step, isAlloc]) => {
            time += step;
            while (taken.has(time)) time++;
            taken.add(time);
            if (isAlloc) {
              const n = allocTimes.push(time);
              const type = { address: n, size: thread, ptrBytes: 8, name: '' };
              writer.event(2 + thread, time, ev.EV_HEAP_OBJECT_ALLOC, n - 1, writer.type(type));
            } else {
              levels.push({ time, level: levels.length + 1 });
              writer.event(2 + thread, time, ev.EV_HEAP_ALLOC, levels.length);
            }
          });
        });
        writer.end(START * 2);
        const { allocs, sites, types, heapSeries, counts } = read(writer.bytes());
        expect(counts.unmapped + counts.misaligned).toBe(0);
        expect(allocs.count).toBe(allocTimes.length);
        const last: number[] = [];
        let latest = 0;
        for (let row = 0; row < allocs.count; row++) {
          const type = sites.type[allocs.site.get(row)];
          const time = allocTimes[types.address[type] - 1];
          const thread = types.size[type];
          expect(time).toBeGreaterThan(last[thread] ?? 0);
          last[thread] = time;
          expect((latest - time) * NS_PER_UNIT).toBeLessThanOrEqual(RUN_AHEAD_NS);
          latest = Math.max(latest, time);
        }
        const ordered = levels.sort((a, b) => a.time - b.time).map(({ level }) => level);
        expect([...heapSeries.heapLive]).toEqual(ordered);
      }),
      { seed: 42, numRuns: 200 },
    );
  });

  test('runs of one thread stay together', () => {
    const writer = new TraceWriter('1.26', 1000);
    writer.begin(START - 10);
    writer.event(1, START - 5, ev.EV_SPAN_ALLOC, 0, 1, 2 << 1);
    for (let i = 0; i < 400; i++) {
      const thread = i % 2;
      if (i < 2) {
        writer.event(10 + thread, START + i * 3, ev.EV_PROC_STATUS, thread, 1);
      }
      writer.event(10 + thread, START + i * 3 + 1, ev.EV_HEAP_OBJECT_ALLOC, i, 0);
    }
    writer.end(START * 2);
    const { schedule } = read(writer.bytes());
    expect(schedule.count).toBeLessThan(10);
  });

  test('a GC event waits for the one before it', () => {
    const writer = new TraceWriter('1.26', 1000);
    writer.begin(START);
    writer.event(1, START + 10, ev.EV_GC_BEGIN, 1, 0);
    writer.event(2, START + 20, ev.EV_GC_END, 2);
    writer.event(2, START + 30, ev.EV_GC_END, 4);
    writer.event(1, START + 40, ev.EV_GC_BEGIN, 3, 0);
    writer.end(START + 50);
    const { cycles, counts } = read(writer.bytes());
    expect(cycles.map((cycle) => cycle.startSeen)).toEqual([true, true]);
    expect(counts.gcOutOfSequence).toBe(0);
  });

  test('a GC event that is missing is counted, and the rest goes on', () => {
    const writer = new TraceWriter('1.26', 1000);
    writer.begin(START);
    writer.event(1, START + 10, ev.EV_GC_BEGIN, 1, 0);
    writer.event(1, START + 20, ev.EV_GC_END, 3);
    writer.event(2, START + 30, ev.EV_HEAP_ALLOC, 7);
    writer.end(START + 50);
    const { cycles, counts, heapSeries } = read(writer.bytes());
    expect(cycles.length).toBe(1);
    expect([...heapSeries.heapLive]).toEqual([7]);
    expect(counts.gcOutOfSequence).toBe(1);
  });

  test('a span is not laid out before the late free of the one that it replaces', () => {
    const writer = new TraceWriter('1.26', 1000);
    writer.begin(START);
    writer.event(1, START + 10, ev.EV_SPAN_ALLOC, 4, 1, 20);
    writer.event(1, START + 20, ev.EV_HEAP_OBJECT_ALLOC, 4096, 0);
    writer.event(1, START + 30, ev.EV_GC_BEGIN, 1, 0);
    writer.event(1, START + 40, ev.EV_GC_END, 2);
    writer.event(2, START + 2000, ev.EV_SPAN_ALLOC, 4, 1, 36);
    writer.event(2, START + 2010, ev.EV_HEAP_OBJECT_ALLOC, 4096 + 14, 0);
    writer.event(3, START + 3000, ev.EV_HEAP_OBJECT_ALLOC, 4096 + 28, 0);
    writer.event(1, START + 20_000, ev.EV_HEAP_OBJECT_FREE, 4096);
    writer.event(1, START + 20_010, ev.EV_SPAN_FREE, 4);
    writer.end(START + 30_000);
    const { allocs, sites, counts, warnings } = read(writer.bytes());
    const classes = [0, 1, 2].map((row) => sites.spanClass[allocs.site.get(row)]);
    expect(classes).toEqual([10, 18, 18]);
    expect([0, 1, 2].map((row) => allocs.freedBy.get(row))).toEqual([1, 0, 0]);
    expect(counts.allocs).toBe(3);
    expect(warnings).toEqual([]);
  });

  test('a thread waits for a span that does not come only so long', () => {
    const patience = PATIENCE_NS / NS_PER_UNIT;
    const writer = new TraceWriter('1.26', 1000);
    writer.begin(START);
    writer.event(1, START + 10, ev.EV_HEAP_OBJECT_ALLOC, 4096, 0);
    writer.event(1, START + 20, ev.EV_HEAP_ALLOC, 1);
    writer.event(2, START + patience, ev.EV_HEAP_ALLOC, 2);
    writer.event(2, START + patience + 30, ev.EV_HEAP_ALLOC, 3);
    writer.end(START + 100_000);
    const { heapSeries, counts } = read(writer.bytes());
    expect([...heapSeries.heapLive]).toEqual([2, 1, 3]);
    expect(counts.unmapped).toBe(1);
  });

  test('frees that were stamped one tick apart are taken at the start of their burst', () => {
    const writer = new TraceWriter('1.26', 100_000);
    writer.begin(START);
    writer.event(1, START + 10, ev.EV_SPAN_ALLOC, 0, 1, 8);
    for (let i = 0; i < 500; i++) {
      writer.event(1, START + 20 + i, ev.EV_HEAP_OBJECT_ALLOC, i * 2, 0);
    }
    writer.event(1, START + 600, ev.EV_GC_BEGIN, 1, 0);
    writer.event(1, START + 700, ev.EV_GC_END, 2);
    for (let i = 0; i < 500; i++) writer.event(1, START + 1000 + i, ev.EV_HEAP_OBJECT_FREE, i * 2);
    writer.event(2, START + 1100, ev.EV_GC_BEGIN, 3, 0);
    writer.event(2, START + 1200, ev.EV_GC_END, 4);
    writer.end(START + 3000);
    const { cycles } = read(writer.bytes());
    expect(cycles.map((cycle) => cycle.freedObjects)).toEqual([500, 0]);
  });
});
