import { readMemStats } from '@heaptape/core';
import { argOffsets, EVENTS, type TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldTape } from '../fold.ts';
import { modelTape, runs } from '../modeltape.testkit.ts';
import { objectsOf } from '../objects.ts';
import { recordingFor, specs } from '../recording.testkit.ts';
import { altered, configs, eventsOf, programTape, recordingTape, steps } from '../tape.testkit.ts';
import { allocationsBySite } from './allocations.ts';

type Row = { allocObjects: number; allocBytes: number; inuseObjects: number; inuseBytes: number };

/** The same figures from births and deaths of objects, site by site. */
function bySite(tape: TapeReader, to: number): Map<number, Row> {
  const { world, count, born, died } = objectsOf(tape);
  const rows = new Map<number, Row>();
  const rowOf = (site: number): Row => {
    const row = rows.get(site) ?? {
      allocObjects: 0,
      allocBytes: 0,
      inuseObjects: 0,
      inuseBytes: 0,
    };
    rows.set(site, row);
    return row;
  };
  for (const { seq, event, site } of eventsOf(tape)) {
    if (seq <= to && event === 'TinyAllocated') rowOf(Number(site)).allocObjects += 1;
  }
  for (let ordinal = 1; ordinal <= count; ordinal += 1) {
    if (born[ordinal] > to) continue;
    const row = rowOf(world.objects.siteOf(ordinal));
    row.allocObjects += 1;
    if (died[ordinal] === 0 || died[ordinal] > to) row.inuseObjects += 1;
  }
  return rows;
}

/** Checks a tape at an event: each site against the objects' lives, all of them against MemStats. */
function check(tape: TapeReader, to: number): void {
  const { sites } = allocationsBySite(tape, to);
  const expected = bySite(tape, to);
  expect(sites.map(({ site }) => site)).toEqual([...expected.keys()].sort((a, b) => a - b));
  for (const row of sites) {
    expect(expected.get(row.site)).toMatchObject({
      allocObjects: row.allocObjects,
      inuseObjects: row.inuseObjects,
    });
  }
  const sum = (of: keyof Row): number => sites.reduce((total, row) => total + row[of], 0);
  expect(readMemStats(foldTape(tape, to).world)).toMatchObject({
    Mallocs: sum('allocObjects'),
    TotalAlloc: sum('allocBytes'),
    HeapObjects: sum('inuseObjects'),
    HeapAlloc: sum('inuseBytes'),
  });
}

describe('allocations by site', () => {
  test('are those of the objects, and sum up to MemStats, at every event of a program', () => {
    fc.assert(
      fc.property(runs(60), fc.nat(), (run, at) => {
        const tape = modelTape(run);
        for (const to of [tape.events, at % (tape.events + 1)]) check(tape, to);
      }),
      { seed: 42, numRuns: 25 },
    );
  });

  test('of programs that share no objects with others, in small segments', () => {
    fc.assert(
      fc.property(configs(), steps(), fc.nat(), (config, program, at) => {
        const tape = programTape(config, program, 50);
        check(tape, at % (tape.events + 1));
      }),
      { seed: 42, numRuns: 25 },
    );
  });

  test('of recordings, whose objects are held', () => {
    fc.assert(
      fc.property(specs(), (spec) => {
        const tape = recordingTape(recordingFor(spec).recording, 'middle');
        check(tape, tape.events);
      }),
      { seed: 42, numRuns: 15 },
    );
  });

  test('a tape that says what cannot be is bad data', () => {
    const tape = programTape(fc.sample(configs(), { seed: 1, numRuns: 1 })[0], [
      ['list', 1, 20],
      ['gc', 0, 0],
    ]);
    expect(allocationsBySite(tape, tape.events).sites.length).toBeGreaterThan(0);
    const odd = altered(tape, (_, batch) => {
      const offsets = argOffsets(batch);
      for (let i = 0; i < batch.count; i += 1) {
        if (batch.kinds[i] === EVENTS.SpanSwept.tag) batch.args[offsets[i] + 1] += 1;
      }
    });
    expect(() => allocationsBySite(odd, odd.events)).toThrow(
      expect.objectContaining({ code: 'bad-data' }),
    );
  });
});
