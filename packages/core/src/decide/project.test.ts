import {
  AssertionError,
  CELLS,
  EVENTS,
  EventBatch,
  SegmentCodec,
  specOfTag,
  TAG_COUNT,
} from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import type { RunConfig } from '../control.ts';
import { heapProblems } from '../heap/check.ts';
import { wordAlive } from '../heap/check_pointers.ts';
import { SCALAR } from '../heap/scalars.ts';
import { SPECIAL_STATE } from '../heap/specials.ts';
import { configs, type Operation, programs } from '../program.testkit.ts';
import { EventFeed } from '../runtime/feed.ts';
import { specialPrograms } from '../specials.testkit.ts';
import { decideAgain, recordProgram, recordSpecials, type TestTape } from '../tape.testkit.ts';
import { Decider } from './decider.ts';
import { applyCommand, isCommand } from './project.ts';
import { EventModel, isRefused, modelProblems } from './projectmodel.testkit.ts';

const RUNS = 50;
/** Commands between two looks at the heap. */
const LOOK_EVERY = 61;

/**
 * Decides a tape's commands under a configuration, and now and then compares the heap with the model of
 * what the run's own events say. Returns whether the run went to its end; if not, it was refused.
 */
function projected(tape: TestTape, config: RunConfig): boolean {
  const feed = new EventFeed();
  const model = new EventModel();
  feed.subscribe((row) => model.take(row));
  const decider = new Decider(config, (batch) => {
    feed.deliver(batch);
    feed.restart();
  });
  const look = (): void => {
    feed.deliver(decider.recorded);
    expect(modelProblems(decider.world, model)).toEqual([]);
    expect(heapProblems(decider.world)).toEqual([]);
  };
  const batch = new EventBatch();
  const codec = new SegmentCodec();
  let commands = 0;
  const refused = isRefused(() => {
    for (const segment of tape.segments) {
      codec.decode(segment, batch);
      let at = 0;
      for (let i = 0; i < batch.count; i += 1) {
        const tag = batch.kinds[i];
        if (isCommand(tag)) {
          applyCommand(decider, tag, batch, at);
          commands += 1;
          if (commands % LOOK_EVERY === 0) look();
        }
        at += CELLS[tag];
      }
    }
    decider.end();
  });
  look();
  return !refused;
}

/** Programs that get from pools what they put there, and drop what they got. */
const poolPrograms = (): fc.Arbitrary<Operation[]> => {
  const kinds = [
    ...['poolNew', 'poolNew', 'poolGet', 'poolGet', 'list', 'list', 'list', 'list', 'run', 'run'],
    ...['run', 'dropRoot', 'dropRoot', 'store', 'copyRoot', 'cleanup', 'tiny'],
  ];
  const number = fc.nat(4095);
  const one = fc.tuple(fc.constantFrom(...kinds), number, number, number);
  return fc
    .array(one, { minLength: 40, maxLength: 200, size: 'max' })
    .map((list) => [...Array.from({ length: 12 }, (): Operation => ['pool', 0, 0, 0]), ...list]);
};

/** Configurations of one GOGC and without a memory limit. */
const collecting = (gcPercent: number): fc.Arbitrary<RunConfig> =>
  configs().map((config) => ({ ...config, gcPercent, memoryLimit: 0 }));

describe('projection', () => {
  it('decided again gives the same events and states', () => {
    fc.assert(
      fc.property(configs(), programs(), (config, operations) => {
        const tape = recordProgram(config, operations);
        const again = decideAgain(tape, config);
        expect(again.hashes).toEqual(tape.hashes);
        expect(again.segments).toEqual(tape.segments);
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  it('a program without specials runs to its end under any settings', () => {
    fc.assert(
      fc.property(configs(), configs(), programs(), (config, other, operations) => {
        // Priming is for recordings: it must come before the first cycle, which settings move.
        const program = operations.filter(([kind]) => kind !== 'prime');
        expect(projected(recordProgram(config, program), other)).toBe(true);
      }),
      { seed: 43, numRuns: 60 },
    );
  });

  it.each([
    { what: 'specials', some: specialPrograms, seldom: configs, often: configs },
    { what: 'pools', some: poolPrograms, seldom: () => collecting(-1), often: () => collecting(1) },
  ])('one with $what does too, or is refused; nothing reachable is lost', (of) => {
    let done = 0;
    fc.assert(
      fc.property(of.seldom(), of.often(), of.some(), (config, other, operations) => {
        done += projected(recordSpecials(config, operations), other) ? 1 : 0;
      }),
      { seed: 44, numRuns: RUNS },
    );
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(RUNS);
  });

  it('an object that a pool no longer has is refused by its number', () => {
    const config = configWith({ gcPercent: -1, stackBytes: 2048, globalsBytes: 4096 });
    const other = { ...config, gcPercent: 1 };
    const tape = recordSpecials(config, [
      ['pool', 0, 0, 0],
      ['poolNew', 0, 0, 0],
      ...Array.from({ length: 12 }, (): Operation => ['list', 10, 1, 63]),
      ...Array.from({ length: 12 }, (_, i): Operation => ['run', 4095, i, 1]),
      ...Array.from({ length: 12 }, (): Operation => ['list', 10, 1, 63]),
      ['poolGet', 0, 3, 0],
    ]);
    expect(projected(tape, config)).toBe(true);
    expect(() => decideAgain(tape, other)).toThrow(
      'the program would have gone another way: object #2 is gone under these settings',
    );
  });

  it('a finalizer that starts sooner than it would be queued gets its object alive', () => {
    const decider = new Decider(configWith({ gcPercent: 1 }), null);
    const { world } = decider;
    const object = decider.allocate(decider.defineSite(20_000, 64, false, 'T'));
    decider.specials.setFinalizer(object, 0, 1, 0);
    const garbage = decider.defineSite(1024, 0, false, '[1024]byte');
    const word = world.objects.wordOf(object);
    while (wordAlive(world, word)) {
      decider.allocate(garbage);
      if (world.scalars[SCALAR.gcphase] !== 0) decider.finishMark();
    }
    expect(world.specials.state[1]).toBe(SPECIAL_STATE.attached);
    decider.specials.startFinalizer(1);
    decider.storeRoot(0, object);
    decider.collect();
    expect(wordAlive(world, word)).toBe(true);
    expect(heapProblems(world)).toEqual([]);
  });

  it('takes the events of the mutator and annotations, and no other', () => {
    for (let tag = 0; tag < TAG_COUNT; tag += 1) {
      const role = specOfTag(tag)?.role;
      expect(isCommand(tag)).toBe(role === 'mutator' || role === 'annotation');
    }
    const decider = new Decider(configWith({}), null);
    const batch = new EventBatch(16);
    expect(() => decider.annotate(EVENTS.GCStarted.tag, [1, 0, 0, 0, 0])).toThrow(/no annotation/);
    expect(() => decider.annotate(EVENTS.RecordedCycleBegan.tag, [1])).toThrow(/no annotation/);
    expect(() => applyCommand(decider, EVENTS.GCStarted.tag, batch, 0)).toThrow(AssertionError);
  });
});
