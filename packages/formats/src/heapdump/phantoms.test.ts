import fc from 'fast-check';
import { expect, test } from 'vitest';
import { slotsOfPage, spanTailOf } from './phantoms.ts';
import { readDump } from './read.testkit.ts';
import { DumpWriter } from './writer.testkit.ts';

const params = (version: string, pointerBytes = 8) => ({
  bigEndian: false,
  pointerBytes,
  arenaStart: 0,
  arenaEnd: 0,
  arch: '',
  version,
  cpus: 1,
});

test('which bits a version keeps in its spans', () => {
  const tail = (version: string, pointerBytes = 8) => {
    const { maxSlot, bitmapBytes, markBytes } = spanTailOf(params(version, pointerBytes));
    return [maxSlot, bitmapBytes, markBytes];
  };
  expect(tail('go1.21.13')).toEqual([0, 0, 0]);
  expect(tail('go1.22.1')).toEqual([512, 128, 0]);
  expect(tail('go1.22.1 X:noallocheaders')).toEqual([0, 0, 0]);
  expect(tail('go1.25.3')).toEqual([512, 128, 0]);
  expect(tail('go1.25.3 X:greenteagc')).toEqual([512, 128, 128]);
  expect(tail('go1.26.8')).toEqual([512, 128, 128]);
  expect(tail('go1.26.8-X:nogreenteagc')).toEqual([512, 128, 0]);
  expect(tail('go1.26.8-X:nogreenteagc,jsonv2')).toEqual([512, 128, 0]);
  expect(tail('devel go1.27-3f5a9b Mon')).toEqual([512, 128, 128]);
  expect(tail('go1.26.8', 4)).toEqual([128, 256, 128]);
  expect(tail('made up')).toEqual([0, 0, 0]);
});

test('slots of a page are those that mspan.nelems has', () => {
  const tail = spanTailOf(params('go1.26.8'));
  const cases: [number, boolean, number][] = [
    [8, true, 1008],
    [8, false, 1024],
    [16, true, 496],
    [16, false, 504],
    [48, true, 165],
    [48, false, 168],
    [512, true, 15],
    [512, false, 15],
    [576, true, 14],
    [1024, false, 8],
  ];
  for (const [slot, pointers, slots] of cases)
    expect(slotsOfPage(tail, slot, pointers)).toBe(slots);
});

test('slots beyond the last one are dropped, whatever else the page holds', () => {
  const PAGE = 8192;
  const HEAP = 0x40000000;
  const arbitrary = fc.record({
    version: fc.constantFrom('go1.21', 'go1.22', 'go1.26'),
    slot: fc.constantFrom(8, 16, 48, 112, 512, 1024),
    pointers: fc.boolean(),
    taken: fc.uniqueArray(fc.nat(1023), { minLength: 1, maxLength: 20 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ version, slot, pointers, taken }) => {
      const real = slotsOfPage(spanTailOf(params(version)), slot, pointers);
      const all = Math.floor(PAGE / slot);
      const used = [...new Set(taken.map((index) => index % real))].sort((a, b) => a - b);
      const tail = Array.from({ length: all - real }, (_, i) => real + i);
      const writer = new DumpWriter().params(HEAP, HEAP + PAGE, version);
      for (const index of [...used, ...tail]) {
        const offsets = pointers && index < real ? [0] : [];
        writer.object(HEAP + index * slot, new Uint8Array(slot), offsets);
      }
      const dump = readDump(writer.memstats().end());
      expect([...dump.objects.address]).toEqual(used.map((index) => HEAP + index * slot));
      expect(dump.counts.phantoms).toBe(all - real);
    }),
    { seed: 42, numRuns: 200 },
  );
});
