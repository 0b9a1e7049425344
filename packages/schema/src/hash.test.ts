import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashBytes, mixHigh, mixLow, StateHash } from './hash.ts';

const RUNS = { seed: 42, numRuns: 300 };
const int32 = fc.integer();
const writes = fc.array(fc.tuple(fc.nat({ max: 20 }), int32), { maxLength: 60 });

/** Hash of cells, from nothing. */
function hashOf(cells: ReadonlyMap<number, number>): string {
  const hash = new StateHash();
  for (const [where, value] of cells) hash.change(where, 0, value);
  return hash.hex();
}

describe('StateHash', () => {
  it('after any writes equals the hash of what they left', () => {
    fc.assert(
      fc.property(writes, (list) => {
        const cells = new Map<number, number>();
        const hash = new StateHash();
        for (const [where, value] of list) {
          hash.change(where, cells.get(where) ?? 0, value);
          cells.set(where, value);
        }
        expect(hash.hex()).toBe(hashOf(cells));
        const reversed = new Map([...cells].reverse().filter(([, value]) => value !== 0));
        expect(hash.hex()).toBe(hashOf(reversed));
      }),
      RUNS,
    );
  });

  it('tells states apart that differ in one cell', () => {
    fc.assert(
      fc.property(int32, int32, int32, (where, before, after) => {
        fc.pre(before !== after);
        expect(hashOf(new Map([[where, before]]))).not.toBe(hashOf(new Map([[where, after]])));
        expect(hashOf(new Map([[where, 7]]))).not.toBe(hashOf(new Map([[where + 1, 7]])));
      }),
      RUNS,
    );
  });

  it('adds up parts', () => {
    const whole = new StateHash();
    whole.change(1, 0, 10);
    whole.change(2, 0, 20);
    const left = new StateHash();
    left.change(2, 0, 20);
    const right = new StateHash();
    right.change(1, 0, 10);
    left.add(right);
    expect(left.hex()).toBe(whole.hex());
    expect(new StateHash().hex()).toBe('0000000000000000');
  });

  it('takes numbers up to 2^53 whole', () => {
    const seen = new Set<string>();
    const numbers = [0, 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 52, 2 ** 53 - 1];
    for (const value of numbers) {
      const hash = new StateHash();
      hash.addNumber(3, value);
      seen.add(hash.hex());
    }
    expect(seen.size).toBe(numbers.length);
  });

  it('has two lanes that spread the bits of either input', () => {
    for (const mix of [mixLow, mixHigh]) {
      let flipped = 0;
      let trials = 0;
      for (let value = 1; value <= 64; value += 1) {
        for (let bit = 0; bit < 32; bit += 1) {
          let difference = mix(9, value) ^ mix(9, value ^ (1 << bit));
          for (; difference !== 0; difference &= difference - 1) flipped += 1;
          trials += 32;
        }
      }
      expect(flipped / trials).toBeGreaterThan(0.45);
      expect(flipped / trials).toBeLessThan(0.55);
    }
    expect(mixLow(1, 2)).not.toBe(mixHigh(1, 2));
  });
});

describe('hashBytes', () => {
  it('is the same for equal bytes and differs after any change, cut or extension', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), change, (bytes, [at, mask]) => {
        const other = bytes.slice();
        expect(hashBytes(other)).toBe(hashBytes(bytes));
        other[at % other.length] ^= mask;
        expect(hashBytes(other)).not.toBe(hashBytes(bytes));
        expect(hashBytes(bytes.subarray(1))).not.toBe(hashBytes(bytes));
        expect(hashBytes(Uint8Array.from([...bytes, 0]))).not.toBe(hashBytes(bytes));
      }),
      RUNS,
    );
  });
});
