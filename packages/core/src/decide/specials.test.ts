import { AssertionError, assert, EVENTS } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import { heapProblems } from '../heap/check.ts';
import { wordAlive } from '../heap/check_pointers.ts';
import { SPAN_IN_USE } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { slotAllocated, slotOfWord } from '../heap/slots.ts';
import { Snapshotter, snapshotDifference } from '../heap/snapshot.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { World } from '../heap/world.ts';
import { configs } from '../program.testkit.ts';
import { programOn, type SpecialProgram, specialPrograms } from '../specials.testkit.ts';
import { decideAgain, foldSegment, recordSpecials } from '../tape.testkit.ts';
import { Decider } from './decider.ts';

function allocated(w: World): number {
  let total = 0;
  for (let page = 0; page < w.pages; page += 1) {
    if (w.spanState[page] === SPAN_IN_USE) total += w.allocCount[page];
  }
  return total;
}

/** What is kept is alive; an object with a finalizer is there, found dead or not. */
function checkAgainstModel(program: SpecialProgram): void {
  const w = program.decider.world;
  for (const ordinal of program.kept()) {
    assert(wordAlive(w, w.objectWord[ordinal]), `object #${ordinal} was freed but is kept`);
  }
  for (const { state, object, kind } of program.specials) {
    if (state === 'gone' || kind !== 'finalizer') continue;
    const page = w.spanAtWord(w.objectWord[object]);
    const index = slotOfWord(w, page, w.objectWord[object]);
    assert(slotAllocated(w, page, index), `object #${object} has a finalizer and was freed`);
  }
}

describe('a finalizer of a large object', () => {
  it('has it scanned piece by piece, each up to its last pointer', () => {
    let scanned = 0;
    const decider = new Decider(configWith({}), null, (_, tag, args, at) => {
      if (tag === EVENTS.MarkAdvanced.tag) scanned += args[at];
    });
    const object = decider.allocate(decider.defineSite(160_000, 160_000, false, 'large'));
    decider.storeRoot(0, object);
    // The first word of the second piece of 128 KiB.
    decider.storePointer(object, 16_384, object);
    decider.specials.setFinalizer(object, 0, 1, 0);
    decider.collect();
    // A word for the object and one for its finalizer.
    expect(scanned).toBe(16);
  });
});

describe('random programs with specials', () => {
  it('lose nothing, in the right order, and the heap stays sound', () => {
    fc.assert(
      fc.property(configs(), specialPrograms(), (config, operations) => {
        const program = programOn((watcher) => new Decider(config, null, watcher));
        for (const [i, operation] of operations.entries()) {
          program.run(operation);
          checkAgainstModel(program);
          if (i % 8 === 0) expect(heapProblems(program.decider.world)).toEqual([]);
          if (i % 32 === 0) program.forget();
        }
        expect(heapProblems(program.decider.world)).toEqual([]);
      }),
      { seed: 42, numRuns: 250 },
    );
  });

  it('keep after runtime.GC exactly what was kept or had a finalizer', () => {
    fc.assert(
      fc.property(configs(), specialPrograms(), (config, operations) => {
        const program = programOn((watcher) => new Decider(config, null, watcher));
        const w = program.decider.world;
        for (const [i, operation] of operations.entries()) {
          program.run(operation);
          if (i % 16 !== 0 && operation[0] !== 'gc') continue;
          program.decider.collect();
          expect(allocated(w)).toBe(program.survivors.size);
          checkAgainstModel(program);
          for (const { kind, state, object } of program.specials) {
            const last = kind === 'cleanup' ? program.survivors : program.keptThen;
            if (state === 'attached') expect(last.has(object)).toBe(true);
          }
          expect(heapProblems(w)).toEqual([]);
          program.forget();
        }
        const { scalars } = w;
        const ran = program.specials.filter(({ started }) => started > 0).length;
        const done = scalars[SCALAR.finalizersExecuted] + scalars[SCALAR.cleanupsExecuted];
        const queued = scalars[SCALAR.finalizersQueued] + scalars[SCALAR.cleanupsQueued];
        expect(done).toBeLessThanOrEqual(ran);
        const due = program.specials.filter((s) => s.state === 'queued').length;
        expect(queued).toBe(ran + due);
      }),
      { seed: 43, numRuns: 200 },
    );
  });

  it('fold and decide again to the same states', () => {
    fc.assert(
      fc.property(configs(), specialPrograms(), (config, operations) => {
        const tape = recordSpecials(config, operations);
        const world = new World();
        const hasher = new WorldHasher();
        tape.hashes.forEach((hash, index) => {
          foldSegment(tape, index, world);
          expect(hasher.hash(world)).toBe(hash);
        });
        expect(heapProblems(world)).toEqual([]);
        const again = decideAgain(tape, config);
        expect(again.hashes).toEqual(tape.hashes);
        expect(again.segments).toEqual(tape.segments);
      }),
      { seed: 44, numRuns: 100 },
    );
  });

  it('have snapshots that bring any world to the recorded state', () => {
    fc.assert(
      fc.property(
        configs(),
        specialPrograms(),
        fc.array(fc.tuple(fc.nat(), fc.nat(3)), { maxLength: 8 }),
        (config, operations, jumps) => {
          const recorder = new Snapshotter();
          const snapshots: ReturnType<Snapshotter['take']>[] = [];
          const tape = recordSpecials(config, operations, (world) => {
            snapshots.push(recorder.take(world));
          });
          const world = new World();
          const snapshotter = new Snapshotter();
          const hasher = new WorldHasher();
          for (const [to, steps] of jumps) {
            const index = to % snapshots.length;
            const end = Math.min(index + steps, snapshots.length - 1);
            snapshotter.restore(snapshots[index], world);
            expect(hasher.hash(world)).toBe(tape.hashes[index]);
            for (let k = index + 1; k <= end; k += 1) foldSegment(tape, k, world);
            expect(hasher.hash(world)).toBe(tape.hashes[end]);
            expect(heapProblems(world)).toEqual([]);
            expect(snapshotDifference(snapshotter.take(world), snapshots[end])).toBeUndefined();
          }
        },
      ),
      { seed: 45, numRuns: 100 },
    );
  });
});

describe('the checker', () => {
  it('throws assertions, so that a broken rule cannot pass', () => {
    expect(() => assert(false, 'no')).toThrow(AssertionError);
  });
});
