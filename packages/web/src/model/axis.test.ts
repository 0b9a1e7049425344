import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Axis, firstNotBelow } from './axis.ts';

test('the first value not below another is found', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 30 })),
      fc.integer({ min: -1, max: 31 }),
      (list, value) => {
        const column = list.sort((a, b) => a - b);
        const index = column.findIndex((one) => one >= value);
        expect(firstNotBelow(column, value)).toBe(index < 0 ? column.length : index);
      },
    ),
    { seed: 42, numRuns: 500 },
  );
});

test('events and times lead to each other where both ascend', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 100, max: 9000 })), {
        minLength: 1,
      }),
      fc.nat(),
      (steps, pick) => {
        const events = [0];
        const times = [0];
        for (const [event, time] of steps) {
          events.push((events.at(-1) ?? 0) + event);
          times.push((times.at(-1) ?? 0) + time);
        }
        const axis = new Axis(events, times);
        const event = pick % ((events.at(-1) ?? 0) + 1);
        expect(axis.eventOf(axis.timeOf(event))).toBe(event);
      },
    ),
    { seed: 42, numRuns: 500 },
  );
});

test('of events at one time the first is meant', () => {
  const axis = new Axis([0, 10, 20, 30], [0, 100, 100, 200]);
  expect(axis.eventOf(100)).toBe(10);
  expect(axis.timeOf(15)).toBe(100);
});
