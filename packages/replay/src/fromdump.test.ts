import { configWith, Decider, readMemStats, SCALAR, slotBytes, wordAlive } from '@heaptape/core';
import { createMemoryTape } from '@heaptape/log';
import { HeaptapeError } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldTape } from './fold.ts';
import { type DumpNames, type DumpProgram, playDump } from './fromdump.ts';
import { inspectObject } from './inspect.ts';
import { recordRun } from './record.ts';
import { recordedAddresses } from './recordedaddress.ts';
import { rootNamesAt } from './rootnames.ts';
import { verifyTape } from './verify.ts';

const HEADER = 8;
/** Slots of a dump, by bytes: where the first pointer may lie, and up to where. */
const SLOTS = [
  { bytes: 16, first: 0 },
  { bytes: 48, first: 0 },
  { bytes: 512, first: 0 },
  { bytes: 576, first: HEADER },
  { bytes: 1024, first: HEADER },
  { bytes: 32768, first: HEADER },
  { bytes: 32768, first: 0 },
  { bytes: 40960, first: 0 },
];
const NO_SCAN = [16, 112, 1024, 32768, 57344];

interface FieldRow {
  readonly offset: number;
  readonly target: number;
}

interface Row {
  readonly bytes: number;
  readonly start: number;
  readonly fields: readonly FieldRow[];
}

interface FinalizerRow {
  readonly object: number;
  readonly byte: number;
  readonly fn: number;
  readonly fnObject: number;
  readonly queued: boolean;
}

interface RootRow {
  readonly target: number;
  readonly finalizer: boolean;
}

interface Rows {
  readonly objects: readonly Row[];
  readonly roots: readonly RootRow[];
  readonly finalizers: readonly FinalizerRow[];
}

const object = (count: number): fc.Arbitrary<Row> => {
  const target = fc.integer({ min: -1, max: count - 1 });
  const field = fc.record({ word: fc.nat(4095), target });
  const pointers = fc
    .tuple(fc.constantFrom(...SLOTS), fc.array(field, { maxLength: 5 }), target)
    .map(([{ bytes, first }, list, lead]): Row => {
      const room = (bytes - first) / 8;
      const targets = new Map(list.map((one) => [one.word % room, one.target]));
      // The first pointer of a slot that may be either kind says which it is.
      targets.set(0, lead);
      const words = [...targets.keys()].sort((a, b) => a - b);
      const fields = words.map((word) => ({
        offset: first + word * 8,
        target: targets.get(word) ?? -1,
      }));
      return { bytes, start: first, fields };
    });
  const plain = fc.constantFrom(...NO_SCAN).map((bytes): Row => ({ bytes, start: 0, fields: [] }));
  return fc.oneof({ weight: 3, arbitrary: pointers }, { weight: 1, arbitrary: plain });
};

const dumps: fc.Arbitrary<Rows> = fc.integer({ min: 1, max: 20 }).chain((count) =>
  fc.record({
    objects: fc.array(object(count), { minLength: count, maxLength: count }),
    roots: fc.array(
      fc.record({ target: fc.integer({ min: -1, max: count - 1 }), finalizer: fc.boolean() }),
      { maxLength: 5 },
    ),
    finalizers: fc.uniqueArray(
      fc.record({
        object: fc.integer({ min: -1, max: count - 1 }),
        byte: fc.nat(7),
        fn: fc.constantFrom(0x4000, 0x5000, 0x6000),
        fnObject: fc.integer({ min: -1, max: count - 1 }),
        queued: fc.boolean(),
      }),
      { maxLength: 5, selector: (one) => `${one.object}/${one.byte}` },
    ),
  }),
);

function programOf({ objects, roots, finalizers }: Rows): DumpProgram {
  const address: number[] = [];
  let next = 0xc000000000;
  for (const { bytes } of objects) {
    address.push(next);
    next += bytes;
  }
  const firstField = [0];
  for (const { fields } of objects) firstField.push(fields.length + (firstField.at(-1) ?? 0));
  const fields = objects.flatMap((one) => one.fields);
  return {
    params: { pointerBytes: 8 },
    objects: {
      count: objects.length,
      address: Float64Array.from(address),
      bytes: Float64Array.from(objects, ({ bytes }) => bytes),
      firstField: Uint32Array.from(firstField),
      fieldOffset: Uint32Array.from(fields, ({ offset }) => offset),
      fieldTarget: Int32Array.from(fields, ({ target }) => target),
      site: new Int32Array(objects.length).fill(-1),
    },
    roots: {
      count: roots.length,
      kind: new Uint8Array(roots.length),
      target: Int32Array.from(roots, ({ target }) => target),
    },
    finalizers: finalizers.map(({ object: of, byte, ...rest }) => ({
      ...rest,
      object: of,
      address: of < 0 ? 0x1000 : address[of] + objects[of].start + byte,
    })),
  };
}

const namesOf = ({ roots }: Rows): DumpNames => ({
  object: (one) => (one % 3 === 0 ? '' : `type ${one % 4}`),
  stack: (one) => (one % 5) - 1,
  root: (root) => `global ${root}`,
  isFinalizer: (root) => roots[root].finalizer,
});

/** What is left after one collection: what roots and finalizers lead to, and objects with finalizers. */
function survivors({ objects, roots, finalizers }: Rows): Set<number> {
  const set = finalizers.filter(({ queued, object: of }) => !queued && of >= 0);
  const grey = roots.filter(({ finalizer }) => !finalizer).map(({ target }) => target);
  for (const { object: of, fnObject } of set) {
    grey.push(fnObject);
    grey.push(...objects[of].fields.map(({ target }) => target).filter((to) => to !== of));
  }
  const kept = new Set<number>();
  for (let one = grey.pop(); one !== undefined; one = grey.pop()) {
    if (one < 0 || kept.has(one)) continue;
    kept.add(one);
    grey.push(...objects[one].fields.map(({ target }) => target));
  }
  for (const { object: of } of set) kept.add(of);
  return kept;
}

describe('a heap dump as a program', () => {
  test('is put onto the heap whole; one collection leaves what it leaves in the process', () => {
    fc.assert(
      fc.property(dumps, (rows) => {
        const dump = programOf(rows);
        const tape = createMemoryTape();
        let firsts: readonly number[] = [];
        recordRun(tape, (sink, started) => {
          const decider = new Decider(configWith({ gcPercent: -1 }), sink);
          started(decider);
          firsts = playDump(decider, dump, namesOf(rows));
          decider.end();
          return decider;
        });
        const { world: w } = foldTape(tape);
        expect(w.scalars[SCALAR.nextOrdinal] - 1).toBe(rows.objects.length);
        const left = survivors(rows);
        rows.objects.forEach(({ bytes, start, fields }, i) => {
          const word = w.objects.wordOf(i + 1);
          expect([i, wordAlive(w, word)]).toEqual([i, left.has(i)]);
          const site = w.objects.siteOf(i + 1);
          expect(w.siteNames[site]).toBe(namesOf(rows).object(i));
          const alike = firsts[site - 1];
          expect(alike).toBeLessThanOrEqual(i);
          expect(namesOf(rows).stack(alike)).toBe(namesOf(rows).stack(i));
          if (!left.has(i)) return;
          expect(slotBytes(w, w.spanAtWord(word))).toBe(bytes);
          for (const { offset, target } of fields) {
            const found = word < w.words.length ? w.words[word + (offset - start) / 8] : 0;
            expect(found).toBe(target < 0 ? 0 : w.objects.wordOf(target + 1) + 1);
          }
        });
        const sum = [...left].reduce((total, i) => total + rows.objects[i].bytes, 0);
        expect(readMemStats(w)).toMatchObject({ HeapAlloc: sum, HeapObjects: left.size });
        const addresses = recordedAddresses(tape);
        expect([...addresses.subarray(1, rows.objects.length + 1)]).toEqual([
          ...dump.objects.address,
        ]);
        const roots = rows.roots.flatMap(({ target, finalizer }, root) =>
          target < 0 || finalizer ? [] : [[`global ${root}`, target] as const],
        );
        expect([...rootNamesAt(tape, tape.events)]).toEqual(
          roots.map(([name], root) => [root, name]),
        );
        roots.forEach(([, target], root) => {
          expect(w.roots[root]).toBe(w.objects.wordOf(target + 1) + 1);
        });
        expect(verifyTape(tape).verified).toBe(true);
      }),
      { seed: 42, numRuns: 120 },
    );
  });

  test('sets every finalizer at its byte, functions numbered as they come', () => {
    fc.assert(
      fc.property(dumps, (rows) => {
        const decider = new Decider(configWith({ gcPercent: -1 }), null);
        playDump(decider, programOf(rows), namesOf(rows));
        const { specials: t } = decider.world;
        const functions = [...new Set(rows.finalizers.map(({ fn }) => fn))];
        const wanted = rows.finalizers
          .filter(({ queued, object: of }) => !queued && of >= 0)
          .map(({ object: of, byte, fn, fnObject }) => [
            of + 1,
            byte,
            functions.indexOf(fn) + 1,
            fnObject + 1,
          ]);
        const found = wanted.map((_, i) => [
          t.object[i + 1],
          t.offset[i + 1],
          t.fn[i + 1],
          t.closure[i + 1],
        ]);
        expect(t.count).toBe(wanted.length);
        expect(found).toEqual(wanted);
      }),
      { seed: 43, numRuns: 100 },
    );
  });

  test('tells who keeps an object by the name of its root', () => {
    const rows: Rows = {
      objects: [
        { bytes: 48, start: 0, fields: [{ offset: 16, target: 1 }] },
        { bytes: 576, start: 8, fields: [{ offset: 8, target: 2 }] },
        { bytes: 16, start: 0, fields: [] },
      ],
      roots: [
        { target: -1, finalizer: false },
        { target: 0, finalizer: false },
      ],
      finalizers: [],
    };
    const decider = new Decider(configWith({ gcPercent: -1 }), null);
    playDump(decider, programOf(rows), namesOf(rows));
    const names = { roots: new Map([[0, 'global 1']]), addresses: Float64Array.of(0, 1, 2, 3) };
    expect(inspectObject(decider.world, 3, names)).toMatchObject({
      root: 'global 1',
      recordedAddr: '0x3',
      retainers: [
        { id: 1, word: 2 },
        { id: 2, word: 0 },
        { id: 3, word: null },
      ],
    });
  });

  test.each([
    ['a 32-bit program', { params: { pointerBytes: 4 } }, 'bad-format', /32-bit/],
    ['a slot of no size class', {}, 'bad-data', /object 0 has a slot of 17 bytes/],
  ])('%s is refused', (_, change, code, text) => {
    const rows: Rows = {
      objects: [{ bytes: 17, start: 0, fields: [] }],
      roots: [],
      finalizers: [],
    };
    const decider = new Decider(configWith({ gcPercent: -1 }), null);
    const play = (): unknown => playDump(decider, { ...programOf(rows), ...change }, namesOf(rows));
    expect(play).toThrow(HeaptapeError);
    expect(play).toThrow(expect.objectContaining({ code }));
    expect(play).toThrow(text);
  });
});
