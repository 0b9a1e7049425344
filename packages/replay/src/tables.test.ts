import { HEAP_BASE, sizeClasses, World } from '@heaptape/core';
import { createMemoryTape } from '@heaptape/log';
import type { EventRow, TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calibrate } from './calibrate.ts';
import { cyclesOf } from './cycles.ts';
import { diffTapes } from './diff.ts';
import { addressOf, objectsOf } from './objects.ts';
import { OutcomeGatherer } from './outcome.ts';
import { recordRun } from './record.ts';
import { recordingFor, specs } from './recording.testkit.ts';
import { simulate } from './simulate.ts';
import { survey } from './survey.ts';
import { cycleTable, objectTable } from './tables.ts';
import { altered, configs, eventsOf, programTape, recordingTape, steps } from './tape.testkit.ts';

/** Bytes per slot and slots' places in a span, from an event's own fields. */
interface NaiveSpan {
  readonly page: number;
  readonly npages: number;
  readonly spanClass: number;
}

/**
 * Births and deaths from the events alone: mark bits are kept per address, and a sweep frees the
 * objects that lie in its span unmarked.
 */
function naiveLives(
  events: readonly EventRow[],
  addresses: readonly number[],
): Map<number, { born: number; died: number }> {
  const lives = new Map<number, { born: number; died: number }>();
  const inSpan = new Map<number, Set<number>>();
  const spans = new Map<number, NaiveSpan>();
  let ordinal = 0;
  for (const event of events) {
    if (event.event === 'SpanAllocated') {
      const [page, npages, spanClass] = [event['page'], event['npages'], event['spanClass']].map(
        Number,
      );
      spans.set(page, { page, npages, spanClass });
      inSpan.set(page, new Set());
    } else if (event.event === 'ObjectAllocated') {
      ordinal += 1;
      lives.set(ordinal, { born: event.seq, died: 0 });
      const page = Math.floor((addresses[ordinal] - HEAP_BASE) / 8192);
      const span = [...spans.values()].find((s) => page >= s.page && page < s.page + s.npages);
      inSpan.get(span?.page ?? -1)?.add(ordinal);
    } else if (event.event === 'SpanSwept') {
      const members = inSpan.get(Number(event['page'])) ?? new Set();
      // How many must go is in the event; which ones, `objectsOf` claims: count them here.
      lives.set(-event.seq, { born: Number(event['freed']), died: members.size });
      if (event['fate'] === 2) spans.delete(Number(event['page']));
    }
  }
  return lives;
}

describe('objects', () => {
  test('births are the allocations, deaths the sweeps, each sweep as many as it says', () => {
    fc.assert(
      fc.property(configs(), steps(120), (config, program) => {
        const tape = programTape(config, [...program, ['gc', 0, 0]]);
        const events = eventsOf(tape);
        const { count, born, died, world } = objectsOf(tape);
        const addresses = Array.from({ length: count + 1 }, (_, i) =>
          i === 0 ? 0 : addressOf(world, i),
        );
        const naive = naiveLives(events, addresses);
        const diedAt = new Map<number, number>();
        for (let ordinal = 1; ordinal <= count; ordinal += 1) {
          expect(born[ordinal]).toBe(naive.get(ordinal)?.born);
          if (died[ordinal] === 0) continue;
          expect(died[ordinal]).toBeGreaterThan(born[ordinal]);
          diedAt.set(died[ordinal], (diedAt.get(died[ordinal]) ?? 0) + 1);
        }
        for (const event of events) {
          if (event.event !== 'SpanSwept') continue;
          expect(diedAt.get(event.seq) ?? 0).toBe(event['freed']);
          diedAt.delete(event.seq);
        }
        expect([...diedAt]).toEqual([]);
      }),
      { seed: 42, numRuns: 30, endOnFailure: true },
    );
  });

  test('no two objects share an address while both live, and those of a forced cycle are reachable', () => {
    fc.assert(
      fc.property(configs(), steps(120), (config, program) => {
        const tape = programTape(config, [...program, ['gc', 0, 0]]);
        const { count, born, died, world } = objectsOf(tape);
        const byAddress = new Map<number, number[]>();
        for (let ordinal = 1; ordinal <= count; ordinal += 1) {
          const address = addressOf(world, ordinal);
          byAddress.set(address, [...(byAddress.get(address) ?? []), ordinal]);
        }
        for (const tenants of byAddress.values()) {
          for (let i = 1; i < tenants.length; i += 1) {
            const left = died[tenants[i - 1]];
            expect(left).toBeGreaterThan(0);
            expect(left).toBeLessThan(born[tenants[i]]);
          }
        }
        // Every program ends with runtime.GC: what is left is what its graph reaches.
        const left = Array.from(died.subarray(1, count + 1)).filter((seq) => seq === 0).length;
        expect(left).toBe(reachable(eventsOf(tape)));
      }),
      { seed: 43, numRuns: 30, endOnFailure: true },
    );
  });

  test('the table has a row an object, with what its site says', () => {
    const tape = programTape(fc.sample(configs(), { seed: 5, numRuns: 1 })[0], [
      ['list', 3, 5],
      ['held', 0, 5],
      ['drop', 3, 0],
      ['gc', 0, 0],
    ]);
    const table = objectTable(tape);
    const rows = [...table.rows()].map((row) =>
      Object.fromEntries(table.columns.map((c, i) => [c, row[i]])),
    );
    const events = eventsOf(tape);
    const births = events.filter((e) => e.event === 'ObjectAllocated').map((e) => e.seq);
    expect(rows.map((r) => r['born'])).toEqual(births);
    expect(rows.map((r) => r['id'])).toEqual(births.map((_, i) => i + 1));
    expect(rows.at(-1)).toMatchObject({
      size: 50000,
      scan_bytes: 16,
      type: '50000 held',
      died: null,
    });
    for (const row of rows.slice(0, -1)) {
      expect(row).toMatchObject({ size: 2048, type: '2048' });
      expect(sizeClasses[Number(row['span_class']) >> 1].bytes).toBeGreaterThanOrEqual(2048);
      const sweep = events[Number(row['died']) - 1];
      expect(sweep.event).toBe('SpanSwept');
    }
  });
});

/** Objects that roots and held objects reach, from the events alone. */
function reachable(events: readonly EventRow[]): number {
  const held: boolean[] = [false];
  const roots = new Map<number, number>();
  const live = new Set<number>();
  const edges = new Map<number, Map<number, number>>();
  let ordinal = 0;
  for (const e of events) {
    if (e.event === 'SiteDefined') held.push(e['held'] === 1);
    else if (e.event === 'ObjectAllocated') {
      ordinal += 1;
      if (held[Number(e['site'])]) live.add(ordinal);
    } else if (e.event === 'ObjectReleased') live.delete(Number(e['object']));
    else if (e.event === 'RootStored') roots.set(Number(e['root']), Number(e['target']));
    else if (e.event === 'PointerStored') {
      const words = edges.get(Number(e['object'])) ?? new Map<number, number>();
      edges.set(Number(e['object']), words.set(Number(e['word']), Number(e['target'])));
    }
  }
  const seen = new Set<number>();
  const grey = [...live, ...roots.values()];
  while (grey.length > 0) {
    const next = grey.pop() ?? 0;
    if (next === 0 || seen.has(next)) continue;
    seen.add(next);
    grey.push(...(edges.get(next)?.values() ?? []));
  }
  return seen.size;
}

describe('cycles', () => {
  test('what a run gathers as it is decided is what its tape says', () => {
    let assisted = 0;
    fc.assert(
      fc.property(specs(300, 5), (spec) => {
        const { recording } = recordingFor(spec);
        const surveyed = survey(recording);
        const calibration = calibrate(recording, surveyed, {});
        const dear = calibration.markCosts.map((c) => ({ ...c, nsPerUnit: c.nsPerUnit * 50 }));
        const gatherer = new OutcomeGatherer();
        const tape = createMemoryTape();
        let world = new World();
        recordRun(tape, (sink, onStart) => {
          const decider = simulate(
            recording,
            surveyed,
            { ...calibration, markCosts: dear },
            {
              assumption: 'middle',
              config: { ...calibration.config, gcPercent: 2 },
              watcher: gatherer.watcher(),
              sink,
              onStart,
            },
          );
          world = decider.world;
          return decider;
        });
        const outcome = gatherer.outcome(world);
        const { simulated, endNs } = cyclesOf(tape);
        expect(outcome.cycles.map(({ volume: _, startNs: __, ...c }) => c)).toEqual(
          simulated.map((c) => ({
            n: c.n,
            trigger: c.trigger,
            endNs: c.endNs,
            heapAtStart: c.heapAtStart,
            heapAtMarkEnd: c.heapAtMarkEnd,
            heapMarked: c.heapMarked,
            heapGoal: c.heapGoal,
            pauseNs: c.sweepTermPauseNs + c.markTermPauseNs,
            assistNs: c.assistNs,
          })),
        );
        expect(outcome.durationNs).toBe(endNs);
        if (simulated.filter((c) => c.assistNs > 0).length > 1) assisted += 1;
        const pauses = outcome.cycles.reduce((sum, c) => sum + c.pauseNs, 0);
        expect(outcome.pauseTotalNs).toBe(pauses);
        expect(outcome.assistNs).toBe(outcome.cycles.reduce((sum, c) => sum + c.assistNs, 0));
        for (const c of outcome.cycles) {
          expect(outcome.peakHeapBytes).toBeGreaterThanOrEqual(c.heapAtMarkEnd);
        }
      }),
      { seed: 44, numRuns: 30, endOnFailure: true },
    );
    expect(assisted).toBeGreaterThan(0);
  });

  test('the table sets simulated and recorded cycles of one number side by side', () => {
    fc.assert(
      fc.property(specs(200, 5), (spec) => {
        const tape = recordingTape(recordingFor(spec).recording, 'latest', { gcPercent: 5 });
        const { simulated, recorded } = cyclesOf(tape);
        const { columns, rows } = cycleTable(tape);
        const all = [...rows()];
        expect(all).toHaveLength(Math.max(simulated.length, recorded.length));
        all.forEach((row, i) => {
          expect(row).toHaveLength(columns.length);
          expect(row[columns.indexOf('heap_marked')]).toBe(simulated[i]?.heapMarked ?? null);
          const marked = columns.indexOf('recorded_heap_marked');
          expect(row[marked]).toBe(recorded[i]?.heapMarked ?? null);
        });
      }),
      { seed: 45, numRuns: 30, endOnFailure: true },
    );
  });
});

describe('diff', () => {
  test('a tape equals itself and its like, and one event more or other is where it diverges', () => {
    fc.assert(
      fc.property(configs(), steps(60), steps(6), (config, program, more) => {
        const a = programTape(config, program);
        expect(diffTapes(a, programTape(config, program))).toEqual({
          equal: true,
          firstDivergence: null,
          summary: {},
        });
        const b = programTape(config, [...program, ['held', 1, 1], ...more]);
        const { equal, firstDivergence, summary } = diffTapes(a, b);
        const [left, right] = [a, b].map((tape) => eventsOf(tape).map((e) => JSON.stringify(e)));
        const seq = right.findIndex((event, i) => event !== left[i]) + 1;
        expect(equal).toBe(false);
        expect(firstDivergence?.seq).toBe(seq);
        expect(firstDivergence?.a === null).toBe(seq > a.events);
        expect(summary['ObjectAllocated']).toBeDefined();
      }),
      { seed: 46, numRuns: 15, endOnFailure: true },
    );
  });

  test('another configuration is told in the summary', () => {
    const [config] = fc.sample(configs(), { seed: 5, numRuns: 1 });
    const other = { ...config, gcPercent: config.gcPercent + 1 };
    const [a, b]: TapeReader[] = [config, other].map((c) => programTape(c, [['list', 1, 3]]));
    expect(diffTapes(a, b).summary['config']).toEqual({ a: config, b: other });
    expect(
      diffTapes(
        a,
        altered(a, () => undefined),
      ).equal,
    ).toBe(true);
  });
});
