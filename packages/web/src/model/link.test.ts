import { STEP_UNITS } from '@heaptape/replay';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLOURINGS } from './heapmap.ts';
import { linkOf, stateOfLink } from './link.ts';
import { AXES, fitted, INITIAL, type PageState, SPEEDS } from './state.ts';

const EVENTS = 1_000_000;

const position = fc.record({
  event: fc.integer({ min: 0, max: EVENTS }),
  inside: fc.integer({ min: 0, max: 500 }),
});

const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);

const state: fc.Arbitrary<PageState> = fc
  .record({
    position,
    zoom: fc.option(
      fc
        .tuple(fc.integer({ min: 0, max: EVENTS }), fc.integer({ min: 16, max: EVENTS - 1 }))
        .map(([from, width]) => fitted({ from, to: from + width }, EVENTS)),
      { nil: null },
    ),
    axis: fc.constantFrom(...AXES),
    selected: fc.integer({ min: 0, max: 1e9 }),
    bookmarks: fc.uniqueArray(fc.record({ name, position }), {
      selector: (one) => one.name,
      maxLength: 8,
    }),
    pick: fc.nat(),
    filter: fc.string({ unit: 'binary', maxLength: 60 }),
    unit: fc.constantFrom(...STEP_UNITS),
    speed: fc.integer({ min: 0, max: SPEEDS.length - 1 }),
    open: fc.dictionary(fc.constantFrom('left', 'middle', 'right'), name, {
      noNullPrototype: true,
    }),
    swapped: fc.boolean(),
    theme: fc.constantFrom('auto' as const, 'light' as const, 'dark' as const),
    map: fc
      .tuple(fc.constantFrom(...COLOURINGS), fc.nat(1e9), fc.nat(1e9))
      .map(([by, perRow, top]) => ({ by, perRow, top: perRow === 0 ? 0 : top })),
  })
  .map(({ pick, ...rest }) => {
    const { bookmarks } = rest;
    return { ...rest, since: bookmarks[pick % (bookmarks.length + 1)]?.name ?? '' };
  });

describe('deep links', () => {
  test('lead back to the state that they were made of', () => {
    fc.assert(
      fc.property(state, (one) => {
        expect(stateOfLink(linkOf(one), EVENTS)).toEqual(one);
      }),
      { seed: 42, numRuns: 500 },
    );
  });

  test('from anywhere read as some state, and never fail', () => {
    const hash = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc
        .array(
          fc.tuple(
            fc.constantFrom('at', 'zoom', 'axis', 'sel', 'marks', 'since', 'unit', 'speed', 'open'),
            fc.string({ maxLength: 20 }),
          ),
        )
        .map((pairs) => `#${pairs.map((pair) => pair.join('=')).join('&')}`),
    );
    fc.assert(
      fc.property(hash, (text) => {
        const read = stateOfLink(text, EVENTS);
        expect(read.position.event).toBeLessThanOrEqual(EVENTS);
        expect(stateOfLink(linkOf(read), EVENTS)).toEqual(read);
      }),
      { seed: 42, numRuns: 500 },
    );
  });

  test('are short where all is as at first', () => {
    expect(linkOf(INITIAL)).toBe('#at=0');
    expect(linkOf({ ...INITIAL, position: { event: 12, inside: 3 }, unit: 'span' })).toBe(
      '#at=12.3&unit=span',
    );
  });

  test('an event beyond the tape is its end', () => {
    expect(stateOfLink('#at=99', 50).position).toEqual({ event: 50, inside: 0 });
  });
});
