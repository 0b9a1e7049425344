import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHUNK_LENGTH, F64Column, U16Column, U32Column } from './columns.ts';
import { MAX_POINTS, SeriesRecorder } from './series.ts';

describe('columns', () => {
  test.each([
    ['u32', new U32Column(), 0xffff_ffff],
    ['u16', new U16Column(), 0xffff],
    ['f64', new F64Column(), Number.MAX_SAFE_INTEGER],
  ])('%s keeps what is pushed and set, over chunks', (_, column, most) => {
    const count = CHUNK_LENGTH * 2 + 5;
    for (let i = 0; i < count; i++) column.push(i % 7 === 0 ? i & 0xffff : 0);
    column.set(3, most);
    column.set(CHUNK_LENGTH, most);
    expect(column.length).toBe(count);
    expect(column.chunks.length).toBe(3);
    let wrong = 0;
    for (let i = 0; i < count; i++) {
      const want = i === 3 || i === CHUNK_LENGTH ? most : i % 7 === 0 ? i & 0xffff : 0;
      if (column.get(i) !== want) wrong++;
    }
    expect(wrong).toBe(0);
  });

  test.each([
    ['u32', new U32Column()],
    ['u16', new U16Column()],
  ])('%s: a block read is what single look-ups give, over chunks', (_, column) => {
    const length = CHUNK_LENGTH * 2 + 5;
    for (let i = 0; i < length; i++) column.push(i & 0xffff);
    const near = fc.integer({ min: -9, max: 9 });
    const place = fc.tuple(fc.constantFrom(9, CHUNK_LENGTH, CHUNK_LENGTH * 2 - 9), near);
    fc.assert(
      fc.property(place, fc.integer({ min: 0, max: 5 }), fc.boolean(), ([at, by], few, whole) => {
        const from = at + by;
        const count = Math.min(length - from, whole ? CHUNK_LENGTH + few : few);
        const into = new Uint32Array(count + 1).fill(7);
        column.read(from, count, into);
        const expected = Uint32Array.from({ length: count }, (_, i) => column.get(from + i));
        expect(into.subarray(0, count).every((value, i) => value === expected[i])).toBe(true);
        expect(into[count]).toBe(7);
      }),
      { seed: 42, numRuns: 40 },
    );
  });

  test('chunks of zeros are shared until written', () => {
    const column = new U16Column();
    column.extend(CHUNK_LENGTH * 4);
    expect(new Set(column.chunks).size).toBe(1);
    column.set(CHUNK_LENGTH * 2 + 1, 9);
    expect(new Set(column.chunks).size).toBe(2);
    expect(column.get(CHUNK_LENGTH + 1)).toBe(0);
  });
});

test('what is appended in bulk is what is pushed one by one, over chunks', () => {
  const pieces = fc.array(fc.oneof(fc.nat(9), fc.nat(2000), fc.nat(CHUNK_LENGTH)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(pieces, (lengths) => {
      const bulk = new U32Column();
      const single = new U32Column();
      for (const length of lengths) {
        const piece = Uint32Array.from({ length }, (_, i) => single.length + i * 3);
        bulk.append(piece);
        for (const value of piece) single.push(value);
      }
      expect(bulk.length).toBe(single.length);
      expect(bulk.chunks.map((chunk) => chunk.length)).toEqual(
        single.chunks.map((chunk) => chunk.length),
      );
      let wrong = 0;
      for (let i = 0; i < bulk.length; i++) if (bulk.get(i) !== single.get(i)) wrong++;
      expect(wrong).toBe(0);
    }),
    { seed: 42, numRuns: 30 },
  );
});

test('a thinned heap curve is bounded, rises in time and keeps its peak', () => {
  const series = new SeriesRecorder();
  const count = MAX_POINTS * 5 + 3;
  const peak = 123_457;
  for (let i = 0; i < count; i++) series.add(i, i * 2, i === peak ? 1e9 : i % 1000, 7);
  const { heapLive, row, timeNs, goal, count: points } = series.toSeries();
  expect(points).toBeLessThanOrEqual(MAX_POINTS);
  expect(points).toBeGreaterThan(MAX_POINTS / 4);
  const at = heapLive.indexOf(1e9);
  expect([row[at], timeNs[at], goal[at]]).toEqual([peak, peak * 2, 7]);
  expect(row.every((value, i) => i === 0 || value > row[i - 1])).toBe(true);
  expect(row[points - 1]).toBeGreaterThan(count - 20);
});
