import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Move } from '../worker/move.ts';
import { merged } from './traveller.ts';

const step = (count: number, back = false): Move => ({ go: 'step', unit: 'event', count, back });
const at = (event: number): Move => ({ go: 'at', position: { event, inside: 0 } });

test('a jump makes what gathered before it pointless, and equal steps add up', () => {
  const gather = (...moves: Move[]): readonly Move[] =>
    moves.reduce<readonly Move[]>((list, move) => merged(list, move), []);
  expect(gather(at(1), at(2), at(3))).toEqual([at(3)]);
  expect(gather(step(1), step(1), step(1))).toEqual([step(3)]);
  expect(gather(at(1), step(1), step(1), step(1, true))).toEqual([at(1), step(2), step(1, true)]);
  expect(gather(step(1), { go: 'place', text: 'end' })).toEqual([{ go: 'place', text: 'end' }]);
  expect(gather(at(1), { go: 'place', text: '+5' })).toHaveLength(2);
});

test('gathered steps and jumps lead where each on its own would', () => {
  const move = fc.oneof(
    fc.nat(100).map(at),
    fc
      .tuple(fc.integer({ min: 1, max: 3 }), fc.boolean())
      .map(([count, back]) => step(count, back)),
  );
  const walk = (moves: readonly Move[]): number =>
    moves.reduce((event, one) => {
      if (one.go === 'at') return one.position.event;
      return one.go === 'step' ? event + (one.back ? -one.count : one.count) : event;
    }, 0);
  fc.assert(
    fc.property(fc.array(move), (moves) => {
      const gathered = moves.reduce<readonly Move[]>((list, one) => merged(list, one), []);
      expect(walk(gathered)).toBe(walk(moves));
    }),
    { seed: 42, numRuns: 300 },
  );
});
