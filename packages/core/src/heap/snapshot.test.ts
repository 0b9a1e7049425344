import { HeaptapeError, type StoredSnapshot } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import { Decider } from '../decide/decider.ts';
import { configs, programs } from '../program.testkit.ts';
import { foldSegment, recordProgram } from '../tape.testkit.ts';
import { heapProblems } from './check.ts';
import { SCALAR } from './scalars.ts';
import { Snapshotter, snapshotDifference } from './snapshot.ts';
import { WorldHasher } from './statehash.ts';
import { World } from './world.ts';

/** The same content in arrays of its own, at odd offsets, as a reader of a file may give it. */
function copyOf(snapshot: StoredSnapshot): StoredSnapshot {
  const copy = (bytes: Uint8Array): Uint8Array => {
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    return padded.subarray(3);
  };
  const columns: Record<string, Uint8Array[]> = {};
  for (const [name, chunks] of Object.entries(snapshot.columns)) columns[name] = chunks.map(copy);
  return { seq: snapshot.seq, control: copy(snapshot.control), columns };
}

describe('a snapshot', () => {
  it('puts any world to the recorded state, from where it folds on exactly', () => {
    fc.assert(
      fc.property(
        configs(),
        programs(),
        fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.constantFrom('same', 'copy', 'fresh', 'take')), {
          maxLength: 12,
        }),
        (config, operations, jumps) => {
          const snapshots: StoredSnapshot[] = [];
          const recorder = new Snapshotter();
          const tape = recordProgram(config, operations, (world) => {
            snapshots.push(recorder.take(world));
          });
          let world = new World();
          let snapshotter = new Snapshotter();
          let hasher = new WorldHasher();
          for (const [to, steps, how] of jumps) {
            const index = to % snapshots.length;
            if (how === 'fresh') {
              world = new World();
              snapshotter = new Snapshotter();
              hasher = new WorldHasher();
            }
            snapshotter.restore(
              how === 'copy' ? copyOf(snapshots[index]) : snapshots[index],
              world,
            );
            expect(hasher.hash(world)).toBe(tape.hashes[index]);
            for (let k = index + 1; k <= index + steps && k < snapshots.length; k += 1) {
              foldSegment(tape, k, world);
              if (how !== 'take') continue;
              expect(snapshotDifference(snapshotter.take(world), snapshots[k])).toBeUndefined();
            }
            const end = Math.min(index + steps, snapshots.length - 1);
            expect(hasher.hash(world)).toBe(tape.hashes[end]);
            expect(heapProblems(world)).toEqual([]);
            expect(snapshotDifference(snapshotter.take(world), snapshots[end])).toBeUndefined();
          }
        },
      ),
      { seed: 42, numRuns: 100 },
    );
  });

  it('is canonical: a world that was folded in one go gives the same bytes', () => {
    fc.assert(
      fc.property(configs(), programs(), (config, operations) => {
        const snapshots: StoredSnapshot[] = [];
        const recorder = new Snapshotter();
        const tape = recordProgram(config, operations, (world) => {
          snapshots.push(recorder.take(world));
        });
        const world = new World();
        tape.segments.forEach((_, index) => {
          foldSegment(tape, index, world);
        });
        const last = snapshots[snapshots.length - 1];
        expect(snapshotDifference(new Snapshotter().take(world), last)).toBeUndefined();
      }),
      { seed: 43, numRuns: 50 },
    );
  });

  it('shares the chunks that have not changed', () => {
    const decider = new Decider(configWith({}), null);
    const site = decider.defineSite(64, 64, false, 'node');
    for (let i = 0; i < 50000; i += 1) {
      const object = decider.allocate(site);
      decider.storeRoot(i, object);
      decider.storePointer(object, 0, object);
    }
    const snapshotter = new Snapshotter();
    const first = snapshotter.take(decider.world);
    decider.storePointer(7, 1, 9);
    decider.storeRoot(3, 5);
    const second = snapshotter.take(decider.world);
    const changed = (name: string): number =>
      second.columns[name].filter((chunk, i) => chunk !== first.columns[name][i]).length;
    expect(second.columns['words'].length).toBeGreaterThan(50);
    expect(changed('words')).toBe(1);
    expect(changed('roots')).toBe(1);
    expect(changed('pages')).toBe(0);
    expect(changed('objects')).toBe(0);
    expect(changed('sites')).toBe(0);
    expect(second.control).toBe(first.control);
  });

  it('keeps an infinite cons/mark ratio', () => {
    const decider = new Decider(configWith({}), null);
    const { world } = decider;
    world.control = {
      ...world.control,
      pacer: { ...world.control.pacer, consMark: Infinity },
    };
    const copy = new World();
    new Snapshotter().restore(new Snapshotter().take(world), copy);
    expect(copy.control).toEqual(world.control);
  });

  it('that is damaged is refused, and the next restore is whole again', () => {
    const decider = new Decider(configWith({}), null);
    const site = decider.defineSite(48, 16, false, 'a');
    for (let i = 0; i < 20000; i += 1) decider.storeRoot(i, decider.allocate(site));
    decider.storePointer(1, 1, 2);
    const good = new Snapshotter().take(decider.world);
    const expected = new WorldHasher().hash(decider.world);
    const world = new World();
    const snapshotter = new Snapshotter();
    snapshotter.restore(good, world);
    for (const name of Object.keys(good.columns)) {
      const without = { ...good.columns };
      delete without[name];
      const shorter = { ...good.columns, [name]: good.columns[name].slice(1) };
      const cut = { ...good.columns, [name]: good.columns[name].map((c) => c.subarray(1)) };
      for (const columns of [without, shorter, cut]) {
        if (['words', 'objects'].includes(name) && columns === shorter) continue;
        expect(() => snapshotter.restore({ ...good, columns }, world)).toThrow(HeaptapeError);
      }
      snapshotter.restore(good, world);
      expect(new WorldHasher().hash(world)).toBe(expected);
    }
    const control = good.control.subarray(1);
    expect(() => snapshotter.restore({ ...good, control }, world)).toThrow(HeaptapeError);
    expect(() => snapshotter.restore({ ...good, seq: 1 }, world)).toThrow(HeaptapeError);
    expect(world.scalars[SCALAR.seq]).toBe(good.seq);
  });
});
