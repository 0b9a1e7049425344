import { configWith, Decider, SCALAR, slotBytes, type World } from '@heaptape/core';
import type { EventModel } from '@heaptape/core/testkit';
import { HeaptapeError, type TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldTape } from './fold.ts';
import { inspectObject, type ObjectView, ordinalOf, parseObjectName } from './inspect.ts';
import { modelAt, modelTape, runs } from './modeltape.testkit.ts';
import { addressOf, objectsOf } from './objects.ts';
import { eventsOf } from './tape.testkit.ts';

/** A moment of a tape: any, or right after an event of marking. */
function momentOf(tape: TapeReader, part: number): number {
  const marking = eventsOf(tape).filter(({ event }) => MARKS.has(event));
  if (part % 2 === 0 || marking.length === 0) return Math.ceil((tape.events * part) / 1000);
  return marking[Math.floor((marking.length * part) / 1000)].seq;
}

const MARKS: ReadonlySet<string> = new Set([
  ...['ObjectGreyed', 'ObjectBlackened', 'SpanMarked', 'MarkAdvanced'],
  ...['GCMarkTerminated', 'SpanSwept'],
]);
const NOTHING_RECORDED = { roots: new Map<number, string>(), addresses: new Float64Array(0) };
const MARKING = 1;

/** Ordinals of about `most` objects, the newest among them. */
function some(count: number, most: number): number[] {
  const step = Math.max(1, Math.floor(count / most));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => count - i * step);
}

/** What a root is called that is no root by name, and which object it holds; specials may hold several. */
function heldBy(model: EventModel, name: string): number[] {
  const [, kind, text] = /^(root|held #|tiny block of P|.*#)\s*(\d+)$/.exec(name) ?? [];
  const number = Number(text);
  if (kind === 'root') return [model.roots.get(number) ?? 0];
  if (kind === 'held #') return model.held.has(number) ? [number] : [];
  if (kind === 'tiny block of P') return [model.tiny.get(number) ?? 0];
  return model.specials
    .filter(({ state, object }) => state !== 'gone' && object === number)
    .flatMap(({ kind: what, state, object, keeps }) => {
      if (what !== 'finalizer') return keeps;
      return [...keeps, ...(state === 'attached' ? model.edges[object].values() : [object])];
    });
}

function expectPath(view: ObjectView, model: EventModel): void {
  const distance = model.kept().get(view.id);
  expect([view.id, view.root === null]).toEqual([view.id, distance === undefined]);
  if (view.root === null || distance === undefined) {
    expect(view).toMatchObject({ retainers: [], dominator: null, retainedBytes: 0 });
    return;
  }
  expect(view.retainers.length).toBe(distance + 1);
  expect(heldBy(model, view.root)).toContain(view.retainers[0].id);
  for (const [i, { id, word }] of view.retainers.entries()) {
    const next = view.retainers[i + 1];
    if (next === undefined) expect([id, word]).toEqual([view.id, null]);
    else expect(model.edges[id].get(word ?? -1)).toBe(next.id);
  }
}

/** Retained bytes and dominator, by taking objects away and looking what is still reached. */
function expectRetained(w: World, view: ObjectView, model: EventModel): void {
  if (view.root === null) return;
  const size = (id: number): number => slotBytes(w, w.spanAtWord(w.objects.wordOf(id)));
  const rest = model.kept(view.id);
  const lost = [...model.kept().keys()].filter((id) => !rest.has(id));
  expect(view.retainedBytes).toBe(lost.reduce((sum, id) => sum + size(id), 0));
  const above = view.retainers.slice(0, -1).filter(({ id }) => !model.kept(id).has(view.id));
  expect(view.dominator?.id).toBe(above.at(-1)?.id);
}

function expectReferrers(w: World, view: ObjectView, model: EventModel): void {
  const alive = (id: number): boolean => inspectObject(w, id, NOTHING_RECORDED).color !== 'free';
  const wanted: string[] = [];
  for (const [id, edges] of model.edges.entries()) {
    for (const [word, target] of edges) {
      if (target === view.id && alive(id)) {
        wanted.push(`#${id} ${w.siteNames[w.objects.siteOf(id)]} word ${word}`);
      }
    }
  }
  for (const [root, target] of model.roots) if (target === view.id) wanted.push(`root ${root}`);
  if (model.held.has(view.id)) wanted.push(`held #${view.id}`);
  for (const [p, target] of model.tiny) {
    if (target === view.id) wanted.push(`tiny block of P ${p}`);
  }
  const plain = view.referrers.filter((name) => !/(finalizer|weak handle|cleanup) of #/.test(name));
  if (view.referrers.length < 100) expect(plain.sort()).toEqual(wanted.sort());
}

describe('an object at a moment', () => {
  test('is kept by a shortest path of stores, and retains what goes when it goes', () => {
    let specials = 0;
    fc.assert(
      fc.property(runs(40), fc.nat(999), (run, part) => {
        const tape = modelTape(run);
        const seq = momentOf(tape, part);
        const { world } = foldTape(tape, seq);
        const model = modelAt(tape, seq);
        const count = world.scalars[SCALAR.nextOrdinal] - 1;
        for (const id of some(count, 10)) {
          const view = inspectObject(world, id, NOTHING_RECORDED);
          if (view.color === 'free') {
            expect(model.kept().has(id)).toBe(false);
            expect(view).toMatchObject({ size: 0, root: null, retainers: [], referrers: [] });
            continue;
          }
          expectPath(view, model);
          expectRetained(world, view, model);
          if (/of #/.test(view.root ?? '')) specials += 1;
        }
        const named = some(count, 2).map((id) => inspectObject(world, id, NOTHING_RECORDED));
        for (const view of named) if (view.color !== 'free') expectReferrers(world, view, model);
      }),
      { seed: 42, numRuns: 50 },
    );
    expect(specials).toBeGreaterThan(0);
  });

  test('is free from the sweep that frees it, or as soon as marking has ended without it', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(runs(60), fc.nat(999), (run, part) => {
        const tape = modelTape(run);
        const seq = momentOf(tape, part);
        const { world } = foldTape(tape, seq);
        const { born, died } = objectsOf(tape);
        const { scalars } = world;
        for (const id of some(scalars[SCALAR.nextOrdinal] - 1, 20)) {
          const { color } = inspectObject(world, id, NOTHING_RECORDED);
          seen.add(`${color} in phase ${scalars[SCALAR.gcphase]}`);
          expect(born[id]).toBeLessThanOrEqual(seq);
          if (died[id] !== 0 && died[id] <= seq) expect([id, color]).toEqual([id, 'free']);
          // Before it is freed it is found dead; nothing can bring it back from there.
          else if (color === 'free') expect(died[id]).toBeGreaterThan(seq);
          if (scalars[SCALAR.gcphase] === MARKING) continue;
          expect(color).not.toBe('grey');
          if (scalars[SCALAR.unswept] === 0 && color !== 'free') expect(color).toBe('white');
        }
      }),
      { seed: 43, numRuns: 45 },
    );
    expect([...seen].sort()).toEqual(
      [
        ...['white', 'grey', 'black', 'free'].map((color) => `${color} in phase 1`),
        ...['white', 'black', 'free'].map((color) => `${color} in phase 0`),
      ].sort(),
    );
  });

  test('is black where all that is reachable was marked: when marking has just ended', () => {
    fc.assert(
      fc.property(runs(60), (run) => {
        const tape = modelTape({ ...run, operations: [...run.operations, ['gc', 0, 0, 0]] });
        const ends = eventsOf(tape).filter(({ event }) => event === 'GCMarkTerminated');
        for (const { seq } of ends.slice(-2)) {
          const { world } = foldTape(tape, seq);
          for (const id of [...modelAt(tape, seq).kept().keys()].slice(0, 20)) {
            expect([id, inspectObject(world, id, NOTHING_RECORDED).color]).toEqual([id, 'black']);
          }
        }
      }),
      { seed: 44, numRuns: 12 },
    );
  });

  test('is what its site says, at an address that leads back to it, moved or not', () => {
    fc.assert(
      fc.property(runs(60), fc.nat(999), (run, part) => {
        const tape = modelTape(run);
        const seq = momentOf(tape, part);
        const { world } = foldTape(tape, seq);
        for (const id of some(world.scalars[SCALAR.nextOrdinal] - 1, 20)) {
          const view = inspectObject(world, id, NOTHING_RECORDED);
          const site = world.objects.siteOf(id);
          expect(view).toMatchObject({
            id,
            addr: `0x${addressOf(world, id).toString(16)}`,
            type: world.siteNames[site],
            requested: world.siteBytes[site],
            spanClass: world.siteClass[site],
            recordedAddr: null,
          });
          expect(ordinalOf(world, parseObjectName(`#${id}`))).toBe(id);
          if (view.color === 'free') continue;
          expect(view.size).toBeGreaterThanOrEqual(view.requested);
          const start = addressOf(world, id);
          for (const inside of [0, 1, view.requested - 1]) {
            expect(ordinalOf(world, parseObjectName(`0x${(start + inside).toString(16)}`))).toBe(
              id,
            );
            expect(ordinalOf(world, parseObjectName(String(start + inside)))).toBe(id);
          }
        }
      }),
      { seed: 45, numRuns: 25 },
    );
  });

  test('is gone when another one covers its place', () => {
    const decider = new Decider(configWith({ gcPercent: -1 }), null);
    const { world } = decider;
    const small = decider.defineSite(16, 0, false, 'small');
    for (let i = 0; i < 4000; i += 1) decider.allocate(small);
    decider.collect();
    const large = decider.defineSite(64, 0, true, 'large');
    for (let i = 0; i < 500; i += 1) decider.allocate(large);
    let covered = 0;
    for (let id = 1; id <= 4000; id += 1) {
      expect(inspectObject(world, id, NOTHING_RECORDED).color).toBe('free');
      const addr = addressOf(world, id);
      const owner = ordinalOf(world, { addr });
      if (owner <= 4000) {
        expect(addressOf(world, owner)).toBe(addr);
        continue;
      }
      expect(addr - addressOf(world, owner)).toBeLessThan(64);
      covered += addr > addressOf(world, owner) ? 1 : 0;
    }
    expect(covered).toBeGreaterThan(0);
    for (let id = 4001; id <= 4500; id += 1) {
      expect(inspectObject(world, id, NOTHING_RECORDED)).toMatchObject({ id, color: 'white' });
    }
  });

  test('is not kept by its own finalizer, which keeps what it points to', () => {
    const decider = new Decider(configWith({ gcPercent: -1 }), null);
    const site = decider.defineSite(64, 64, false, 'T');
    const [own, other] = [decider.allocate(site), decider.allocate(site)];
    decider.storePointer(own, 0, own);
    decider.storePointer(own, 1, other);
    decider.specials.setFinalizer(own, 0, 1, 0);
    const view = (id: number): ObjectView => inspectObject(decider.world, id, NOTHING_RECORDED);
    expect(view(own)).toMatchObject({ color: 'white', root: null, referrers: ['#1 T word 0'] });
    expect(view(other)).toMatchObject({
      root: 'finalizer of #1',
      retainers: [{ id: other, word: null }],
      referrers: ['finalizer of #1', '#1 T word 1'],
      retainedBytes: 64,
    });
  });

  test('lives on when it was found dead and its finalizer is still to come', () => {
    const decider = new Decider(configWith({ gcPercent: 1 }), null);
    const { world } = decider;
    const ids = [1, 2].map(() => decider.allocate(decider.defineSite(20_000, 64, false, 'T')));
    decider.specials.setFinalizer(ids[0], 0, 1, 0);
    const garbage = decider.defineSite(1024, 0, false, '[1024]byte');
    const colour = (id: number): string => inspectObject(world, id, NOTHING_RECORDED).color;
    while (colour(ids[1]) !== 'free') {
      decider.allocate(garbage);
      if (world.scalars[SCALAR.gcphase] === MARKING) decider.finishMark();
    }
    expect(world.scalars[SCALAR.finalizersQueued]).toBe(0);
    expect(inspectObject(world, ids[0], NOTHING_RECORDED)).toMatchObject({
      color: 'white',
      root: null,
      retainers: [],
      retainedBytes: 0,
    });
    decider.collect();
    expect(world.scalars[SCALAR.finalizersQueued]).toBe(1);
    expect(inspectObject(world, ids[0], NOTHING_RECORDED)).toMatchObject({
      color: 'white',
      root: `queued finalizer of #${ids[0]}`,
    });
    expect(colour(ids[1])).toBe('free');
  });
});

describe('the name of an object', () => {
  test('is # and a number, or an address in any notation', () => {
    expect(parseObjectName('#12')).toEqual({ id: 12 });
    expect(parseObjectName('0xC000012340')).toEqual({ addr: 0xc000012340 });
    expect(parseObjectName('824633795392')).toEqual({ addr: 824633795392 });
    fc.assert(
      fc.property(fc.nat(), (number) => {
        expect(parseObjectName(`#${number}`)).toEqual({ id: number });
        expect(parseObjectName(`0x${number.toString(16)}`)).toEqual({ addr: number });
        expect(parseObjectName(`${number}`)).toEqual({ addr: number });
      }),
      { seed: 46, numRuns: 100 },
    );
  });

  test.each(['', '#', '#x', '# 1', '12z', '0x', '0xg', '-1', '1.5', 'main.T', '#1 '])(
    '%j is none',
    (text) => {
      expect(() => parseObjectName(text)).toThrow(HeaptapeError);
      expect(() => parseObjectName(text)).toThrow(`${text} names no object`);
    },
  );

  test('that no object has is not found', () => {
    const decider = new Decider(configWith({}), null);
    const { world } = decider;
    decider.allocate(decider.defineSite(64, 0, true, 'T'));
    for (const name of ['#0', '#2', '0x0', '0xbfffffffff', '0xc000100000', '0xffffffffffff']) {
      const find = (): number => ordinalOf(world, parseObjectName(name));
      expect(find).toThrow(/^no object (#[02]: 1 were allocated so far$|at 0x)/);
    }
    const addr = addressOf(world, 1);
    expect(ordinalOf(world, { addr: addr + 63 })).toBe(1);
    expect(() => ordinalOf(world, { addr: addr + 64 })).toThrow(`no object at 0x`);
  });
});
