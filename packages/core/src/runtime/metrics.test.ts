import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decider } from '../decide/decider.ts';
import { countPause, PAUSE_BOUNDS, PAUSE_BUCKETS } from '../heap/pause_histogram.ts';
import { SCALAR } from '../heap/scalars.ts';
import type { World } from '../heap/world.ts';
import { configs, ModelProgram, programs } from '../program.testkit.ts';
import { readMemStats } from './memstats.ts';
import { allMetrics, type Histogram, type MetricValue, readMetrics } from './metrics.ts';
import { createRuntime } from './runtime.ts';

const PROGRAM = fileURLToPath(
  new URL('../../../../test/fixtures/go/metrics/main.go', import.meta.url),
);
const KINDS = ['bad', 'uint64', 'float64', 'float64-histogram'];

interface GoMetric {
  readonly Name: string;
  readonly Kind: number;
  readonly Cumulative: boolean;
  readonly Buckets: readonly string[] | null;
}

function runGo(): GoMetric[] | undefined {
  try {
    const version = execFileSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
    if (!version.startsWith('go1.26')) return undefined;
  } catch {
    return undefined;
  }
  const lines = execFileSync('go', ['run', PROGRAM], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as GoMetric);
}

/** Every metric at once. */
class Snapshot {
  readonly #values: ReadonlyMap<string, MetricValue>;

  constructor(w: World) {
    const names = allMetrics().map(({ Name }) => Name);
    this.#values = new Map(readMetrics(w, names).map(({ Name, Value }) => [Name, Value]));
  }

  number(name: string): number {
    const value = this.#values.get(name);
    if (value?.kind !== 'uint64' && value?.kind !== 'float64') throw new Error(`no number ${name}`);
    return value.value;
  }

  histogram(name: string): Histogram {
    const value = this.#values.get(name);
    if (value?.kind !== 'float64-histogram') throw new Error(`no histogram ${name}`);
    return value.value;
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('metrics', () => {
  it('are those of real Go, with its kinds and buckets', (ctx) => {
    const real = runGo();
    if (real === undefined) {
      console.warn('metrics: no go of 1.26 on PATH, comparison with real Go skipped');
      return ctx.skip();
    }
    const expected = real.filter(({ Name }) => !Name.startsWith('/godebug/'));
    expect(allMetrics().map(({ Name, Kind, Cumulative }) => ({ Name, Kind, Cumulative }))).toEqual(
      expected.map(({ Name, Kind, Cumulative }) => ({ Name, Kind: KINDS[Kind], Cumulative })),
    );
    const all = new Snapshot(createRuntime({}).world);
    for (const { Name, Buckets } of expected) {
      if (Buckets === null) continue;
      const bounds = Buckets.map((text) => Number(text.replace('Inf', 'Infinity')));
      expect(all.histogram(Name).buckets, Name).toEqual(bounds);
      expect(all.histogram(Name).counts.length).toBe(bounds.length - 1);
    }
  });

  it('keep their identities with each other and with MemStats at every event', () => {
    fc.assert(
      fc.property(configs(), programs(), (config, operations) => {
        const program = new ModelProgram(new Decider(config, null));
        const w = program.decider.world;
        for (const operation of operations) {
          program.run(operation);
          const m = readMemStats(w);
          const metrics = new Snapshot(w);
          const read = (name: string): number => metrics.number(name);
          const memory = (name: string): number => read(`/memory/classes/${name}:bytes`);
          const heap = memory('heap/objects') + memory('heap/unused');
          expect(heap).toBe(m.HeapInuse);
          expect(memory('heap/free') + memory('heap/released')).toBe(m.HeapIdle);
          expect(memory('total')).toBe(m.Sys);
          const classes = allMetrics().filter(
            ({ Name }) => Name.startsWith('/memory/classes/') && !Name.includes('/total:'),
          );
          expect(sum(classes.map(({ Name }) => read(Name)))).toBe(m.Sys);
          const bySize = (name: string): number[] => [
            ...metrics.histogram(`/gc/heap/${name}-by-size:bytes`).counts,
          ];
          expect(sum(bySize('allocs'))).toBe(read('/gc/heap/allocs:objects'));
          expect(sum(bySize('frees'))).toBe(read('/gc/heap/frees:objects'));
          expect(read('/gc/heap/allocs:bytes') - read('/gc/heap/frees:bytes')).toBe(
            memory('heap/objects'),
          );
          const cpu = (name: string): number => read(`/cpu/classes/${name}:cpu-seconds`);
          const marking = cpu('gc/mark/assist') + cpu('gc/mark/dedicated') + cpu('gc/mark/idle');
          expect(cpu('gc/total')).toBeCloseTo(marking + cpu('gc/pause'), 9);
          if (w.scalars[SCALAR.gcphase] === 0) {
            const all = cpu('gc/total') + cpu('scavenge/total') + cpu('user') + cpu('idle');
            expect(cpu('total')).toBeCloseTo(all, 9);
          }
          const pauses = sum([...metrics.histogram('/gc/pauses:seconds').counts]);
          const running = w.scalars[SCALAR.gcphase] === 0 ? 0 : 1;
          expect(pauses).toBe(2 * m.NumGC + running);
        }
        program.decider.readMemStats();
        const m = readMemStats(w);
        const metrics = new Snapshot(w);
        const read = (name: string): number => metrics.number(name);
        const tiny = read('/gc/heap/tiny/allocs:objects');
        expect(read('/gc/heap/allocs:objects') + tiny).toBe(m.Mallocs);
        expect(read('/gc/heap/frees:objects') + tiny).toBe(m.Frees);
        expect(read('/gc/heap/allocs:bytes')).toBe(m.TotalAlloc);
      }),
      { seed: 42, numRuns: 40 },
    );
  });

  it('of unknown names are bad', () => {
    const rt = createRuntime({});
    expect(rt.metrics.Read(['/gc/nothing:bytes'])).toEqual([
      { Name: '/gc/nothing:bytes', Value: { kind: 'bad' } },
    ]);
    expect(rt.metrics.Read(['/gc/gogc:percent', '/sched/goroutines:goroutines'])).toEqual([
      { Name: '/gc/gogc:percent', Value: { kind: 'uint64', value: 100 } },
      { Name: '/sched/goroutines:goroutines', Value: { kind: 'uint64', value: 1 } },
    ]);
    expect(rt.metrics.All().length).toBe(66);
  });
});

describe('the histogram of times', () => {
  it('counts a time in the bucket whose bounds hold it', () => {
    const times = fc.oneof(fc.nat(5000), fc.nat(1e9), fc.maxSafeNat());
    fc.assert(
      fc.property(times, (ns) => {
        const counts = new Float64Array(PAUSE_BUCKETS);
        countPause(counts, ns);
        const bucket = counts.indexOf(1);
        // Bounds are exact multiples of a nanosecond, but their seconds are rounded.
        expect(Math.round(PAUSE_BOUNDS[bucket] * 1e9)).toBeLessThanOrEqual(ns);
        expect(Math.round(PAUSE_BOUNDS[bucket + 1] * 1e9)).toBeGreaterThan(ns);
      }),
      { seed: 42, numRuns: 1000 },
    );
  });
});
