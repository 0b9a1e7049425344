/** Parts of tapes: every place of a part is what it is on the whole tape. */
import { type EncodedSegment, EventBatch, HeaptapeError, SegmentCodec } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beginningOf, worldAtBeginning } from './beginning.ts';
import { cutTape, type EncodedReader } from './cut.ts';
import { foldTape } from './fold.ts';
import { historyOf } from './history.ts';
import { modelTape, type Run, runs } from './modeltape.testkit.ts';
import { objectsOf } from './objects.ts';
import { rootNamesAt } from './rootnames.ts';
import { Timeline } from './timeline.ts';
import { Travel } from './travel/travel.ts';

/** A tape in memory that gives its segments as they would be stored. */
function encoded(run: Run): EncodedReader {
  const tape = modelTape(run);
  const codec = new SegmentCodec();
  return Object.assign(tape, {
    encodedSegment: (index: number): EncodedSegment => {
      const batch = new EventBatch();
      tape.readSegment(index, batch);
      return codec.encode(batch);
    },
  });
}

/** A run, and two of its events, the first before the second. */
const parts = fc.tuple(runs(60), fc.nat(), fc.nat()).map(([run, a, b]) => {
  const whole = encoded(run);
  const [from, to] = [a % whole.events, 1 + (b % whole.events)].sort((x, y) => x - y);
  return { whole, from, to: Math.max(to, from + 1) };
});

const PARAMETERS = { seed: 42, numRuns: 15 };

describe('a part of a tape', () => {
  test('holds what was asked for, with the numbers and states that it has on the whole', () => {
    fc.assert(
      fc.property(parts, fc.infiniteStream(fc.nat()), ({ whole, from, to }, picks) => {
        const part = cutTape(whole, from, to);
        const begin = beginningOf(part);
        expect(begin).toBeLessThanOrEqual(from);
        expect(part.events).toBeGreaterThanOrEqual(to);
        expect(foldTape(part).hash).toBe(foldTape(whole, part.events).hash);
        for (const keepDead of [false, true]) {
          const [here, there] = [new Timeline(part, { keepDead }), new Timeline(whole)];
          expect([here.seq, here.begin]).toEqual([begin, begin]);
          for (let i = 0; i < 5; i += 1) {
            const seq = begin + ((picks.next().value as number) % (part.events - begin + 1));
            here.seek(seq);
            there.seek(seq);
            expect(here.hash()).toBe(there.hash());
          }
        }
        expect(rootNamesAt(part, to)).toEqual(rootNamesAt(whole, to));
      }),
      PARAMETERS,
    );
  });

  test('is walked as the whole is, and ends where it ends', () => {
    fc.assert(
      fc.property(parts, ({ whole, from, to }) => {
        const part = cutTape(whole, from, to);
        const begin = beginningOf(part);
        const [here, there] = [new Travel(part), new Travel(whole)];
        here.at({ event: to, inside: 0 });
        there.at({ event: to, inside: 0 });
        for (let i = 0; i < 6; i += 1) {
          const [a, b] = [here.stepBack('micro'), there.stepBack('micro')];
          if (b.position.event < begin || a.why === 'start') break;
          expect(a.position).toEqual(b.position);
          expect(here.hash()).toBe(there.hash());
        }
        expect(here.runBackUntil('HeapAlloc < 0')).toMatchObject({
          position: { event: begin, inside: 0 },
          why: 'start',
        });
        expect(here.stepBack().why).toBe('start');
        if (begin > 0)
          expect(() => here.at({ event: begin - 1, inside: 0 })).toThrow(HeaptapeError);
      }),
      PARAMETERS,
    );
  });

  test('knows of its objects what happens in it', () => {
    fc.assert(
      fc.property(parts, fc.nat(), ({ whole, from, to }, pick) => {
        const part = cutTape(whole, from, to);
        const begin = beginningOf(part);
        const [here, there] = [objectsOf(part), objectsOf(cutTape(whole, 0, to))];
        expect(here.count).toBe(there.count);
        const { objects } = worldAtBeginning(part);
        for (let ordinal = 1; ordinal <= here.count; ordinal += 1) {
          const inside = there.born[ordinal] > begin;
          expect(here.born[ordinal]).toBe(inside ? there.born[ordinal] : 0);
          if (!inside && objects.wordOf(ordinal) < 0) continue;
          expect(here.died[ordinal]).toBe(there.died[ordinal]);
        }
        if (here.count === 0) return;
        const ordinal = 1 + (pick % here.count);
        const before = historyOf(cutTape(whole, 0, to), ordinal);
        const { entries, died } = historyOf(part, ordinal);
        expect(entries).toEqual(before.entries.filter(({ event }) => event > begin));
        expect(died).toBe(before.died > begin ? before.died : 0);
      }),
      PARAMETERS,
    );
  });

  test.each([
    [5, 5],
    [9, 3],
    [-1, 3],
    [0, 1e9],
  ])('from %i to %i is refused', (from, to) => {
    const [run] = fc.sample(runs(60), { seed: 3, numRuns: 1 });
    expect(() => cutTape(encoded(run), from, to)).toThrow(HeaptapeError);
  });
});
