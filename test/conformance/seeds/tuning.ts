/**
 * Claims about GOGC and about compaction. One recorded workload, Go's compiler at work on a package, is
 * run under several settings, and real runs of that same work at those settings were logged.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createRuntime, GO } from '@heaptape/core';
import { ExecTraceReader } from '@heaptape/formats';
import { recordedWorkload, type ScenarioResult, whatIf } from '@heaptape/replay';
import { expect } from 'vitest';
import type { Kit } from '../kit.ts';
import {
  type Claims,
  FIXTURES,
  MIB,
  OBJECT,
  printed,
  realGo,
  recordedCycles,
  runGo,
} from './claims.ts';

const SETTINGS = [50, 100, 200, 400];

/** What the recorded work would have cost at each setting, and at 100 with compaction; asked once. */
const answersOnce = (): (() => readonly ScenarioResult[]) => {
  let answers: readonly ScenarioResult[] | null = null;
  const ask = (): readonly ScenarioResult[] => {
    const reader = new ExecTraceReader();
    reader.push(gunzipSync(readFileSync(join(FIXTURES, 'traces/compile-regexp.trace.gz'))));
    const workload = recordedWorkload(reader.finish());
    const { memoryLimit, procs, collector } = workload.config;
    const scenarios = [...SETTINGS, 100].map((gogc, i) => {
      return { gogc, memoryLimit, procs, collector, compact: i === SETTINGS.length };
    });
    return whatIf(workload, scenarios, { quick: true }).scenarios;
  };
  return () => {
    answers ??= ask();
    return answers;
  };
};

const whatIfAnswers = answersOnce();

const atSettings = (of: (result: ScenarioResult) => number): number[] =>
  whatIfAnswers().slice(0, SETTINGS.length).map(of);

const logged = (of: (rows: ReturnType<typeof recordedCycles>) => number): number[] =>
  SETTINGS.map((gogc) => of(recordedCycles(gogc)));

/** Whether each value is less than the one before. */
const falls = (values: readonly number[]): boolean =>
  values.every((value, i) => i === 0 || value < (values[i - 1] ?? 0));

const PERCENT = `package main

import ("fmt"; "runtime/debug")

func main() { fmt.Println(debug.SetGCPercent(100)) }
`;

/** Goal after a cycle over that many MiB of live heap, as a multiple of them. */
function goalOf(live: number, gogc: number): number {
  let goal = 0;
  printed((t) => {
    t.rt.debug.SetGCPercent(gogc);
    t.rt.global('live').set(t.rt.make(GO.byte, live * MIB).array);
    t.rt.GC();
    goal = t.stats().NextGC / (live * MIB);
  });
  return goal;
}

/** Fills 100 spans with objects and frees every second object. */
function perforate(t: Kit): readonly ReturnType<Kit['g']['slot']>[] {
  const slots = Array.from({ length: 300 }, () => t.g.slot());
  for (const slot of slots) slot.set(t.rt.new(OBJECT));
  for (const [i, slot] of slots.entries()) if (i % 2 === 0) slot.set(null);
  return slots.filter((_, i) => i % 2 === 1);
}

const addressesOf = (slots: ReturnType<typeof perforate>): number[] =>
  slots.map((slot) => slot.get()?.address ?? 0);

export const TUNING: Claims = {
  'GOGC is 100 unless it is set': (context) => {
    expect(createRuntime().debug.SetGCPercent(50)).toBe(100);
    expect(runGo(context, PERCENT).stdout).toBe('100\n');
  },

  'GOGC is an environment variable': (context) => {
    expect(createRuntime({ gogc: 37 }).debug.SetGCPercent(100)).toBe(37);
    expect(runGo(context, PERCENT, { GOGC: '37' }).stdout).toBe('37\n');
    expect(runGo(context, PERCENT, { GOGC: 'off' }).stdout).toBe('-1\n');
  },

  'at GOGC 100 the heap may double': () => {
    expect(goalOf(16, 100)).toBeCloseTo(2, 1);
    expect(goalOf(16, 50)).toBeCloseTo(1.5, 1);
    expect(goalOf(16, 400)).toBeCloseTo(5, 1);
    expect(realGo('gc-goal-by-percent').stdout).toContain(
      '100 marked 16 MiB and little more 16 goal true',
    );
  },

  'a heap below 4 MiB may more than double': () => {
    expect(goalOf(1, 100)).toBe(4);
    expect(goalOf(1, 200)).toBe(8);
    expect(realGo('gc-goal-minimum').stdout).toContain('cycle 100 4194304');
  },

  'a lower GOGC means more cycles': () => {
    expect(falls(logged((rows) => rows.length))).toBe(true);
    expect(falls(atSettings(({ cycles }) => cycles.mid))).toBe(true);
    const { values } = realGo('gc-cycles-by-percent');
    expect(values).toMatchObject({ 'cycles-100': [10, 10], 'cycles-400': [2, 2] });
  },

  'a lower GOGC takes less memory': () => {
    const peaks = logged((rows) => Math.max(...rows.map(({ heapAtStart }) => heapAtStart)));
    expect(falls(peaks.slice(0, 3).toReversed())).toBe(true);
    expect(falls(atSettings(({ peakHeapBytes }) => peakHeapBytes.mid).toReversed())).toBe(true);
  },

  'a lower GOGC takes more CPU time': () => {
    const cpu = logged((rows) =>
      rows.reduce((sum, { cpuNs }) => sum + cpuNs.assist + cpuNs.background, 0),
    );
    expect(falls(cpu)).toBe(true);
    expect(falls(atSettings(({ gcCpuFraction }) => gcCpuFraction.mid))).toBe(true);
  },

  'a collection leaves every object where it was': () => {
    const lines = printed((t) => {
      t.still();
      const kept = perforate(t);
      const before = addressesOf(kept);
      t.rt.GC();
      t.out('moved', addressesOf(kept).filter((address, i) => address !== before[i]).length);
    });
    expect(lines).toEqual(['moved 0']);
    expect(realGo('fragmentation').stdout?.[0]).toBe('moved 0');
  },

  'sweeping leaves gaps between objects': () => {
    const lines = printed((t) => {
      t.still();
      perforate(t);
      const { HeapInuse, HeapAlloc } = t.stats();
      t.rt.GC();
      const after = t.stats();
      t.out('freed', HeapAlloc / after.HeapAlloc, 'spans', after.HeapInuse - HeapInuse);
    });
    expect(lines).toEqual(['freed 2 spans 0']);
    expect(realGo('fragmentation').stdout?.slice(1, 3)).toEqual([
      'half of the bytes are free true',
      'the spans are in use true',
    ]);
  },

  'compaction as an experiment closes the gaps': () => {
    const rt = createRuntime({ procs: 1, gogc: 'off', config: { compact: 1 } });
    const slots = Array.from({ length: 300 }, () => rt.main.slot());
    for (const slot of slots) slot.set(rt.new(OBJECT));
    const kept = slots.filter((_, i) => i % 2 === 1);
    for (const slot of slots) if (!kept.includes(slot)) slot.set(null);
    const linked = kept[149]?.get() ?? null;
    kept[0]?.get()?.set(0, linked);
    const before = addressesOf(kept);
    const { HeapInuse } = rt.ReadMemStats();
    rt.GC();
    const moved = addressesOf(kept).filter((address, i) => address !== before[i]);
    expect(moved.length).toBeGreaterThan(140);
    expect(rt.ReadMemStats().HeapInuse).toBeLessThan(HeapInuse * 0.55);
    expect(kept[0]?.get()?.get(0)?.address).toBe(kept[149]?.get()?.address);
  },

  'what compaction would save and cost is told': () => {
    const plain = whatIfAnswers()[1];
    const compacted = whatIfAnswers().at(-1);
    expect(plain?.compaction).toBeNull();
    const report = compacted?.compaction;
    expect(report?.bytesMoved).toBeGreaterThan(MIB);
    expect(report?.fragmentationAfter).toBeLessThan((report?.fragmentationBefore ?? 0) / 2);
    expect(compacted?.pauseTotalNs.mid).toBeGreaterThan(plain?.pauseTotalNs.mid ?? 0);
  },
};
