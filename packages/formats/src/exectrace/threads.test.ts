import { describe, expect, test } from 'vitest';
import * as ev from './events.ts';
import { read } from './read.testkit.ts';
import type { TraceRecording } from './recording.ts';
import { NO_PROC } from './recording.ts';
import { TraceWriter } from './writer.testkit.ts';

const NS = 64;

/** One event of one thread at each entry's time: [m, time, kind, ...arguments]. */
function recordingOf(build: (writer: TraceWriter) => (readonly number[])[]): TraceRecording {
  const writer = new TraceWriter('1.26', 1000);
  writer.begin(1000);
  writer.event(1, 1001, ev.EV_SPAN_ALLOC, 0, 1, 8);
  for (const [m, time, kind, ...args] of build(writer)) writer.event(m, time, kind, ...args);
  writer.end(1_000_000);
  return read(writer.bytes());
}

/** [row, P, goroutine id] of every run. */
function runsOf({ schedule, goroutines }: TraceRecording): number[][] {
  return Array.from({ length: schedule.count }, (_, k) => [
    schedule.firstRow.get(k),
    schedule.proc.get(k),
    goroutines.id.get(schedule.goroutine.get(k)),
  ]);
}

describe('threads', () => {
  test('events move goroutines and Ps between threads', () => {
    let slot = 0;
    const alloc = (m: number, time: number): number[] => {
      return [m, time, ev.EV_HEAP_OBJECT_ALLOC, slot++ * 2, 0];
    };
    const recording = recordingOf((w) => [
      alloc(1, 2000),
      [1, 3000, ev.EV_PROC_START, 4, 1],
      alloc(1, 3001),
      [1, 4000, ev.EV_GO_START, 7, 1],
      alloc(1, 4001),
      [1, 5000, ev.EV_GO_SWITCH, 8, 1],
      alloc(1, 5001),
      [1, 6000, ev.EV_GO_SWITCH_DESTROY, 9, 1],
      alloc(1, 6001),
      [1, 7000, ev.EV_GO_BLOCK, w.string('sync'), 0],
      alloc(1, 7001),
      [2, 9000, ev.EV_GO_STATUS, 7, 1, 3],
      [2, 9001, ev.EV_PROC_STEAL, 4, 2, 1],
      alloc(1, 11_000),
      [1, 12_000, ev.EV_GO_SYSCALL_END_BLOCKED],
      [2, 14_000, ev.EV_GO_CREATE_SYSCALL, 30],
      [2, 14_001, ev.EV_PROC_STATUS, 5, 1],
      alloc(2, 14_002),
      [2, 15_000, ev.EV_PROC_STOP],
      [2, 15_001, ev.EV_GO_DESTROY_SYSCALL],
      alloc(2, 15_002),
    ]);
    expect(runsOf(recording)).toEqual([
      [0, NO_PROC, 0],
      [1, 4, 0],
      [2, 4, 7],
      [3, 4, 8],
      [4, 4, 9],
      [5, 4, 0],
      [6, NO_PROC, 7],
      [7, 5, 30],
      [8, NO_PROC, 0],
    ]);
  });

  test('goroutines know the function they started in', () => {
    const { goroutines } = recordingOf((w) => [
      [1, 2000, ev.EV_GO_CREATE, 40, w.stack(['main.worker']), w.stack(['main.main'])],
      [1, 2001, ev.EV_GO_STATUS_STACK, 41, 1, 4, w.stack(['runtime.park', 'main.older'])],
      [1, 2002, ev.EV_GO_STATUS, 42, 1, 4],
      [1, 2003, ev.EV_GO_CREATE_BLOCKED, 43, w.stack(['main.worker']), 0],
      [1, 2004, ev.EV_GO_CREATE, 44, 999, 0],
    ]);
    const entries = Array.from({ length: goroutines.count }, (_, i) => [
      goroutines.id.get(i),
      goroutines.functions[goroutines.entry.get(i)],
    ]);
    expect(entries).toEqual([
      [0, ''],
      [40, 'main.worker'],
      [41, 'main.older'],
      [42, ''],
      [43, 'main.worker'],
      [44, ''],
    ]);
  });

  test('a reused goroutine id is another goroutine', () => {
    const { goroutines } = recordingOf(() => [
      [1, 2000, ev.EV_GO_START, 40, 1],
      [1, 2001, ev.EV_GO_DESTROY],
      [1, 2002, ev.EV_GO_START, 40, 1],
    ]);
    expect([goroutines.id.get(1), goroutines.id.get(2), goroutines.count]).toEqual([40, 40, 3]);
  });
});

describe('GC work', () => {
  test('assists count while they run, workers until their stint or the mark phase ends', () => {
    const { cycles } = recordingOf((w) => [
      [1, 2000, ev.EV_GO_START, 7, 1],
      [1, 2010, ev.EV_GC_BEGIN, 1, w.stack(['runtime.mallocgc'])],
      [1, 2020, ev.EV_STW_BEGIN, w.string('GC sweep termination'), 0],
      [1, 2050, ev.EV_STW_END],
      [1, 2100, ev.EV_GC_MARK_ASSIST_BEGIN, 0],
      [1, 2103, ev.EV_GO_BLOCK, 0, 0],
      [1, 2110, ev.EV_GO_START, 20, 1],
      [1, 2111, ev.EV_GO_LABEL, w.string('GC (idle)')],
      [1, 2131, ev.EV_GO_STOP, 0, 0],
      [1, 2200, ev.EV_GO_START, 7, 2],
      [1, 2205, ev.EV_GC_MARK_ASSIST_END],
      [1, 2210, ev.EV_GO_BLOCK, 0, 0],
      [1, 2220, ev.EV_GO_START, 21, 1],
      [1, 2221, ev.EV_GO_LABEL, w.string('GC (dedicated)')],
      [1, 2300, ev.EV_STW_BEGIN, w.string('GC mark termination'), 0],
      [1, 2310, ev.EV_STW_END],
      [1, 2320, ev.EV_STW_BEGIN, w.string('GC mark termination'), 0],
      [1, 2331, ev.EV_GC_END, 2],
      [1, 2340, ev.EV_STW_END],
      [1, 2350, ev.EV_GO_STOP, 0, 0],
      [1, 2360, ev.EV_STW_BEGIN, w.string('read mem stats'), 0],
      [1, 2370, ev.EV_STW_END],
    ]);
    expect(cycles).toHaveLength(1);
    expect(cycles[0]).toMatchObject({
      stwSweepTermNs: 30 * NS,
      stwMarkTermNs: (10 + 20) * NS,
      assistNs: (3 + 5) * NS,
      workerNs: { dedicated: 110 * NS, fractional: 0, idle: 20 * NS },
    });
  });

  test('a recording that begins while marking has a first cycle without a start', () => {
    const recording = recordingOf(() => [
      [1, 2000, ev.EV_GC_ACTIVE, 1],
      [1, 2001, ev.EV_HEAP_GOAL, 5_000_000],
      [1, 2002, ev.EV_HEAP_ALLOC, 4_200_000],
      [1, 2003, ev.EV_HEAP_ALLOC, 4_000_000],
      [1, 2004, ev.EV_GC_END, 2],
      [1, 2005, ev.EV_HEAP_GOAL, 2 ** 60],
      [1, 2006, ev.EV_GC_BEGIN, 3, 0],
    ]);
    expect(recording.cycles).toHaveLength(1);
    expect(recording.cycles[0]).toMatchObject({
      n: 1,
      startSeen: false,
      startNs: 0,
      heapAtStart: 0,
      heapAtMarkEnd: 4_200_000,
      heapMarked: 4_000_000,
      nextGoal: 0,
    });
    expect(recording.warnings).toHaveLength(1);
  });

  test('the effective goal is at least 64 KiB above the heap at the start', () => {
    const { cycles } = recordingOf((w) => [
      [1, 2001, ev.EV_HEAP_GOAL, 5_000_000],
      [1, 2002, ev.EV_HEAP_ALLOC, 5_500_000],
      [1, 2003, ev.EV_GC_BEGIN, 1, 0],
      [2, 2803, ev.EV_HEAP_ALLOC, 6_000_000],
      [1, 3803, ev.EV_STW_BEGIN, w.string('GC sweep termination'), 0],
      [2, 4803, ev.EV_HEAP_ALLOC, 7_000_000],
      [1, 5803, ev.EV_STW_END],
      [1, 5804, ev.EV_GC_END, 2],
    ]);
    expect(cycles[0]).toMatchObject({
      heapAtStart: 6_000_000,
      heapGoal: 5_000_000,
      effectiveGoal: 6_000_000 + 65536,
    });
  });
});
