import { describe, expect, test } from 'vitest';
import type { Band } from '../worker/overview/series.ts';
import { NO_OVERVIEW, type Overview } from './overview.ts';
import { scaleOf } from './scale.ts';

const TAPE = {
  begin: 0,
  beginNs: 0,
  events: 100,
  ends: Float64Array.of(50, 100),
  endTimesNs: Float64Array.of(1000, 3000),
};

const mark = (cycle: number, from: number): Band => ({
  kind: 'mark',
  cycle,
  forced: false,
  from,
  to: from + 5,
  fromNs: 0,
  toNs: 0,
});

const seen: Overview = {
  points: {
    ...NO_OVERVIEW.points,
    seq: Float64Array.of(0, 40, 100),
    timeNs: Float64Array.of(0, 400, 3000),
    allocated: Float64Array.of(0, 8000, Number.NaN),
  },
  bands: [mark(1, 20), mark(2, 60)],
  coarse: 100,
  fine: 40,
};

describe('what the timeline goes along', () => {
  test('cycles begin at whole numbers, and places between them lie between', () => {
    const scale = scaleOf('cycle', TAPE, seen);
    expect([0, 20, 40, 60, 100].map((event) => scale.timeOf(event))).toEqual([0, 1, 1.5, 2, 3]);
    expect([1, 1.5, 2].map((value) => scale.eventOf(value))).toEqual([20, 40, 60]);
  });

  test('a tape without cycles is one stretch', () => {
    const scale = scaleOf('cycle', TAPE, NO_OVERVIEW);
    expect([scale.timeOf(0), scale.timeOf(100)]).toEqual([0, 1]);
  });

  test('bytes allocated are those of the points that know them', () => {
    const scale = scaleOf('allocated', { ...TAPE, events: 40 }, seen);
    expect([scale.timeOf(20), scale.eventOf(8000)]).toEqual([4000, 40]);
    expect(scaleOf('allocated', TAPE, NO_OVERVIEW).timeOf(50)).toBe(50);
  });

  test('time is by the ends of segments until the overview is there', () => {
    expect(scaleOf('time', TAPE, NO_OVERVIEW).timeOf(75)).toBe(2000);
    expect(scaleOf('time', TAPE, seen).timeOf(20)).toBe(200);
    expect(scaleOf('event', TAPE, seen).timeOf(20)).toBe(20);
  });

  test('a part begins where it begins', () => {
    const part = { ...TAPE, begin: 50, beginNs: 1000, ends: TAPE.ends.subarray(1) };
    const scale = scaleOf('time', { ...part, endTimesNs: Float64Array.of(3000) }, NO_OVERVIEW);
    expect([scale.timeOf(50), scale.timeOf(75), scale.eventOf(0)]).toEqual([1000, 2000, 50]);
  });
});
