import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaptapeError } from './errors.ts';
import { ByteSink, readUint, unzigzag, writeUint, zigzag } from './varint.ts';

const RUNS = { seed: 42, numRuns: 500 };
const uint = fc.oneof(
  fc.nat({ max: 300 }),
  fc.nat(),
  fc.maxSafeNat(),
  fc.integer({ min: 0, max: 53 }).map((bit) => Math.min(2 ** bit, Number.MAX_SAFE_INTEGER)),
);

/** LEB128 by the book, over BigInt. */
function modelBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return bytes;
}

describe('LEB128', () => {
  it('writes what the definition says', () => {
    fc.assert(
      fc.property(uint, (value) => {
        const sink = new ByteSink(1);
        sink.uint(value);
        expect([...sink.view()]).toEqual(modelBytes(value));
      }),
      RUNS,
    );
  });

  it('reads back a run of numbers', () => {
    fc.assert(
      fc.property(fc.array(uint), (values) => {
        const sink = new ByteSink(1);
        for (const value of values) sink.uint(value);
        const cursor = { bytes: sink.view(), at: 0 };
        expect(values.map(() => readUint(cursor))).toEqual(values);
        expect(cursor.at).toBe(sink.length);
      }),
      RUNS,
    );
  });

  it('writes at an offset and returns the one after', () => {
    const bytes = new Uint8Array(12);
    expect(writeUint(bytes, 1, 300)).toBe(3);
    expect([...bytes.subarray(0, 4)]).toEqual([0, 0xac, 0x02, 0]);
  });

  it.each([
    ['nothing', []],
    ['a number that is cut', [0x80, 0x80]],
    ['2^53', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
    ['a number that never ends', Array(12).fill(0xff)],
  ])('refuses %s', (_, bytes) => {
    expect(() => readUint({ bytes: Uint8Array.from(bytes), at: 0 })).toThrow(HeaptapeError);
  });
});

describe('zigzag', () => {
  it('orders by magnitude', () => {
    expect([0, -1, 1, -2, 2].map(zigzag)).toEqual([0, 1, 2, 3, 4]);
  });

  it('is undone by unzigzag', () => {
    const signed = fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 });
    fc.assert(
      fc.property(signed, (value) => {
        const code = zigzag(value);
        expect(Number.isSafeInteger(code) && code >= 0).toBe(true);
        expect(unzigzag(code)).toBe(value);
      }),
      RUNS,
    );
  });
});

describe('ByteSink', () => {
  it('appends as an array does', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (parts) => {
        const sink = new ByteSink(1);
        for (const part of parts) sink.raw(part);
        expect([...sink.view()]).toEqual(parts.flatMap((part) => [...part]));
      }),
      RUNS,
    );
  });
});
