import { HeaptapeError } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NO_OBJECT, ROOT_KINDS } from './dump.ts';
import { naiveDump, naiveReach } from './naive.testkit.ts';
import { reachableObjects } from './reach.ts';
import { readDump, targetsOf } from './read.testkit.ts';
import { HeapDumpReader } from './reader.ts';
import { DumpWriter } from './writer.testkit.ts';

const PAGE = 8192;
const HEAP = 0x40000000;
const PAGES = 12;

/** A place that a word may hold: nothing, an address that may be anywhere, or one in an object. */
const places = fc.nat((PAGES + 1) * PAGE);

/** A heap to write: each page has slots of one size; each root is a record of its own. */
const heaps = fc.record({
  pointerBytes: fc.constantFrom(4, 8),
  bigEndian: fc.boolean(),
  order: fc.shuffledSubarray(Array.from({ length: PAGES }, (_, page) => page)),
  slots: fc.array(fc.constantFrom(8, 16, 48, 512, 1024, 8192), {
    minLength: PAGES,
    maxLength: PAGES,
  }),
  taken: fc.array(fc.array(fc.nat(40), { maxLength: 4 }), { minLength: PAGES, maxLength: PAGES }),
  words: fc.array(places, { minLength: 1, maxLength: 60 }),
  roots: fc.array(fc.tuple(fc.nat(9), places, places), { maxLength: 5 }),
});
type Heap = typeof heaps extends fc.Arbitrary<infer T> ? T : never;

interface Slot {
  readonly address: number;
  readonly bytes: number;
  readonly fields: number;
}

function slotsOf(heap: Heap): Slot[] {
  return heap.order.flatMap((page) => {
    const bytes = heap.slots[page];
    const taken = new Set(heap.taken[page].map((slot) => slot % Math.floor(PAGE / bytes)));
    return [...taken]
      .sort((a, b) => a - b)
      .map((slot) => {
        const fields = Math.min(3, Math.floor(bytes / heap.pointerBytes), slot % 4);
        return { address: HEAP + page * PAGE + slot * bytes, bytes, fields };
      });
  });
}

function write(heap: Heap): DumpWriter {
  const writer = new DumpWriter(heap.pointerBytes, heap.bigEndian);
  const slots = slotsOf(heap);
  const value = (drawn: number): number => {
    if (drawn % 4 === 0) return 0;
    if (drawn % 4 === 1 || slots.length === 0) return HEAP + drawn;
    const { address, bytes } = slots[drawn % slots.length];
    return address + (drawn % bytes);
  };
  writer.params(HEAP, HEAP + PAGES * PAGE);
  writer.record(3, 0x500, 24, 'main.node', 1).record(8, 0x600, 0x500);
  let next = 0;
  for (const { address, bytes, fields } of slots) {
    const offsets = Array.from({ length: fields }, (_, i) => i * heap.pointerBytes);
    const words = offsets.map(
      (offset) => [offset, value(heap.words[next++ % heap.words.length])] as const,
    );
    writer.object(address, writer.memory(bytes, words), offsets);
  }
  for (const [kind, a, b] of heap.roots) writeRoot(writer, kind, value(a), value(b));
  return writer.record(9, 0x900, 0, 4242).memstats();
}

/** One root or two; in frames the second one is in no list. */
function writeRoot(writer: DumpWriter, kind: number, a: number, b: number): void {
  const at = writer.pointerBytes;
  const memory = writer.memory(2 * at, [
    [0, a],
    [at, b],
  ]);
  if (kind === 0) writer.goroutine(1, a);
  else if (kind === 1) writer.goroutine(2).frame('main.f', 0, memory, [0]);
  else if (kind === 2) writer.record(14, 1, 0x5000, 3, 4, a, 6, 7);
  else if (kind === 3) writer.record(15, 1, 0x5000, 0x500, a, 0, 0);
  else if (kind === 4) writer.segment(12, 0x1000, memory, [0, at]);
  else if (kind === 5) writer.segment(13, 0x2000, memory, [at]);
  else if (kind === 6) writer.record(11, a, b, 0x400, 0x500, 0x501);
  else if (kind === 7) writer.record(2, 'made up', a);
  else writer.record(7, a, b, 0x400, 0x500, 0x501);
}

describe('heap dumps written by the test', () => {
  test('objects, targets and reachability are those of the naive reader', () => {
    fc.assert(
      fc.property(heaps, fc.integer({ min: 1, max: 400 }), (heap, chunk) => {
        const bytes = write(heap).end();
        const dump = readDump(bytes, chunk);
        const naive = naiveDump(bytes);
        const { objects } = dump;
        const sorted = naive.objects.sort((a, b) => (a.address < b.address ? -1 : 1));
        expect([...objects.address]).toEqual(sorted.map(({ address }) => Number(address)));
        sorted.forEach((object, i) => {
          const targets = object.values.map((value) =>
            sorted.findIndex((o) => value >= o.address && value < o.address + BigInt(o.bytes)),
          );
          expect(targetsOf(dump, i)).toEqual(targets);
        });
        const reached = reachableObjects(dump, false);
        const addresses = [...objects.address].filter((_, object) => reached[object] === 1);
        expect(new Set(addresses.map(BigInt))).toEqual(naiveReach(naive));
        expect(dump).toEqual(readDump(bytes));
      }),
      { seed: 42, numRuns: 150 },
    );
  });

  test('a dump that ends early is one error, with the offset; any byte changed is an error or a dump', () => {
    const [heap] = fc.sample(heaps, { seed: 7, numRuns: 1 });
    const writer = write(heap);
    const bytes = writer.end();
    const near = new Set(
      writer.starts.flatMap((start) => [start - 1, start, start + 1, start + 2]),
    );
    for (let length = 0; length < bytes.length; length++) {
      if (length > 40 && length % 11 !== 0 && !near.has(length)) continue;
      expect(() => readDump(bytes.subarray(0, length), 100)).toThrow(
        length < 16 ? /offset 0/ : `ends at offset ${length} `,
      );
    }
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(255), (at, a, b) => {
        const changed = bytes.slice();
        changed[at] = a;
        changed[(at * 7) % bytes.length] = b;
        try {
          readDump(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(HeaptapeError);
        }
      }),
      { seed: 42, numRuns: 500 },
    );
  });

  test('records keep what they say', () => {
    const writer = new DumpWriter().params(HEAP, HEAP + PAGE, 'go1.26.8');
    writer
      .record(3, 0x500, 24, 'main.nöde', 1)
      .record(3, 0x500, 24, 'again', 0)
      .record(8, 0x600, 0x500);
    writer.object(HEAP, writer.memory(1024, [[8, HEAP + 1023]]), [0, 8]);
    writer.goroutine(7, HEAP + 4).frame('main.f', 0, writer.memory(16, [[8, HEAP]]), [0, 640]);
    writer.frame('main.g', 1, writer.memory(8, [[0, HEAP]]), [0]);
    writer
      .goroutine(8)
      .record(9, 0x900, 3, 4242)
      .record(10, ...Array(281).fill(2 ** 40));
    writer.record(16, 0xb0, 48, 2, 'f', 'f.go', 12, 'g', 'g.go', 99, 5, 4);
    writer
      .record(17, HEAP + 16, 0xb0)
      .record(17, HEAP + 32, 0xb0)
      .record(17, HEAP, 0xb1);
    const dump = readDump(Uint8Array.from([...writer.end(), 1, 2, 3]), 5);
    expect(dump.types.get(0x500)).toEqual({
      address: 0x500,
      bytes: 24,
      name: 'main.nöde',
      indirect: true,
    });
    expect(dump.frames.map(({ func, goroutine }) => [func, goroutine])).toEqual([
      ['main.f', 0],
      ['main.g', 0],
    ]);
    expect(dump.goroutines.map(({ goid, frameCount }) => [goid, frameCount])).toEqual([
      [7, 2],
      [8, 0],
    ]);
    expect(dump.goroutines[0]).toMatchObject({ waitSince: 99, waitReason: 'select', status: 4 });
    const kinds = [...dump.roots.kind].map((kind) => ROOT_KINDS[kind]);
    expect(kinds).toEqual(['goroutine', 'frame-word', 'frame']);
    expect(dump.threads).toEqual([{ address: 0x900, id: 3, osId: 4242 }]);
    expect(dump.memstats.LastGC).toBe(2 ** 40);
    expect(dump.sites[0].stack[1]).toEqual({ func: 'g', file: 'g.go', line: 99 });
    expect([...dump.objects.site]).toEqual([0]);
    expect(targetsOf(dump, 0)).toEqual([NO_OBJECT, 0]);
    expect(dump.counts).toMatchObject({
      trailingBytes: 3,
      samplesLost: 1,
      samplesRepeated: 1,
      fieldsOutside: 1,
      fieldsNil: 1,
    });
  });

  test('interfaces in a list of pointers, as older formats had them, count by their second word', () => {
    const writer = new DumpWriter().params(HEAP, HEAP + PAGE);
    writer
      .record(1, HEAP)
      .blob(writer.memory(1024, [[24, HEAP]]))
      .fields([16], 3);
    expect(targetsOf(readDump(writer.memstats().end()), 0)).toEqual([0]);
  });
});

describe('what is refused', () => {
  const codeOf = (bytes: Uint8Array, maxBytes?: number): string => {
    try {
      const reader = new HeapDumpReader(maxBytes === undefined ? {} : { maxBytes });
      reader.push(bytes);
      reader.finish();
      return 'nothing';
    } catch (error) {
      if (error instanceof HeaptapeError) return `${error.code}: ${error.message}`;
      throw error;
    }
  };
  const heap = (): DumpWriter => new DumpWriter().params(HEAP, HEAP + PAGE);
  const zeros = (bytes: number): Uint8Array => new Uint8Array(bytes);

  test.each([
    ['another file', new DumpWriter(8, false, 'SQLite format 3\0').end(), /^bad-format.*offset 0/],
    ['an empty file', zeros(0), /^bad-format: the file is empty/],
    ['an old format', new DumpWriter(8, false, 'go1.5 heap dump\n').end(), /^bad-version/],
    ['an unknown record', heap().record(18).end(), /^bad-data: no record has tag 18 at offset/],
    ['no params', new DumpWriter().memstats().end(), /^bad-data: .* before the params/],
    ['no memstats', heap().end(), /^bad-data: .*no memstats/],
    ['odd pointers', new DumpWriter(3).params(1, 2).end(), /^bad-data: pointers of 3 bytes/],
    ['two params', heap().params(1, 2).end(), /^bad-data: a second params/],
    ['an object of no bytes', heap().object(HEAP, zeros(0), []).end(), /^bad-data: an object of 0/],
    [
      'an object elsewhere',
      heap()
        .object(HEAP - 8, zeros(8), [])
        .end(),
      /outside the heap/,
    ],
    ['a pointer outside', heap().object(HEAP, zeros(16), [16]).end(), /a pointer at byte 16 of 16/],
    ['a pointer twice', heap().object(HEAP, zeros(16), [8, 8]).end(), /a pointer at byte 8/],
    ['a kind of field', heap().record(1, HEAP).blob(zeros(8)).fields([0], 4).end(), /has kind 4/],
    ['a frame of nobody', heap().frame('f', 0, zeros(8), []).end(), /without a goroutine/],
    ['a long name', heap().record(2).uvarint(70000).end(), /a name of 70000 bytes/],
    [
      'a lying length',
      heap()
        .record(1, HEAP)
        .uvarint(2n ** 60n)
        .end(),
      /a length of 11529/,
    ],
    [
      'a long integer',
      heap()
        .record(1)
        .uvarint(2n ** 70n)
        .end(),
      /more than 64 bits/,
    ],
    ['an overlap', overlapping(), /two objects overlap/],
  ])('%s', (_, bytes, message) => {
    expect(codeOf(bytes)).toMatch(message);
  });

  function overlapping(): Uint8Array {
    const writer = heap()
      .object(HEAP + 16, zeros(32), [])
      .object(HEAP, zeros(32), []);
    return writer.memstats().end();
  }

  test('a file over the limit', () => {
    expect(codeOf(heap().memstats().end(), 100)).toMatch(/^too-large: .*100 bytes/);
  });

  test('a length that the file does not have costs nothing and is a cut file', () => {
    const bytes = heap()
      .record(1, HEAP)
      .uvarint(2 ** 31)
      .end();
    expect(codeOf(bytes)).toMatch(/^bad-data: .*ends at offset \d+ .*begins at \d+/);
  });
});
