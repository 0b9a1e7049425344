import { DEFAULT_CONFIG, heapProblems, readMemStats, SCALAR } from '@heaptape/core';
import type { EventRow } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrate } from './calibrate.ts';
import { ASSUMPTIONS } from './deaths.ts';
import {
  recordingFor,
  scenarioOf,
  slotBytesOfSite,
  specs,
  steadySpec,
} from './recording.testkit.ts';
import { simulate } from './simulate.ts';
import { survey } from './survey.ts';
import { eventsOf, recordingTape } from './tape.testkit.ts';
import { configFor, whatIf } from './whatif.ts';
import { recordedWorkload } from './workload.ts';

const assumptions = fc.constantFrom(...ASSUMPTIONS);

/** What marking can and must find in each cycle, by adding up objects one at a time. */
function naiveMarks(
  events: readonly EventRow[],
): { marked: number; least: number; most: number }[] {
  const siteBytes = [0];
  const bytes = [0];
  const held = new Set<number>();
  const cycles: { marked: number; least: number; most: number }[] = [];
  let atStart: Set<number> | null = null;
  let black: number[] = [];
  const sum = (ordinals: Iterable<number>): number => {
    let total = 0;
    for (const ordinal of ordinals) total += bytes[ordinal];
    return total;
  };
  for (const event of events) {
    if (event.event === 'SiteDefined') {
      const { bytes: size, spanClass } = event as unknown as { bytes: number; spanClass: number };
      siteBytes.push(slotOf(size, spanClass));
    } else if (event.event === 'ObjectAllocated') {
      bytes.push(siteBytes[Number(event['site'])]);
      held.add(bytes.length - 1);
      if (atStart !== null) black.push(bytes.length - 1);
    } else if (event.event === 'ObjectReleased') held.delete(Number(event['object']));
    else if (event.event === 'GCStarted') {
      atStart = new Set(held);
      black = [];
    } else if (event.event === 'GCMarkTerminated' && atStart !== null) {
      const kept = [...atStart].filter((ordinal) => held.has(ordinal));
      const marked = Number(event['heapMarked']);
      cycles.push({ marked, least: sum(kept) + sum(black), most: sum(atStart) + sum(black) });
      atStart = null;
    }
  }
  return cycles;
}

const CLASS_SLOTS: Readonly<Record<number, number>> = Object.fromEntries(
  [1, 2, 5, 26, 32, 51, 62].map((sizeClass, i) => [
    sizeClass,
    slotBytesOfSite([2, 0, 3, 4, 5, 6, 7][i]),
  ]),
);
const slotOf = (bytes: number, spanClass: number): number =>
  spanClass < 2 ? Math.ceil(bytes / 8192) * 8192 : CLASS_SLOTS[spanClass >> 1];

describe('simulation of a recording', () => {
  test('with the collector off every row becomes an allocation, and nothing else does', () => {
    fc.assert(
      fc.property(specs(), assumptions, (spec, assumption) => {
        const { recording } = recordingFor({ ...spec, cycles: [] });
        const surveyed = survey(recording);
        const calibration = calibrate(recording, surveyed, { gcPercent: -1 });
        const { config } = calibration;
        const decider = simulate(recording, surveyed, calibration, {
          assumption,
          config,
          sink: null,
        });
        decider.readMemStats();
        const { world } = decider;
        const sites = spec.rows.map((row) => row.site);
        const parts = sites.filter((site) => recording.sites.kind[site] === 2).length;
        const bytes = sites.reduce((total, site) => total + slotBytesOfSite(site), 0);
        expect(world.scalars[SCALAR.nextOrdinal] - 1).toBe(sites.length - parts);
        expect(world.scalars[SCALAR.tinyAllocs]).toBe(parts);
        const stats = readMemStats(world);
        expect(stats).toMatchObject({ NumGC: 0, TotalAlloc: bytes, HeapAlloc: bytes });
        // As in Go, the ends of spans that hold no slot stay in heapLive.
        expect(world.scalars[SCALAR.heapLive]).toBeGreaterThanOrEqual(bytes);
        expect(world.scalars[SCALAR.heapLive]).toBeLessThanOrEqual(stats.HeapInuse);
        expect(heapProblems(world)).toEqual([]);
        expect(world.scalars[SCALAR.timeNs]).toBe(recording.durationNs);
      }),
      { seed: 42, numRuns: 40, endOnFailure: true },
    );
  });

  test('ordinals and sites on the tape are those of the rows, in order', () => {
    fc.assert(
      fc.property(specs(), assumptions, (spec, assumption) => {
        const { recording } = recordingFor(spec);
        const events = eventsOf(recordingTape(recording, assumption, { gcPercent: 1 }));
        const sizes = ['']; // by simulated site
        for (const e of events) {
          if (e.event === 'SiteDefined') sizes.push(`${e['bytes']}/${e['spanClass']}`);
        }
        const got = events
          .filter((e) => e.event === 'ObjectAllocated')
          .map((e) => sizes[Number(e['site'])]);
        const { sites } = recording;
        const want = spec.rows
          .filter((row) => sites.kind[row.site] !== 2)
          .map((row) => `${sites.bytes[row.site]}/${sites.spanClass[row.site]}`);
        expect(got).toEqual(want);
      }),
      { seed: 43, numRuns: 40, endOnFailure: true },
    );
  });

  test('what a cycle marks is what is held when it begins, and what is allocated during it', () => {
    let cycles = 0;
    fc.assert(
      fc.property(
        specs(300, 4),
        assumptions,
        fc.constantFrom(1, 20, 1000),
        (spec, assumption, cost) => {
          const { recording } = recordingFor({ ...spec, gcPercent: 10 });
          const costs = { ...DEFAULT_CONFIG.costs, markNsPerByte: cost };
          const tape = recordingTape(recording, assumption, { gcPercent: 2, costs });
          for (const { marked, least, most } of naiveMarks(eventsOf(tape))) {
            cycles += 1;
            expect(marked).toBeGreaterThanOrEqual(least);
            expect(marked).toBeLessThanOrEqual(most);
          }
        },
      ),
      { seed: 44, numRuns: 40, endOnFailure: true },
    );
    expect(cycles).toBeGreaterThan(50);
  });

  test('decided twice it is the same, event for event', () => {
    fc.assert(
      fc.property(specs(), assumptions, (spec, assumption) => {
        const { recording } = recordingFor(spec);
        const [a, b] = [0, 1].map(() => recordingTape(recording, assumption, { gcPercent: 5 }));
        expect(eventsOf(b)).toEqual(eventsOf(a));
        expect(b.segments).toEqual(a.segments);
      }),
      { seed: 45, numRuns: 20, endOnFailure: true },
    );
  });

  test('recorded cycles are noted where they were, and forced ones are carried out', () => {
    fc.assert(
      fc.property(specs(), (spec) => {
        const { recording } = recordingFor(spec);
        const events = eventsOf(recordingTape(recording, 'middle'));
        let rows = 0;
        const begins: number[] = [];
        const ends: number[] = [];
        for (const { event } of events) {
          if (event === 'ObjectAllocated' || event === 'TinyAllocated') rows += 1;
          else if (event === 'RecordedCycleBegan') begins.push(rows);
          else if (event === 'RecordedCycleEnded') ends.push(rows);
        }
        expect(begins).toEqual(recording.cycles.map((c) => c.beginRow));
        expect(ends).toEqual(recording.cycles.map((c) => c.endRow));
        const forced = recording.cycles.filter((c) => c.trigger === 'forced').length;
        expect(events.filter((e) => e.event === 'GCRequested')).toHaveLength(forced);
      }),
      { seed: 46, numRuns: 40, endOnFailure: true },
    );
  });
});

describe('what if', () => {
  test('low is at most mid and mid at most high, and forced cycles happen at every setting', () => {
    fc.assert(
      fc.property(specs(200, 5), fc.constantFrom(-1, 0, 5, 100), (spec, gogc) => {
        const { recording } = recordingFor(spec);
        const workload = recordedWorkload(recording);
        const scenario = scenarioOf(workload.config, gogc);
        const [result] = whatIf(workload, [scenario]).scenarios;
        const { cycles, peakHeapBytes, peakTotalBytes, gcCpuFraction } = result;
        const { pauseTotalNs, maxPauseNs, assistNs } = result;
        for (const band of [
          cycles,
          peakHeapBytes,
          peakTotalBytes,
          gcCpuFraction,
          pauseTotalNs,
          maxPauseNs,
          assistNs,
        ]) {
          expect(band.low).toBeLessThanOrEqual(band.mid);
          expect(band.mid).toBeLessThanOrEqual(band.high);
        }
        const forced = recording.cycles.filter((c) => c.trigger === 'forced').length;
        expect(cycles.low).toBeGreaterThanOrEqual(forced);
        expect(peakHeapBytes.high).toBeLessThanOrEqual(peakTotalBytes.high);
        expect(result.series.length > 0 || recording.allocs.count === 0).toBe(true);
      }),
      { seed: 47, numRuns: 30, endOnFailure: true },
    );
  });

  test('a steady workload: doubling GOGC never means more cycles, and about half as many', () => {
    // 40 MiB of 512-byte objects that live 4000 rows (2 MiB); goals at GOGC 200 and above are far
    // from the heap minimum only because roots are large.
    const spec = { ...steadySpec(80_000, 4000, 4000), rootBytes: 4 * 1024 * 1024 };
    const workload = recordedWorkload(recordingFor(spec).recording);
    const scenarios = [25, 50, 100, 200, 400].map((gogc) => scenarioOf(workload.config, gogc));
    const { scenarios: results } = whatIf(workload, scenarios, { quick: true });
    const cycles = results.map((r) => r.cycles.mid);
    const peaks = results.map((r) => r.peakHeapBytes.mid);
    for (let i = 1; i < cycles.length; i += 1) {
      expect(cycles[i]).toBeLessThanOrEqual(cycles[i - 1]);
      expect(peaks[i]).toBeGreaterThanOrEqual(peaks[i - 1]);
    }
    expect(cycles[0] / cycles[2]).toBeGreaterThan(2);
    expect(cycles[1] / cycles[3]).toBeGreaterThan(2);
  });

  test('progress rises to 1, once for all runs of all scenarios', () => {
    const workload = recordedWorkload(recordingFor(steadySpec(3000, 100, 500)).recording);
    const shares: number[] = [];
    const scenarios = [50, 100].map((gogc) => scenarioOf(workload.config, gogc));
    whatIf(workload, scenarios, { onProgress: (share) => shares.push(share) });
    expect(shares.at(-1)).toBe(1);
    for (let i = 1; i < shares.length; i += 1) {
      expect(shares[i]).toBeGreaterThanOrEqual(shares[i - 1]);
    }
  });

  test('another collector brings its own span layout', () => {
    const greentea = { gogc: 1, memoryLimit: 0, procs: 1, collector: 'greentea' as const };
    const classic = { ...greentea, collector: 'classic' as const };
    const base = { ...DEFAULT_CONFIG, layout: 'go1.26' as const, collector: 'greentea' as const };
    expect(configFor(base, greentea).layout).toBe('go1.26');
    expect(configFor(base, classic).layout).toBe('go1.22');
  });
});
