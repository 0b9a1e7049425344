import { SCALAR } from '@heaptape/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inspectObject } from '../inspect.ts';
import type { Value } from '../lang/values.ts';
import { objectsOf } from '../objects.ts';
import { comparePositions, parsePosition, positionText } from './position.ts';
import { budgets, place, tapes } from './travel.testkit.ts';
import { Travel } from './travel.ts';
import { STEP_UNITS, type StepUnit } from './units.ts';

/** All that a position shows: the state, and what objects inside a coarse event have become. */
function stateOf(travel: Travel): unknown {
  const { ahead } = travel.moment();
  return { position: travel.position, hash: travel.hash(), ahead: ahead && [...ahead] };
}

describe('positions', () => {
  test('are totally ordered, and survive being printed', () => {
    const position = fc.record({ event: fc.nat(), inside: fc.nat({ max: 999 }) });
    fc.assert(
      fc.property(position, position, (a, b) => {
        expect(parsePosition(positionText(a))).toEqual(a);
        const order = comparePositions(a, b);
        expect(Math.sign(comparePositions(b, a))).toBe(-Math.sign(order) + 0);
        expect(order === 0).toBe(positionText(a) === positionText(b));
      }),
      { seed: 42, numRuns: 200 },
    );
    expect(() => parsePosition('12.x')).toThrow('no position');
  });
});

describe('steps', () => {
  test.each(['micro', 'event'] as const)(
    'by %s: a step and a step back lead to the same state',
    (unit) => {
      fc.assert(
        fc.property(
          tapes(),
          place,
          fc.integer({ min: 1, max: 40 }),
          budgets,
          (tape, from, count, budgetBytes) => {
            const travel = new Travel(tape, { budgetBytes });
            travel.at({ event: from % (tape.events + 1), inside: 0 });
            const states = [stateOf(travel)];
            while (states.length <= count && travel.step(unit).why === 'there')
              states.push(stateOf(travel));
            for (let i = states.length - 2; i >= 0; i -= 1) {
              expect(travel.stepBack(unit).why).toBe('there');
              expect(stateOf(travel)).toEqual(states[i]);
            }
          },
        ),
        { seed: 43, numRuns: 12, endOnFailure: true },
      );
    },
  );

  test('by any unit forward and back meet the same places', () => {
    fc.assert(
      fc.property(tapes(), fc.constantFrom(...STEP_UNITS), (tape, unit: StepUnit) => {
        const travel = new Travel(tape);
        const on: string[] = [];
        while (travel.step(unit).why === 'there') on.push(positionText(travel.position));
        expect(travel.position).toEqual({ event: tape.events, inside: 0 });
        const back: string[] = [];
        while (travel.stepBack(unit).why === 'there') back.push(positionText(travel.position));
        expect(travel.position).toEqual({ event: 0, inside: 0 });
        // The ends of the tape need not be places of the unit.
        const ends = new Set(['0', String(tape.events)]);
        const inner = (places: string[]): string[] => places.filter((one) => !ends.has(one));
        expect(inner(back.reverse())).toEqual(inner(on));
        expect(
          on
            .map(parsePosition)
            .every((p, i, all) => i === 0 || comparePositions(all[i - 1], p) < 0),
        ).toBe(true);
      }),
      { seed: 44, numRuns: 8, endOnFailure: true },
    );
  });

  test('inside a coarse event objects turn one by one, and the last one ends it', () => {
    let turned = 0;
    fc.assert(
      fc.property(tapes(), (tape) => {
        const travel = new Travel(tape);
        for (let event = 0; event < tape.events; event += 1) {
          travel.at({ event, inside: 0 });
          const changes = travel.inside();
          const before = changes.map(({ object }) => travel.evaluate(`#${object}.color`).value);
          expect(before).toEqual(changes.map((change) => change.before));
          for (let i = 1; i < changes.length; i += 1) {
            expect(travel.step('micro').position).toEqual({ event, inside: i });
            const seen = changes.map(({ object }) => travel.evaluate(`#${object}.color`).value);
            expect(seen).toEqual(changes.map(({ after }, k) => (k < i ? after : before[k])));
          }
          if (changes.length === 0) continue;
          turned += changes.length;
          expect(travel.step('micro').position).toEqual({ event: event + 1, inside: 0 });
          const after = changes.map(({ object }) => travel.evaluate(`#${object}.color`).value);
          expect(after).toEqual(changes.map((change) => change.after));
          expect(() => travel.at({ event, inside: changes.length })).toThrow('has no place');
        }
      }),
      { seed: 45, numRuns: 8, endOnFailure: true },
    );
    expect(turned).toBeGreaterThan(100);
  });

  test('colours and keepers are those of an inspected object', () => {
    fc.assert(
      fc.property(tapes(), place, (tape, at) => {
        const travel = new Travel(tape);
        travel.at({ event: at % (tape.events + 1), inside: 0 });
        const names = {
          roots: travel.facts.rootNamesAt(travel.position.event),
          addresses: new Float64Array(0),
        };
        for (let object = 1; object < travel.world.scalars[SCALAR.nextOrdinal]; object += 1) {
          const view = inspectObject(travel.world, object, names);
          const value = (name: string): Value => travel.evaluate(`#${object}.${name}`).value;
          expect([value('color'), value('retained')]).toEqual([view.color, view.retainedBytes]);
          if (view.color !== 'free') expect(value('size')).toBe(view.size);
        }
      }),
      { seed: 46, numRuns: 12, endOnFailure: true },
    );
  });

  test('births and deaths are those of the table of objects', () => {
    fc.assert(
      fc.property(tapes(), (tape) => {
        const { count, born, died } = objectsOf(tape);
        const { facts } = new Travel(tape);
        for (let object = 0; object <= count + 1; object += 1) {
          const known = object > 0 && object <= count;
          expect(facts.bornOf(object)).toBe(known ? born[object] : 0);
          expect(facts.diedOf(object)).toBe(known ? died[object] : 0);
        }
      }),
      { seed: 47, numRuns: 12, endOnFailure: true },
    );
  });
});
