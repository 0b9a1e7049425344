import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASSUMPTIONS, type Assumption, ReleasePlan } from './deaths.ts';
import { type Made, recordingFor, specs, steadySpec } from './recording.testkit.ts';
import type { Recording } from './recording.ts';
import { survey } from './survey.ts';

/** Where a plan released each ordinal: rows and volume then, and the how-manieth release it was. */
interface Release {
  readonly step: number;
  readonly place: number;
}

/** Rows allocated, ordinals taken and volume at each step: every `stride` rows, and at the end. */
function stepsOf(
  recording: Recording,
  stride: number,
): { rows: number; ordinal: number; volume: number }[] {
  const { allocs, sites } = recording;
  const steps: { rows: number; ordinal: number; volume: number }[] = [];
  let ordinal = 0;
  let volume = 0;
  for (let row = 0; row < allocs.count; row += 1) {
    const site = allocs.site.get(row);
    if (sites.kind[site] !== 2) {
      ordinal += 1;
      volume += sites.slotBytes[site];
    }
    if ((row + 1) % stride === 0 || row + 1 === allocs.count) {
      steps.push({ rows: row + 1, ordinal, volume });
    }
  }
  return steps;
}

function ordinalsBefore(recording: Recording, row: number): number {
  const { allocs, sites } = recording;
  let ordinal = 0;
  for (let i = 0; i < row; i += 1) if (sites.kind[allocs.site.get(i)] !== 2) ordinal += 1;
  return ordinal;
}

function play(recording: Recording, assumption: Assumption, stride: number): Map<number, Release> {
  const begins = [0, ...recording.cycles.map((c) => ordinalsBefore(recording, c.beginRow))];
  const released = new Map<number, Release>();
  let step = 0;
  let taken = 0;
  const plan = new ReleasePlan(
    survey(recording),
    Float64Array.from(begins),
    assumption,
    (ordinal) => {
      expect(released.has(ordinal), `#${ordinal} is released once`).toBe(false);
      expect(ordinal).toBeLessThanOrEqual(taken);
      released.set(ordinal, { step, place: released.size });
    },
  );
  stepsOf(recording, stride).forEach(({ ordinal, volume }, i) => {
    step = i;
    taken = ordinal;
    plan.advance(ordinal, volume);
  });
  return released;
}

/** Objects with their row, cohort and true death. */
function objectsOf({
  recording,
  deaths,
}: Made): { ordinal: number; freedBy: number; death: number; row: number }[] {
  const { allocs, sites } = recording;
  const objects = [];
  let ordinal = 0;
  for (let row = 0; row < allocs.count; row += 1) {
    if (sites.kind[allocs.site.get(row)] === 2) continue;
    ordinal += 1;
    objects.push({ ordinal, freedBy: allocs.freedBy.get(row), death: deaths[row], row });
  }
  return objects;
}

describe('release plans', () => {
  test('each object goes once, after its allocation, earliest before middle before latest', () => {
    fc.assert(
      fc.property(specs(), fc.integer({ min: 1, max: 9 }), (spec, stride) => {
        const made = recordingFor(spec);
        const [earliest, middle, latest] = ASSUMPTIONS.map((a) => play(made.recording, a, stride));
        const at = (plan: Map<number, Release>, ordinal: number): number =>
          plan.get(ordinal)?.step ?? Infinity;
        for (const { ordinal } of objectsOf(made)) {
          expect(at(earliest, ordinal)).toBeLessThanOrEqual(at(middle, ordinal));
          expect(at(middle, ordinal)).toBeLessThanOrEqual(at(latest, ordinal));
        }
      }),
      { seed: 42, numRuns: 80, endOnFailure: true },
    );
  });

  test('the true death lies between the earliest and the latest', () => {
    fc.assert(
      fc.property(specs(), fc.integer({ min: 1, max: 9 }), (spec, stride) => {
        const made = recordingFor(spec);
        const { recording } = made;
        const steps = stepsOf(recording, stride);
        const earliest = play(recording, 'earliest', stride);
        const latest = play(recording, 'latest', stride);
        const volumeAt = (row: number): number => stepsOf(recording, 1)[row - 1]?.volume ?? 0;
        for (const { ordinal, freedBy, death } of objectsOf(made)) {
          const dead = steps.findIndex(({ rows }) => rows >= death);
          const early = earliest.get(ordinal)?.step ?? Infinity;
          expect(early).toBeLessThanOrEqual(dead < 0 ? Infinity : dead);
          const late = latest.get(ordinal);
          expect(late === undefined || freedBy > 0).toBe(true);
          if (late === undefined) continue;
          // The end of marking is the last moment at which the cycle can have found it.
          expect(steps[late.step].volume).toBeGreaterThanOrEqual(volumeAt(death));
        }
      }),
      { seed: 43, numRuns: 50, endOnFailure: true },
    );
  });

  test('by the end of marking every assumption has released the cycle’s cohort', () => {
    fc.assert(
      fc.property(specs(), fc.integer({ min: 1, max: 9 }), (spec, stride) => {
        const made = recordingFor(spec);
        const { cycles } = made.recording;
        const steps = stepsOf(made.recording, stride);
        for (const assumption of ASSUMPTIONS) {
          const released = play(made.recording, assumption, stride);
          for (const { ordinal, freedBy } of objectsOf(made)) {
            if (freedBy === 0) continue;
            const ended = steps.findIndex(({ rows }) => rows >= cycles[freedBy - 1].endRow);
            expect(released.get(ordinal)?.step).toBeLessThanOrEqual(ended);
          }
        }
      }),
      { seed: 44, numRuns: 30, endOnFailure: true },
    );
  });

  test('earliest and latest release a cohort in allocation order', () => {
    fc.assert(
      fc.property(specs(), (spec) => {
        const made = recordingFor(spec);
        for (const assumption of ['earliest', 'latest'] as const) {
          const released = play(made.recording, assumption, 4);
          const last = new Map<number, number>();
          for (const { ordinal, freedBy } of objectsOf(made)) {
            const place = released.get(ordinal)?.place;
            if (place === undefined) continue;
            expect(place).toBeGreaterThan(last.get(freedBy) ?? -1);
            last.set(freedBy, place);
          }
        }
      }),
      { seed: 45, numRuns: 50, endOnFailure: true },
    );
  });

  test('the middle follows the program: it is right about half of the time', () => {
    // Objects live 40 rows and cycles come every 400: half way would be 200 rows off.
    const made = recordingFor(steadySpec(8000, 40, 400));
    const released = play(made.recording, 'middle', 1);
    const errors = objectsOf(made)
      .filter(({ ordinal }) => released.has(ordinal))
      .map(({ ordinal, death }) => (released.get(ordinal)?.step ?? 0) + 1 - death);
    errors.sort((a, b) => a - b);
    expect(errors.length).toBeGreaterThan(7000);
    expect(Math.abs(errors[errors.length >> 1])).toBeLessThan(25);
  });

  test('of what no cycle looked at, as many die as of others of that age', () => {
    const spec = steadySpec(8000, 40, 400);
    const made = recordingFor({ ...spec, cycles: spec.cycles.slice(0, 10) });
    const released = play(made.recording, 'middle', 1);
    const unseen = objectsOf(made).filter(({ row }) => row >= 4000);
    const dead = unseen.filter(({ ordinal }) => released.has(ordinal));
    expect(dead.length / unseen.length).toBeGreaterThan(0.9);
  });
});
