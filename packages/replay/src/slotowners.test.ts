import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SlotOwners } from './slotowners.ts';
import { place, tapes } from './travel/travel.testkit.ts';
import { Travel } from './travel/travel.ts';

test('owners that were learned at once are those that are found one by one, later and earlier too', () => {
  let found = 0;
  fc.assert(
    fc.property(tapes(), fc.array(place, { minLength: 1, maxLength: 4 }), (tape, places) => {
      const travel = new Travel(tape);
      const learned = new SlotOwners();
      for (const at of places) {
        travel.at({ event: at % (tape.events + 1), inside: 0 });
        const { world } = travel;
        if (at % 3 > 0) learned.learn(world);
        const fresh = new SlotOwners();
        // A step that is no divisor of any slot comes to all places within slots.
        for (let word = at % 7; word < Math.min(world.pages, 60) << 10; word += 7) {
          const owner = fresh.ownerOf(world, word);
          if (owner > 0) found += 1;
          expect(learned.ownerOf(world, word)).toBe(owner);
        }
      }
    }),
    { seed: 71, numRuns: 12, endOnFailure: true },
  );
  expect(found).toBeGreaterThan(100);
});
