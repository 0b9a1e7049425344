import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Selections } from './selections.ts';

test('going back and forward is what a browser does with its pages', () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom('back', 'on')));
  fc.assert(
    fc.property(steps, (list) => {
      const selections = new Selections();
      let behind: number[] = [];
      let ahead: number[] = [];
      let now = 0;
      for (const step of list) {
        if (typeof step === 'number') {
          if (step !== 0 && step !== now) {
            if (now !== 0) behind = [...behind, now];
            ahead = [];
            now = step;
          }
          selections.note(step);
          continue;
        }
        const from = step === 'back' ? behind : ahead;
        expect(selections.has(step === 'back' ? -1 : 1)).toBe(from.length > 0);
        const next = from.at(-1) ?? 0;
        expect(selections.turn(step === 'back' ? -1 : 1)).toBe(next);
        if (next === 0) continue;
        if (step === 'back') {
          behind = behind.slice(0, -1);
          ahead = [...ahead, now];
        } else {
          ahead = ahead.slice(0, -1);
          behind = [...behind, now];
        }
        now = next;
        selections.note(now);
      }
    }),
    { seed: 42, numRuns: 300 },
  );
});
