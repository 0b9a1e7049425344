import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decider } from '../decide/decider.ts';
import { checkStacks } from '../heap/check_stacks.ts';
import { mappedReady } from '../heap/memory.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import { configs, ModelProgram, programs } from '../program.testkit.ts';
import { type MemStats, readGCStats, readMemStats } from './memstats.ts';
import { createRuntime } from './runtime.ts';

const PROGRAM = fileURLToPath(
  new URL('../../../../test/fixtures/go/memstats/main.go', import.meta.url),
);

/** By how much the figures changed in one step of the Go program. */
interface Change {
  readonly Kind: string;
  readonly Size: number;
  readonly Count: number;
  readonly BySizeMallocs: readonly number[];
  readonly BySizeFrees: readonly number[];
}

function runGo(): Change[] | undefined {
  let version: string;
  try {
    version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
  if (Number(/^go1\.(\d+)/.exec(version)?.[1] ?? 0) < 23) return undefined;
  const lines = execFileSync('go', ['run', PROGRAM], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Change);
}

function difference(step: Change, before: MemStats, after: MemStats): Record<string, unknown> {
  const { Kind, Size, Count } = step;
  return {
    Kind,
    Size,
    Count,
    Mallocs: after.Mallocs - before.Mallocs,
    Frees: after.Frees - before.Frees,
    TotalAlloc: after.TotalAlloc - before.TotalAlloc,
    HeapAlloc: after.HeapAlloc - before.HeapAlloc,
    HeapObjects: after.HeapObjects - before.HeapObjects,
    Forced: after.NumForcedGC - before.NumForcedGC,
    BySizeMallocs: after.BySize.map((row, i) => row.Mallocs - before.BySize[i].Mallocs),
    BySizeFrees: after.BySize.map((row, i) => row.Frees - before.BySize[i].Frees),
  };
}

describe('readMemStats', () => {
  it('counts what real Go counts, step by step', (ctx) => {
    const changes = runGo();
    if (changes === undefined) {
      console.warn('memstats: no go of 1.23 or newer on PATH, comparison with real Go skipped');
      return ctx.skip();
    }
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const slots = Array.from({ length: 10000 }, () => rt.main.slot());
    let used = 0;
    let before = rt.ReadMemStats();
    for (const change of changes) {
      const { Kind, Size, Count } = change;
      if (Kind === 'collect') {
        for (const slot of slots.slice(0, used)) slot.set(null);
        for (let i = 0; i < Count; i += 1) rt.GC();
      }
      for (let i = 0; Kind !== 'collect' && i < Count; i += 1) {
        const pointers = Kind === 'pointers' ? Array.from({ length: Size / 8 }, (_, k) => k) : [];
        slots[used].set(rt.new({ name: Kind, size: Size, pointers }));
        used += 1;
      }
      const after = rt.ReadMemStats();
      expect(difference(change, before, after)).toEqual(change);
      before = after;
    }
    expect(changes.length).toBeGreaterThan(30);
  });

  it('adds up to the memory that the limit governs, at every single event', () => {
    fc.assert(
      fc.property(configs(), programs(60), (config, operations) => {
        const problems: string[] = [];
        let events = 0;
        const watcher = (world: World): void => {
          const { Sys, HeapReleased, StackInuse } = readMemStats(world);
          if (Sys - HeapReleased !== mappedReady(world)) problems.push('mappedReady');
          if (StackInuse < world.scalars[SCALAR.goroutineStacks]) problems.push('StackInuse');
          checkStacks(world, (problem) => problems.push(problem));
          events += 1;
        };
        const program = new ModelProgram(new Decider(config, null, watcher));
        for (const operation of operations) program.run(operation);
        expect(problems).toEqual([]);
        expect(events).toBeGreaterThan(0);
      }),
      { seed: 44, numRuns: 25 },
    );
  });

  it('keeps the identities of the figures after every operation', () => {
    fc.assert(
      fc.property(configs(), programs(), (config, operations) => {
        const program = new ModelProgram(new Decider(config, null));
        const w = program.decider.world;
        for (const operation of operations) {
          program.run(operation);
          const m = readMemStats(w);
          const parts = m.HeapSys + m.StackSys + m.MSpanSys + m.MCacheSys + m.BuckHashSys;
          expect(m.Sys).toBe(parts + m.GCSys + m.OtherSys);
          expect(m.HeapIdle + m.HeapInuse).toBe(m.HeapSys);
          expect(m.HeapReleased).toBeLessThanOrEqual(m.HeapIdle);
          expect(m.HeapAlloc).toBeLessThanOrEqual(m.HeapInuse);
          expect(m.Sys - m.HeapReleased).toBe(
            m.HeapInuse + w.scalars[SCALAR.heapFree] + m.Sys - m.HeapSys,
          );
          expect(m.Sys - m.HeapReleased).toBe(mappedReady(w));
          expect(m.StackInuse).toBe(m.StackSys);
          expect(m.MSpanInuse).toBeLessThanOrEqual(m.MSpanSys);
          expect(m.MCacheInuse).toBeLessThanOrEqual(m.MCacheSys);
          expect(m.Mallocs - m.Frees).toBe(m.HeapObjects);
          expect(m.NumForcedGC).toBeLessThanOrEqual(m.NumGC);
          expect(m.PauseNs.slice(m.NumGC).every((ns) => ns === 0)).toBe(true);
          expect(m.PauseNs.slice(0, m.NumGC).every((ns) => ns > 0)).toBe(true);
          if (m.NumGC <= m.PauseNs.length) {
            expect(m.PauseNs.reduce((a, b) => a + b, 0)).toBe(m.PauseTotalNs);
          }
          expect(m.PauseEnd[(m.NumGC + 255) % 256]).toBe(m.LastGC);
          expect(m.LastGC > 0).toBe(m.NumGC > 0);
          expect(m.GCCPUFraction).toBeGreaterThanOrEqual(0);
          expect(m.GCCPUFraction).toBeLessThanOrEqual(1);
        }
        const before = readMemStats(w);
        program.decider.readMemStats();
        expect(readMemStats(w).TotalAlloc).toBe(before.TotalAlloc);
        expect(readMemStats(w).Mallocs).toBe(before.Mallocs);
      }),
      { seed: 42, numRuns: 60 },
    );
  });
});

describe('GCCPUFraction', () => {
  it('has both pauses of each cycle on all Ps', () => {
    const rt = createRuntime({});
    for (let i = 0; i < 3; i += 1) rt.GC();
    const { scalars } = rt.world;
    const stats = readMemStats(rt.world);
    const marked = scalars[SCALAR.cpuWorkerNs] + scalars[SCALAR.cpuAssistNs];
    const paused = stats.PauseTotalNs * scalars[SCALAR.procs];
    expect(scalars[SCALAR.gcCpuNs]).toBe(marked + paused);
    expect(stats.GCCPUFraction).toBe(scalars[SCALAR.gcCpuNs] / scalars[SCALAR.cpuAtGCNs]);
  });
});

describe('readGCStats', () => {
  it('lists pauses newest first, and quantiles from least to largest', () => {
    const rt = createRuntime({});
    expect(rt.debug.ReadGCStats(3)).toEqual({
      LastGC: 0,
      NumGC: 0,
      PauseTotal: 0,
      Pause: [],
      PauseEnd: [],
      PauseQuantiles: [0, 0, 0],
    });
    for (let i = 0; i < 300; i += 1) rt.GC();
    const stats = readGCStats(rt.world, 5);
    expect(stats.NumGC).toBe(300);
    expect(stats.Pause.length).toBe(256);
    expect(stats.PauseEnd[0]).toBe(stats.LastGC);
    expect([...stats.PauseEnd].sort((a, b) => b - a)).toEqual(stats.PauseEnd);
    const sorted = [...stats.Pause].sort((a, b) => a - b);
    expect(stats.PauseQuantiles).toEqual([
      sorted[0],
      sorted[64],
      sorted[128],
      sorted[192],
      sorted[255],
    ]);
  });
});
