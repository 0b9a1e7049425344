import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFLATED, pack, SegmentPacker, STORED, unpack } from './pack.ts';

/** From quite random to quite repetitive. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat({ max: 100 }))
    .map(([part, times]) =>
      Uint8Array.from(
        Array(times)
          .fill([...part])
          .flat(),
      ),
    ),
);

describe('packing', () => {
  it('is undone by unpack, and never makes longer', () => {
    const packer = new SegmentPacker('deflate');
    fc.assert(
      fc.property(content, (bytes) => {
        for (const packed of [pack(bytes, 'deflate'), pack(bytes, 'none'), packer.pack(bytes)]) {
          expect(packed.data.length).toBeLessThanOrEqual(bytes.length);
          const back = unpack(packed.codec, packed.data, bytes.length);
          expect(back && [...back]).toEqual([...bytes]);
        }
      }),
      { seed: 42, numRuns: 300 },
    );
  });

  it('searches for repeats where they are, and only there', () => {
    const phrase = Uint8Array.from({ length: 251 }, (_, i) => (i * 7) % 251);
    const repeats = Uint8Array.from({ length: 20_000 }, (_, i) => phrase[i % 251]);
    const packer = new SegmentPacker('deflate');
    for (let i = 0; i < 40; i += 1) expect(packer.pack(repeats).data.length).toBeLessThan(2000);
    let state = 1;
    const skewed = Uint8Array.from({ length: 20_000 }, () => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return Math.clz32(state >>> 7);
    });
    const other = new SegmentPacker('deflate');
    const coded = other.pack(skewed);
    expect(coded.codec).toBe(DEFLATED);
    expect(coded.data.length).toBeLessThanOrEqual(pack(skewed, 'deflate').data.length * 1.06);
  });

  it('leaves alone what is short or told to be left', () => {
    expect(pack(new Uint8Array(63), 'deflate').codec).toBe(STORED);
    expect(pack(new Uint8Array(64), 'deflate').codec).toBe(DEFLATED);
    expect(pack(new Uint8Array(6400), 'none').codec).toBe(STORED);
    expect(new SegmentPacker('none').pack(new Uint8Array(6400)).codec).toBe(STORED);
  });

  it('refuses what cannot be right, without taking memory for it', () => {
    const { data } = pack(new Uint8Array(5000), 'deflate');
    const before = process.memoryUsage().arrayBuffers;
    for (const size of [0, 4999, 5001, 2 ** 30, 2 ** 53 - 1]) {
      expect(unpack(DEFLATED, data, size)).toBeUndefined();
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50e6);
    expect(unpack(DEFLATED, data.subarray(0, data.length - 1), 5000)).toBeUndefined();
    expect(unpack(STORED, data, data.length + 1)).toBeUndefined();
    expect(unpack(2, data, data.length)).toBeUndefined();
  });
});
