import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bookmarkToggled, fitted, following, INITIAL, panned, zoomed } from './state.ts';

const EVENTS = 10_000;
const event = fc.integer({ min: 0, max: EVENTS });
const zoom = fc.option(
  fc
    .tuple(event, event)
    .map(([a, b]) => fitted({ from: Math.min(a, b), to: Math.max(a, b) }, EVENTS)),
  { nil: null },
);

const isWithin = (stretch: ReturnType<typeof fitted>): boolean =>
  stretch === null ||
  (stretch.from >= 0 && stretch.to <= EVENTS + 1e-6 && stretch.to - stretch.from >= 16 - 1e-6);

describe('what the timeline shows', () => {
  test('stays within the tape, whatever is done to it', () => {
    const deed = fc.oneof(
      fc.tuple(fc.constant('zoom'), fc.constantFrom(0.01, 0.5, 2, 100), event),
      fc.tuple(fc.constant('pan'), fc.constantFrom(-3, -0.25, 0.25, 3), event),
      fc.tuple(fc.constant('follow'), fc.constant(0), event),
    );
    fc.assert(
      fc.property(zoom, fc.array(deed), (start, deeds) => {
        let now = start;
        for (const [what, by, around] of deeds) {
          if (what === 'zoom') now = zoomed(now, by, around, EVENTS);
          else if (what === 'pan') now = panned(now, by, EVENTS);
          else now = following(now, around, EVENTS);
          expect(isWithin(now)).toBe(true);
          if (what === 'follow' && now !== null) {
            expect(around).toBeGreaterThanOrEqual(now.from);
            expect(around).toBeLessThanOrEqual(now.to);
          }
        }
      }),
      { seed: 42, numRuns: 300 },
    );
  });

  test('zooming leaves the event around which it zooms where it is', () => {
    const before = { from: 2000, to: 4000 };
    expect(zoomed(before, 0.5, 3000, EVENTS)).toEqual({ from: 2500, to: 3500 });
    expect(zoomed(before, 2, 2500, EVENTS)).toEqual({ from: 1500, to: 5500 });
    expect(zoomed(null, 2, 5000, EVENTS)).toBeNull();
  });
});

test('a bookmark is put, and taken away at the same place', () => {
  const first = bookmarkToggled({ ...INITIAL, position: { event: 7, inside: 0 } });
  expect(first).toMatchObject({ bookmarks: [{ name: 'b1' }], since: 'b1' });
  const second = bookmarkToggled({ ...first, position: { event: 9, inside: 1 } });
  expect(second).toMatchObject({ bookmarks: [{ name: 'b1' }, { name: 'b2' }], since: 'b1' });
  const back = bookmarkToggled({ ...second, position: { event: 7, inside: 0 } });
  expect(back).toMatchObject({ bookmarks: [{ name: 'b2' }], since: '' });
});
