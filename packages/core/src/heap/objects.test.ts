/** The table of objects against a map, and the dropping of the dead against a model of the heap. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import { Decider } from '../decide/decider.ts';
import { wordAlive } from './check_pointers.ts';
import { dropDead } from './deadobjects.ts';
import { GONE, ObjectTable } from './objects.ts';
import { SCALAR } from './scalars.ts';
import { Snapshotter, snapshotDifference } from './snapshot.ts';
import { WorldHasher } from './statehash.ts';

type Step = readonly [add: number, keepEvery: number];

describe('the table of objects', () => {
  it('is a map from ordinals to words and sites', () => {
    const steps = fc.array(fc.tuple(fc.nat(200), fc.nat(40)), { maxLength: 12 });
    fc.assert(
      fc.property(steps, fc.nat(3), (program: readonly Step[], skew) => {
        const table = new ObjectTable();
        const model = new Map<number, readonly [word: number, site: number]>();
        let next = 1;
        for (const [add, keepEvery] of program) {
          for (let i = 0; i < add; i += 1, next += 1) {
            if (table.isFull(next)) table.grow(table.blocks.length * 2);
            table.add(next, next * 7, (next * skew) & 0xffff);
            model.set(next, [next * 7, (next * skew) & 0xffff]);
          }
          for (const ordinal of model.keys()) {
            if (keepEvery > 0 && ordinal % keepEvery === 0) continue;
            table.words[table.entryOf(ordinal)] = GONE;
            table.sites[table.entryOf(ordinal)] = 0;
            model.delete(ordinal);
          }
          table.tidy(table.count);
          for (let ordinal = -20; ordinal < next + 40; ordinal += 1) {
            const [word, site] = model.get(ordinal) ?? [GONE, 0];
            expect([table.wordOf(ordinal), table.siteOf(ordinal)]).toEqual([word, site]);
          }
          expect([...table.ordinals()]).toEqual([...model.keys()]);
          const from = next >> 1;
          expect([...table.ordinals(from)]).toEqual([...model.keys()].filter((o) => o >= from));
        }
      }),
      { seed: 42, numRuns: 25 },
    );
  });

  it('goes back and forth in arrays that it shares', () => {
    const step = fc.tuple(fc.constantFrom('add', 'add', 'share', 'takeUp', 'drop'), fc.nat(300));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (program) => {
        const table = new ObjectTable();
        let model = new Set<number>();
        let next = 1;
        const saved = [{ shared: table.share(), model: new Set<number>(), next }];
        for (const [action, number] of program) {
          if (action === 'add') {
            for (const end = next + number; next < end; next += 1) {
              if (table.isFull(next)) table.grow(table.blocks.length * 2);
              table.add(next, next * 7, next & 0xff);
              model.add(next);
            }
          } else if (action === 'share') {
            saved.push({ shared: table.share(), model: new Set(model), next });
          } else if (action === 'takeUp') {
            const back = saved[number % saved.length];
            table.takeUp(back.shared);
            [model, next] = [new Set(back.model), back.next];
          } else {
            table.own();
            const entered = table.words.subarray(0, table.count << 4).filter((word) => word >= 0);
            expect(entered.length).toBe(model.size);
            for (const ordinal of model) {
              if (ordinal % 7 === number % 7) continue;
              table.words[table.entryOf(ordinal)] = GONE;
              model.delete(ordinal);
            }
            table.tidy(table.count);
          }
          expect([...table.ordinals()]).toEqual([...model]);
          for (const ordinal of model) expect(table.wordOf(ordinal)).toBe(ordinal * 7);
        }
      }),
      { seed: 43, numRuns: 100 },
    );
  });
});

/** A list of `live` objects that is made anew over and over; what it was before is garbage. */
function churn(tidyFrom: number, rounds: number, live: number): Decider {
  const decider = new Decider(configWith({ gcPercent: 20 }), null);
  decider.world.objects.tidyFrom = tidyFrom;
  const site = decider.defineSite(64, 64, false, 'node');
  const large = decider.defineSite(40_000, 8, false, 'large');
  for (let i = 0; i < rounds * live; i += 1) {
    const object = decider.allocate(i % 500 === 0 ? large : site);
    decider.storeRoot(i % live, object);
  }
  return decider;
}

describe('dropping the dead', () => {
  const [tidied, whole] = [churn(4, 400, 300), churn(1 << 18, 400, 300)];

  it('keeps every object that is there', () => {
    const { world } = tidied;
    const roots = Array.from(world.roots.subarray(0, world.rootCount));
    const next = world.scalars[SCALAR.nextOrdinal];
    const newest = Array.from({ length: 300 }, (_, i) => next - 300 + i);
    const words = newest.map((ordinal) => world.objects.wordOf(ordinal) + 1);
    expect(words.sort((a, b) => a - b)).toEqual(roots.sort((a, b) => a - b));
    expect(newest.every((ordinal) => wordAlive(world, world.objects.wordOf(ordinal)))).toBe(true);
  });

  it('keeps the table small', () => {
    expect(whole.world.objects.count).toBeGreaterThan(7500);
    expect(tidied.world.objects.blocks.length).toBeLessThan(4100);
    dropDead(tidied.world);
    let taken = 0;
    const { pages, spanState, allocCount } = tidied.world;
    for (let page = 0; page < pages; page += 1) {
      if (spanState[page] === 1) taken += allocCount[page];
    }
    expect(tidied.world.objects.ordinals().length).toBe(taken);
  });

  it('does not show: hashes and snapshots are the same', () => {
    const hasher = new WorldHasher();
    expect(hasher.hash(tidied.world)).toBe(new WorldHasher().hash(whole.world));
    const [a, b] = [tidied, whole].map(({ world }) => new Snapshotter().take(world));
    expect(snapshotDifference(a, b)).toBeUndefined();
  });

  it('makes a pointer to a dropped object a refusal', () => {
    expect(() => tidied.storeRoot(1, 2)).toThrow('object #2 has been collected');
    expect(() => tidied.storePointer(3, 0, 0)).toThrow('object #3 has been collected');
    expect(() => tidied.storeRoot(1, 1e9)).toThrow('no object #1000000000');
    expect(() => tidied.storeRoot(1, -1)).toThrow('no object #-1');
  });
});
