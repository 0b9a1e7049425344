import { configWith } from '@heaptape/core';
import { createMemoryTape, type MemoryTape } from '@heaptape/log';
import type { TapeReader } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldTape } from '../fold.ts';
import { modelTape, runs } from '../modeltape.testkit.ts';
import { configs, eventsOf, programTape, steps } from '../tape.testkit.ts';
import { verifyTape } from '../verify.ts';
import { type Branch, type BranchOptions, branchAt } from './branch.ts';
import { differenceBetween } from './difference.ts';
import { Travel } from './travel.ts';

/** A branch, and the tape that it is on. */
function branchOf(
  reader: TapeReader,
  at: number,
  options: BranchOptions,
): Branch & { readonly tape: MemoryTape } {
  const tape = createMemoryTape();
  return { tape, ...branchAt(reader, at, options, tape) };
}

const LISTS = programTape(configWith({ procs: 1, gcPercent: 100 }), [
  ...Array.from({ length: 40 }, (_, i): [string, number, number] => ['list', 5 + 6 * (i % 4), 23]),
  ['gc', 0, 0],
  ...Array.from({ length: 40 }, (_, i): [string, number, number] => ['list', 5 + 6 * (i % 4), 23]),
]);

describe('branches', () => {
  test('without a change a branch is the tape itself', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          runs(60).map(modelTape),
          fc.tuple(configs(), steps(40)).map(([c, s]) => programTape(c, s)),
        ),
        fc.nat(),
        (tape, at) => {
          const branch = branchOf(tape, at % (tape.events + 1), {});
          expect(branch.ended).toBe(null);
          expect(eventsOf(branch.tape)).toEqual(eventsOf(tape));
        },
      ),
      { seed: 42, numRuns: 15, endOnFailure: true },
    );
  });

  test('with another setting it is the tape up to there, and a run of its own from there on', () => {
    fc.assert(
      fc.property(
        fc.tuple(configs(), steps(40)).map(([c, s]) => programTape(c, s)),
        fc.nat(),
        (tape, nat) => {
          const at = nat % (tape.events + 1);
          const branch = branchOf(tape, at, { gcPercent: 7, memoryLimit: 1 << 24, procs: 2 });
          const own = eventsOf(branch.tape);
          expect(branch.from).toBeLessThan(own.length);
          expect(own.slice(0, branch.from)).toEqual(eventsOf(tape).slice(0, branch.from));
          const next = own.slice(branch.from).map(({ event }) => event);
          expect(next[0]).toBe('GCPercentSet');
          expect(next).toContain('ProcsSet');
          expect(verifyTape(branch.tape)).toMatchObject({ verified: true });
          expect(foldTape(branch.tape).world.control.pacer).toMatchObject({ memoryLimit: 1 << 24 });
        },
      ),
      { seed: 43, numRuns: 15, endOnFailure: true },
    );
  });

  test('other commands are decided by the collector, and may end the branch', () => {
    const travel = new Travel(LISTS);
    const middle = travel.bisect('Mallocs >= 100').event ?? 0;
    const cut = branchOf(LISTS, middle, {
      commands: [{ event: 'RootStored', root: 5, target: 0 }, { event: 'GCRequested' }],
    });
    const own = new Travel(cut.tape);
    own.at({ event: cut.from, inside: 0 });
    expect(own.evaluate('root[5] != nil').value).toBe(true);
    own.runUntil('kind == GCMarkTerminated');
    expect(own.evaluate('root[5] == nil').value).toBe(true);
    // The program then links its next object to the list that was dropped and swept.
    expect(cut.ended).toMatch(
      /^the command of event \d+ is impossible here: object #\d+ is not there$/,
    );
    const alone = branchOf(LISTS, middle, { commands: [{ event: 'GCRequested' }], stop: true });
    expect(new Travel(alone.tape).bisect('kind == GCRequested').event).toBeGreaterThan(alone.from);
    expect(alone.tape.events).toBeLessThan(LISTS.events);
    expect(LISTS.events).toBe(new Travel(LISTS).reader.events);
  });

  test.each([
    [{ event: 'SpanSwept', page: 1 }, 'SpanSwept is nothing that a program does'],
    [{ event: 'RootStored', root: 1, target: 999_999 }, 'object #999999 is not there'],
    [{ event: 'RootStored', rot: 1 }, 'RootStored has no field rot'],
    [{ event: 'RootStored', root: 'x' }, 'root is a whole number'],
    [{ event: 'PointerStored', object: 1, word: 99 }, 'object #1 has no pointer word 99'],
  ] as const)('%j is refused', (command, message) => {
    expect(() => branchOf(LISTS, 50, { commands: [command] })).toThrow(message);
  });
});

describe('differences', () => {
  test('of a place to itself are none; turned around they are turned around', () => {
    fc.assert(
      fc.property(runs(60).map(modelTape), fc.nat(), fc.nat(), (tape, a, b) => {
        const travel = new Travel(tape);
        const from = { event: a % (tape.events + 1), inside: 0 };
        const to = { event: b % (tape.events + 1), inside: 0 };
        const same = differenceBetween(travel, from, from);
        expect(same).toMatchObject({
          events: {},
          figures: {},
          allocated: 0,
          objects: [],
          roots: [],
        });
        const on = differenceBetween(travel, from, to);
        const back = differenceBetween(travel, to, from);
        const turned = <T>(change: { before: T; after: T }): { before: T; after: T } => ({
          ...change,
          before: change.after,
          after: change.before,
        });
        expect(back.objects).toEqual(on.objects.map(turned));
        expect(back.roots).toEqual(on.roots.map(turned));
        expect(Object.keys(back.figures).sort()).toEqual(Object.keys(on.figures).sort());
        expect(back.goroutines.started).toEqual(on.goroutines.ended);
        expect(back.events).toEqual(on.events);
        const rows = eventsOf(tape).filter(
          ({ seq }) =>
            seq > Math.min(from.event, to.event) && seq <= Math.max(from.event, to.event),
        );
        expect(Object.values(on.events).reduce((sum, n) => sum + n, 0)).toBe(rows.length);
        expect(on.allocated).toBe(on.events['ObjectAllocated'] ?? 0);
      }),
      { seed: 44, numRuns: 20, endOnFailure: true },
    );
  });

  test('name figures, colours and roots as they were and as they are', () => {
    const travel = new Travel(LISTS);
    const start = travel.bisect('kind == GCStarted').event ?? 0;
    const end = travel.bisect('kind == GCMarkTerminated').event ?? 0;
    const found = differenceBetween(
      travel,
      { event: start - 1, inside: 0 },
      { event: end - 1, inside: 0 },
    );
    travel.at({ event: start, inside: 0 });
    const first = Number(travel.evaluate('newest.id').value) + 1;
    expect(first).toBeGreaterThan(2);
    expect(found.figures['phase']).toEqual({ before: '_GCoff', after: '_GCmark' });
    expect(found.events).toMatchObject({ GCStarted: 1 });
    expect(found.objectCount).toBeGreaterThan(0);
    for (const { object, before, after } of found.objects) {
      // An object that is allocated meanwhile is black from the start.
      expect([before, after]).toEqual([object < first ? 'white' : 'free', 'black']);
      travel.at({ event: end - 1, inside: 0 });
      expect(travel.evaluate(`#${object}.color`).value).toBe('black');
    }
  });
});
