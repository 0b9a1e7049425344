import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const RUNS = { seed: 42, numRuns: 1000 };

describe('UTF-8', () => {
  it('encodes as TextEncoder does, lone surrogates included', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(text, (value) => {
        expect([...encodeUtf8(value)]).toEqual([...new TextEncoder().encode(value)]);
      }),
      RUNS,
    );
  });

  it('decodes well-formed bytes as TextDecoder does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const bytes = new TextEncoder().encode(value);
        expect(decodeUtf8(bytes)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
      }),
      RUNS,
    );
  });

  it('agrees with a strict decoder on which bytes are well formed', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const byte = fc.oneof(
      fc.nat({ max: 255 }),
      fc.constantFrom(0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xa0, 0x9f, 0xf0, 0x8f, 0x90, 0xf4, 0xf5),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 6 }), (list) => {
        const bytes = Uint8Array.from(list);
        let expected: string | undefined;
        try {
          expected = strict.decode(bytes);
        } catch {
          expected = undefined;
        }
        const text = decodeUtf8(bytes);
        if (expected !== undefined) expect(text).toBe(expected);
        else expect(text).toContain('\ufffd');
      }),
      { seed: 42, numRuns: 5000 },
    );
  });
});
