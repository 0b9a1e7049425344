import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrive, type Journey, type Rest } from './journey.ts';
import type { Position } from './position.ts';
import type { StopSpec } from './stops.ts';
import { budgets, place, tapes } from './travel.testkit.ts';
import { type RunArrival, Travel } from './travel.ts';
import { STEP_UNITS } from './units.ts';

const STOPS: readonly (readonly StopSpec[])[] = [
  [{ on: 'change', of: 'heapLive' }],
  [
    { on: 'turns', when: 'heapLive > 48KiB', ignore: 1 },
    { on: 'object', object: 3, what: 'changed' },
  ],
  [{ on: 'kind', kinds: ['GCStarted', 'SpanSwept'] }],
  [{ on: 'turns', when: 'NumGC >= 1', if: 'phase == off' }],
];

/** Drives a journey, and breaks it off when it has given way so often; null then. */
function driven<T>(travel: Travel, journey: Journey<T>, most: number): T | null {
  for (let given = 0; ; given += 1) {
    const step = journey.next();
    if (step.done === true) return step.value;
    if (given >= most) {
      expect(travel.rest(step.value)).toEqual(step.value.rest);
      return null;
    }
  }
}

/** Runs until a run has come somewhere, after having been broken off now and then. */
function brokenRuns(
  travel: Travel,
  stops: readonly StopSpec[],
  back: boolean,
  pieces: readonly number[],
): { arrival: RunArrival; broken: number } {
  const run = (): Journey<RunArrival> => (back ? travel.runningBack(stops) : travel.running(stops));
  let broken = 0;
  for (const most of pieces) {
    const before = travel.position.event;
    const arrival = driven(travel, run(), most);
    if (arrival !== null) return { arrival, broken };
    broken += 1;
    expect(
      back ? before - travel.position.event : travel.position.event - before,
    ).toBeGreaterThanOrEqual(0);
  }
  return { arrival: arrive(run()), broken };
}

const same = ({ position, why, hits }: RunArrival): unknown => ({ position, why, hits });

describe('journeys', () => {
  test('that were broken off and taken up again come to where whole ones do', () => {
    let broken = 0;
    fc.assert(
      fc.property(
        tapes(),
        fc.constantFrom(...STOPS),
        fc.boolean(),
        place,
        budgets,
        fc.array(fc.nat({ max: 3 }), { maxLength: 6 }),
        (tape, stops, back, at, budgetBytes, pieces) => {
          // Ignored hits are counted anew after a break, so those stops have none.
          const plain = stops.map((stop) => ({ ...stop, ignore: 0 }));
          const from: Position = { event: at % (tape.events + 1), inside: 0 };
          const whole = new Travel(tape, { budgetBytes });
          whole.at(from);
          const expected = back ? whole.runBack(plain) : whole.run(plain);
          const travel = new Travel(tape, { budgetBytes, due: () => true });
          travel.at(from);
          const found = brokenRuns(travel, plain, back, pieces);
          broken += found.broken;
          expect(same(found.arrival)).toEqual(same(expected));
          expect(travel.hash()).toBe(whole.hash());
        },
      ),
      { seed: 61, numRuns: 120, endOnFailure: true },
    );
    expect(broken).toBeGreaterThan(20);
  });

  test('say how many hits a stop has had when they are broken off', () => {
    fc.assert(
      fc.property(tapes(), fc.nat({ max: 4 }), (tape, most) => {
        const stops: readonly StopSpec[] = [{ on: 'change', of: 'heapLive', ignore: 5 }];
        const whole = new Travel(tape).run(stops);
        const travel = new Travel(tape, { due: () => true });
        let last: Rest | null = null;
        const journey = travel.running(stops);
        for (let given = 0; given <= most; given += 1) {
          const step = journey.next();
          if (step.done === true) {
            expect(step.value.counts).toEqual(whole.counts);
            return;
          }
          last = { ...step.value, counts: [...step.value.counts] };
        }
        if (last === null) return;
        travel.rest(last);
        const ignore = 5 - (last.counts[0] ?? 0);
        expect(ignore).toBeGreaterThanOrEqual(0);
        expect(same(travel.run([{ on: 'change', of: 'heapLive', ignore }]))).toEqual(same(whole));
      }),
      { seed: 62, numRuns: 30, endOnFailure: true },
    );
  });

  test('of other kinds rest where they began, or after a whole step', () => {
    fc.assert(
      fc.property(tapes(), place, place, fc.constantFrom(...STEP_UNITS), (tape, a, b, unit) => {
        const travel = new Travel(tape, { due: () => true });
        const here = travel.at({ event: a % (tape.events + 1), inside: 0 });
        const hash = travel.hash();
        driven(travel, travel.bisecting('heapLive > 1GiB'), b % 4);
        expect([travel.position, travel.hash()]).toEqual([here, hash]);
        driven(travel, travel.stepping(unit, 5), 2);
        const there = travel.position;
        travel.at(here);
        const steps = [here, ...Array.from({ length: 5 }, () => travel.step(unit).position)];
        expect(steps).toContainEqual(there);
      }),
      { seed: 63, numRuns: 30, endOnFailure: true },
    );
  });
});
