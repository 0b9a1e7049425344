import { describe, expect, test } from 'vitest';
import { SERIES_COLUMNS, type Series } from '../worker/overview/series.ts';
import { NO_OVERVIEW, withPart } from './overview.ts';

/** Points at these events; every figure is the event times `factor`. */
const points = (factor: number, ...seqs: number[]): Series =>
  Object.fromEntries(
    SERIES_COLUMNS.map((name) => [
      name,
      Float64Array.from(seqs, (seq) => (name === 'seq' ? seq : seq * factor)),
    ]),
  ) as unknown as Series;

describe('the overview', () => {
  const coarse = [
    { pass: 'coarse', done: 50, points: points(1, 10, 40), bands: [] },
    { pass: 'coarse', done: 100, points: points(1, 60, 90, 100), bands: [] },
  ] as const;
  const first = coarse.reduce(withPart, NO_OVERVIEW);

  test('is coarse at first', () => {
    expect([...first.points.seq]).toEqual([10, 40, 60, 90, 100]);
    expect([first.coarse, first.fine]).toEqual([100, 0]);
  });

  test('becomes fine from the left, and keeps what is right of it', () => {
    const second = withPart(first, {
      pass: 'fine',
      done: 45,
      points: points(2, 0, 15, 30, 45),
      bands: [],
    });
    expect([...second.points.seq]).toEqual([0, 15, 30, 45, 60, 90, 100]);
    expect([...second.points.heapLive]).toEqual([0, 30, 60, 90, 60, 90, 100]);
    const third = withPart(second, {
      pass: 'fine',
      done: 100,
      points: points(2, 60, 75, 100),
      bands: [],
    });
    expect([...third.points.seq]).toEqual([0, 15, 30, 45, 60, 75, 100]);
    expect([...third.points.heapLive]).toEqual([0, 30, 60, 90, 120, 150, 200]);
    expect(third.fine).toBe(100);
  });
});
