import { configWith, Decider } from '@heaptape/core';
import { createMemoryTape, type MemoryTape } from '@heaptape/log';
import { EVENTS } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldTape } from './fold.ts';
import { recordRun } from './record.ts';
import { recordedAddresses, recordedAt } from './recordedaddress.ts';
import { programTape, steps } from './tape.testkit.ts';

interface Made {
  readonly bytes: number;
  readonly noscan: boolean;
  /** Bytes between the slot before and this one; undefined where nobody noted the address. */
  readonly gap: number | undefined;
}

/** Requested bytes, pointer-free or not, and the slot that Go gives them, with its malloc header. */
const SLOTS = [
  { bytes: 8, noscan: true, slot: 16 },
  { bytes: 48, noscan: false, slot: 48 },
  { bytes: 100, noscan: true, slot: 112 },
  { bytes: 512, noscan: false, slot: 512 },
  { bytes: 600, noscan: false, slot: 640 },
  { bytes: 1016, noscan: false, slot: 1024 },
  { bytes: 32760, noscan: false, slot: 32768 },
  { bytes: 32768, noscan: false, slot: 32768 },
  { bytes: 70000, noscan: true, slot: 73728 },
];

const objects = fc.array(
  fc.record({
    kind: fc.nat(SLOTS.length - 1),
    gap: fc.option(fc.nat(64), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 40 },
);

function tapeOf(list: readonly Made[]): { tape: MemoryTape; starts: (number | undefined)[] } {
  const tape = createMemoryTape();
  const starts: (number | undefined)[] = [];
  let next = 0xc000000000;
  recordRun(tape, (sink, started) => {
    const decider = new Decider(configWith({ gcPercent: -1 }), sink);
    started(decider);
    for (const { bytes, noscan, gap } of list) {
      decider.allocate(decider.defineSite(bytes, noscan ? 0 : 8, true, ''));
      const slot = SLOTS.find((one) => one.bytes === bytes && one.noscan === noscan)?.slot ?? 0;
      if (gap === undefined) starts.push(undefined);
      else {
        starts.push(next + gap);
        decider.annotate(EVENTS.AddressRecorded.tag, [next + gap]);
        next += gap + slot;
      }
      decider.allocateTiny(1);
    }
    decider.end();
    return decider;
  });
  return { tape, starts };
}

describe('recorded addresses', () => {
  test('are those noted, and every byte of a slot leads to its object, header included', () => {
    fc.assert(
      fc.property(objects, (list) => {
        const made = list.map(({ kind, gap }) => ({ ...SLOTS[kind], gap }));
        const { tape, starts } = tapeOf(made);
        const addresses = recordedAddresses(tape);
        const { world } = foldTape(tape);
        made.forEach(({ slot }, i) => {
          const start = starts[i];
          expect(addresses[i + 1] ?? 0).toBe(start ?? 0);
          if (start === undefined) return;
          for (const byte of [0, 1, slot >> 1, slot - 1]) {
            expect(recordedAt(addresses, world, start + byte)).toBe(i + 1);
          }
          const next = starts.includes(start + slot);
          if (!next) expect(recordedAt(addresses, world, start + slot)).toBe(0);
          expect(recordedAt(addresses, world, start - 1)).not.toBe(i + 1);
        });
      }),
      { seed: 42, numRuns: 100 },
    );
  });

  test('of objects to come lead nowhere yet', () => {
    const { tape, starts } = tapeOf([
      { ...SLOTS[1], gap: 0 },
      { ...SLOTS[1], gap: 16 },
    ]);
    const addresses = recordedAddresses(tape);
    const [first, second] = starts.map((start) => start ?? 0);
    const early = foldTape(tape, tape.events - 4).world;
    expect(recordedAt(addresses, early, first)).toBe(1);
    expect(recordedAt(addresses, early, second)).toBe(0);
    expect(recordedAt(addresses, foldTape(tape).world, second)).toBe(2);
  });

  test('are none on other tapes', () => {
    const [program] = fc.sample(steps(40), { seed: 3, numRuns: 1 });
    const tape = programTape(configWith({}), program);
    expect(recordedAddresses(tape)).toEqual(new Float64Array(0));
    expect(recordedAt(recordedAddresses(tape), foldTape(tape).world, 0xc000000000)).toBe(0);
  });
});
