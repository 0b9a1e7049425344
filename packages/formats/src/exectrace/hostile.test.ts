/** Traces that no Go program wrote, each as small as it can be; found by test/hostile. */
import { expect, test } from 'vitest';
import * as ev from './events.ts';
import { read } from './read.testkit.ts';
import type { TraceRecording } from './recording.ts';
import { TraceWriter } from './writer.testkit.ts';

type Event = readonly [kind: number, ...args: (number | bigint)[]];

/** A trace of one thread with one object between these events. */
function recordingOf(before: readonly Event[], after: readonly Event[]): TraceRecording {
  const writer = new TraceWriter('1.26', 1000);
  writer.begin(1000);
  let time = 2000;
  const object: Event[] = [
    [ev.EV_SPAN_ALLOC, 3, 1, 20],
    [ev.EV_HEAP_OBJECT_ALLOC, 3072, 0],
  ];
  for (const [kind, ...args] of [...before, ...object, ...after]) {
    writer.event(1, time, kind, ...args);
    time += 100;
  }
  writer.end(time);
  return read(writer.bytes());
}

const begin = (n: number): Event => [ev.EV_GC_BEGIN, n, 0];
const end = (n: number): Event => [ev.EV_GC_END, n];

test('a cycle whose beginning is missing begins when the one before has ended', () => {
  const { cycles } = recordingOf([begin(1), end(2)], [end(3), [ev.EV_GC_ACTIVE, 4], end(5)]);
  expect(cycles.map(({ n, beginRow, endRow }) => [n, beginRow, endRow])).toEqual([
    [1, 0, 0],
    [2, 0, 1],
    [3, 1, 1],
  ]);
  for (const [i, { startNs }] of cycles.entries()) {
    expect(startNs).toBeGreaterThanOrEqual(i === 0 ? 0 : cycles[i - 1].endNs);
  }
});

test('two cycles end before a goal is announced: both have the one in force', () => {
  const goal: Event = [ev.EV_HEAP_GOAL, 4 << 20];
  const { cycles } = recordingOf([goal, begin(1), end(2), begin(3), end(4)], []);
  expect(cycles.map(({ nextGoal }) => nextGoal)).toEqual([4 << 20, 4 << 20]);
});

test('a heap beyond 48 bits of addresses is refused', () => {
  const heap = (bytes: bigint): TraceRecording => recordingOf([], [[ev.EV_HEAP_ALLOC, bytes]]);
  expect(heap(1n << 48n).heapSeries.count).toBe(1);
  expect(() => heap((1n << 48n) + 1n)).toThrow(/a heap of 281474976710657 bytes at offset \d+/);
  expect(() => heap(1n << 63n)).toThrow(expect.objectContaining({ code: 'bad-data' }));
});
