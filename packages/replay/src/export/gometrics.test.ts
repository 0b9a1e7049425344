import { readGCStats, readMemStats, SCALAR } from '@heaptape/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldTape } from '../fold.ts';
import { modelTape, runs } from '../modeltape.testkit.ts';
import { goMetrics, goMetricValues } from './gometrics.ts';

test('every value is that of MemStats, GCStats or the settings', () => {
  fc.assert(
    fc.property(runs(60), fc.nat(), (run, at) => {
      const tape = modelTape(run);
      const { world } = foldTape(tape, 1 + (at % tape.events));
      const values = goMetricValues(world);
      const names = goMetrics('go1.26').flatMap(({ name, samples }) =>
        samples.map(({ suffix, labels }) => `${name}${suffix}${labels['quantile'] ?? ''}`),
      );
      expect(values.length).toBe(names.length);
      const found = Object.fromEntries(names.map((name, i) => [name, values[i]]));
      const m = readMemStats(world);
      const gc = readGCStats(world, 5);
      const { gcPercent, memoryLimit } = world.control.pacer;
      expect(found).toEqual({
        'go_gc_duration_seconds0.0': gc.PauseQuantiles[0] / 1e9,
        'go_gc_duration_seconds0.25': gc.PauseQuantiles[1] / 1e9,
        'go_gc_duration_seconds0.5': gc.PauseQuantiles[2] / 1e9,
        'go_gc_duration_seconds0.75': gc.PauseQuantiles[3] / 1e9,
        'go_gc_duration_seconds1.0': gc.PauseQuantiles[4] / 1e9,
        go_gc_duration_seconds_sum: m.PauseTotalNs / 1e9,
        go_gc_duration_seconds_count: m.NumGC,
        go_gc_gogc_percent: gcPercent < 0 ? 2 ** 64 : gcPercent,
        go_gc_gomemlimit_bytes: memoryLimit === 0 ? 2 ** 63 : memoryLimit,
        go_goroutines: expect.any(Number),
        go_info: 1,
        go_memstats_alloc_bytes: m.Alloc,
        go_memstats_alloc_bytes_total: m.TotalAlloc,
        go_memstats_buck_hash_sys_bytes: m.BuckHashSys,
        go_memstats_frees_total: m.Frees,
        go_memstats_gc_sys_bytes: m.GCSys,
        go_memstats_heap_alloc_bytes: m.HeapAlloc,
        go_memstats_heap_idle_bytes: m.HeapIdle,
        go_memstats_heap_inuse_bytes: m.HeapInuse,
        go_memstats_heap_objects: m.HeapObjects,
        go_memstats_heap_released_bytes: m.HeapReleased,
        go_memstats_heap_sys_bytes: m.HeapSys,
        go_memstats_last_gc_time_seconds: m.LastGC / 1e9,
        go_memstats_mallocs_total: m.Mallocs,
        go_memstats_mcache_inuse_bytes: m.MCacheInuse,
        go_memstats_mcache_sys_bytes: m.MCacheSys,
        go_memstats_mspan_inuse_bytes: m.MSpanInuse,
        go_memstats_mspan_sys_bytes: m.MSpanSys,
        go_memstats_next_gc_bytes: m.NextGC,
        go_memstats_other_sys_bytes: m.OtherSys,
        go_memstats_stack_inuse_bytes: m.StackInuse,
        go_memstats_stack_sys_bytes: m.StackSys,
        go_memstats_sys_bytes: m.Sys,
        go_sched_gomaxprocs_threads: world.scalars[SCALAR.procs],
        go_threads: 2 + Math.min(run.config.procs, 3),
      });
    }),
    { seed: 42, numRuns: 15 },
  );
});
