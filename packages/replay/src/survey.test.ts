import { AssertionError } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnOf, recordingFor, specs } from './recording.testkit.ts';
import { type Column, FREED_BEFORE, type Recording } from './recording.ts';
import { cohortOf, survey } from './survey.ts';

const OBJECT_UNITS = 32;
const numbers = (column: Column): number[] =>
  Array.from({ length: column.length }, (_, i) => column.get(i));

/** Rows that take a slot, with what a naive reader says of them. */
function naiveRows(recording: Recording): {
  readonly row: number;
  readonly ordinal: number;
  readonly bytes: number;
  readonly scan: number;
  readonly freedBy: number;
}[] {
  const { allocs, sites, cycles } = recording;
  return numbers(allocs.site)
    .map((site, row) => ({ site, row }))
    .filter(({ site }) => sites.kind[site] !== 2)
    .map(({ site, row }, i) => ({
      row,
      ordinal: i + 1,
      bytes: sites.slotBytes[site],
      scan: sites.scanBytes[site],
      freedBy: cohortOf(allocs.freedBy.get(row), cycles.length),
    }));
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The same recording with some of the start's objects as garbage from before. */
function withOldGarbage(recording: Recording, every: number): Recording {
  const { sites, allocs, startCount } = recording;
  const freedBy = numbers(allocs.freedBy).map((cycle, row) => {
    const object = sites.kind[allocs.site.get(row)] !== 2;
    return object && row < startCount && row % every === 0 ? FREED_BEFORE : cycle;
  });
  return { ...recording, allocs: { ...allocs, freedBy: columnOf(freedBy) } };
}

describe('survey', () => {
  test('volumes, cohorts and units are those of a naive reader', () => {
    fc.assert(
      fc.property(specs(), fc.integer({ min: 1, max: 5 }), (spec, every) => {
        const recording = withOldGarbage(recordingFor(spec).recording, every);
        const { cycles, startCount } = recording;
        const rows = naiveRows(recording);
        const s = survey(recording);
        const volumeAt = (row: number): number =>
          sum(rows.filter((r) => r.row < row).map((r) => r.bytes));
        expect(s.volume).toBe(volumeAt(Infinity));
        expect(s.startBytes).toBe(volumeAt(startCount));
        expect([...s.beginVolume]).toEqual([0, ...cycles.map((c) => volumeAt(c.beginRow))]);
        expect([...s.endVolume]).toEqual([0, ...cycles.map((c) => volumeAt(c.endRow))]);
        for (let n = 0; n <= cycles.length; n += 1) {
          const cohort = s.cohorts.subarray(s.cohortStart[n], s.cohortStart[n + 1]);
          expect([...cohort]).toEqual(rows.filter((r) => r.freedBy === n).map((r) => r.ordinal));
        }
        for (const { n, beginRow } of cycles) {
          const alive = rows.filter((r) => r.row < beginRow && (r.freedBy === 0 || r.freedBy > n));
          expect(s.units[n]).toBe(sum(alive.map((r) => r.scan + OBJECT_UNITS)));
        }
      }),
      { seed: 42, numRuns: 200, endOnFailure: true },
    );
  });

  test('what was allocated less the cohorts so far is what Go says it marked', () => {
    fc.assert(
      fc.property(specs(), (spec) => {
        const { recording } = recordingFor(spec);
        const s = survey(recording);
        const bytes = [0, ...naiveRows(recording).map((r) => r.bytes)];
        let freed = 0;
        for (const { n, heapMarked } of recording.cycles) {
          const cohort = s.cohorts.subarray(s.cohortStart[n], s.cohortStart[n + 1]);
          freed += sum([...cohort].map((ordinal) => bytes[ordinal]));
          expect(s.endVolume[n] - freed).toBe(heapMarked);
        }
      }),
      { seed: 43, numRuns: 200, endOnFailure: true },
    );
  });

  test('a row freed by a cycle that was not recorded is a bug of the importer', () => {
    const { recording } = recordingFor({
      layout: 'go1.26',
      procs: 1,
      gcPercent: 100,
      rootBytes: 0,
      start: 0,
      rows: [{ site: 3, life: 1, caught: false, proc: 0, goroutine: 0, gapNs: 0 }],
      cycles: [],
    });
    const allocs = { ...recording.allocs, freedBy: columnOf([1]) };
    expect(() => survey({ ...recording, allocs })).toThrow(AssertionError);
  });
});
