/** Single mechanisms of marking, each in a small program of its own. */
import { EVENT_NAMES, EVENTS } from '@heaptape/schema';
import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../collector/costs.ts';
import { configWith } from '../config.ts';
import type { RunConfig } from '../control.ts';
import { wordAlive } from '../heap/check_pointers.ts';
import { BITMAP_WORDS } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { Decider } from './decider.ts';

interface Entry {
  readonly name: string;
  readonly args: readonly number[];
}

/** A decider that records marking finely, and what it emitted. */
function watched(config: Partial<RunConfig>): { decider: Decider; log: Entry[] } {
  const log: Entry[] = [];
  const base = { gcPercent: -1, stackBytes: 8, globalsBytes: 8 };
  const decider = new Decider(configWith({ ...base, ...config }), null, (_, tag, args, at) => {
    log.push({ name: EVENT_NAMES[tag], args: Array.from(args.subarray(at, at + 7)) });
  });
  decider.setMarkDetail(true);
  return { decider, log };
}

/** Costs under which marking goes slowly and the program fast. */
const SLOW = { ...DEFAULT_COSTS, markNsPerByte: 1000, allocNs: 1, allocNsPerByte: 0, storeNs: 1 };

const isMarked = (decider: Decider, object: number): boolean => {
  const { objects, spanOf, markBits, spanClass } = decider.world;
  const page = spanOf[objects.wordOf(object) >> 10] - 1;
  expect(spanClass[page] >> 1).toBe(6);
  const index = (objects.wordOf(object) - (page << 10)) >> 3;
  return (markBits[page * BITMAP_WORDS + (index >> 5)] & (1 << (index & 31))) !== 0;
};

describe('the write barrier', () => {
  it('shades old and new values when 512 of them have come together, not before', () => {
    // Globals keep the only worker busy for long.
    const busy = { globalsBytes: 65_536, costs: { ...SLOW, idleMarkProcs: 0 } };
    const { decider, log } = watched({ procs: 1, gcPercent: 100, ...busy });
    const node = decider.defineSite(64, 64, false, 'node');
    const filler = decider.defineSite(4096, 0, false, 'filler');
    const old = Array.from({ length: 256 }, () => decider.allocate(node));
    const holders = Array.from({ length: 256 }, () => decider.allocate(node));
    const fresh = Array.from({ length: 256 }, () => decider.allocate(node));
    holders.forEach((holder, i) => {
      decider.storePointer(holder, 0, old[i]);
    });
    // Held by nothing that marking looks at early: a root of the last job is far away in virtual time.
    while (decider.world.scalars[SCALAR.gcphase] === 0) decider.allocate(filler);
    holders.forEach((holder, i) => {
      decider.storePointer(holder, 0, fresh[i]);
    });
    expect(log.some(({ name }) => name === 'BarrierFlushed')).toBe(false);
    for (const object of [...old, ...fresh]) expect(isMarked(decider, object)).toBe(false);
    decider.storePointer(holders[0], 1, fresh[1]);
    const flush = log.find(({ name }) => name === 'BarrierFlushed');
    expect(flush?.args.slice(0, 2)).toEqual([0, 512]);
    for (const object of [...old, ...fresh]) expect(isMarked(decider, object)).toBe(true);
    expect(isMarked(decider, holders[7])).toBe(false);
  });

  it('is flushed by a P that has noted something, by no other', () => {
    const { decider, log } = watched({ procs: 4, gcPercent: 100 });
    const node = decider.defineSite(512, 512, false, 'node');
    for (let i = 0; i < 9000; i += 1) {
      decider.switchProc(i % 4, 0);
      const object = decider.allocate(node);
      decider.storeRoot(i % 3000, object);
      decider.storePointer(object, 0, object - 1 || object);
    }
    decider.finishMark();
    const flushes = log.filter(({ name }) => name === 'BarrierFlushed');
    expect(flushes.length).toBeGreaterThan(0);
    for (const { args } of flushes) expect([args[1] > 0, args[1] % 2]).toEqual([true, 0]);
    // The last ragged barrier of a cycle is the one that no P had anything for.
    const passed = log.filter(({ name }) => name === 'RaggedBarrierPassed');
    expect(passed.at(-1)?.args[0]).toBe(0);
    for (const { args } of passed) expect(args[0]).toBeLessThanOrEqual(4);
  });

  it('that comes after the ragged barrier makes marking go on', () => {
    const { decider, log } = watched({ procs: 1, gcPercent: 100, costs: SLOW });
    const node = decider.defineSite(64, 64, false, 'node');
    const filler = decider.defineSite(4096, 0, false, 'filler');
    const lost = decider.allocate(node);
    decider.storePointer(lost, 0, decider.allocate(node));
    decider.storeRoot(0, decider.allocate(node));
    while (decider.world.scalars[SCALAR.gcphase] === 0) decider.allocate(filler);
    const passed = (): boolean => log.some(({ name }) => name === 'RaggedBarrierPassed');
    while (!passed()) decider.run(100);
    expect(decider.world.scalars[SCALAR.gcphase]).toBe(1);
    // The program still had a pointer to it, in a register say.
    decider.storeRoot(1, lost);
    decider.finishMark();
    expect(log.filter(({ name }) => name === 'MarkRestarted')).toHaveLength(1);
    expect(wordAlive(decider.world, decider.world.objects.wordOf(lost))).toBe(true);
    expect(wordAlive(decider.world, decider.world.objects.wordOf(lost + 1))).toBe(true);
    const { pauseNs } = decider.world.control.cycle;
    expect(decider.world.control.pauseNs[0]).toBeGreaterThan(pauseNs);
  });
});

describe('a large object', () => {
  it('is scanned in pieces of 128 KiB, and black when the last one is done', () => {
    const { decider, log } = watched({ procs: 4 });
    const words = (1 << 20) / 8;
    const array = decider.defineSite(1 << 20, 1 << 20, false, 'array');
    const node = decider.defineSite(64, 0, false, 'leaf');
    const large = decider.allocate(array);
    for (let piece = 0; piece < 8; piece += 1) {
      const word = (piece + 1) * (words / 8) - 1;
      decider.storePointer(large, word, decider.allocate(node));
    }
    decider.storeRoot(0, large);
    log.length = 0;
    decider.collect();
    const colours = log.filter(({ name }) => name.startsWith('Object'));
    expect(colours[0]).toMatchObject({ name: 'ObjectGreyed' });
    expect(colours.at(-1)).toMatchObject({ name: 'ObjectBlackened' });
    expect(colours[0].args[0]).toBe(colours.at(-1)?.args[0]);
    expect(colours).toHaveLength(2 + 8);
    // The first piece queues the others, which are taken from the end.
    const leaves = colours.slice(1, -1).map(({ args }) => args[0]);
    expect(leaves.indexOf(Math.min(...leaves))).toBe(0);
    expect(leaves.indexOf(Math.max(...leaves))).toBe(1);
    const scanned = log
      .filter(({ name }) => name === 'MarkAdvanced')
      .reduce((sum, { args }) => sum + args[0], 0);
    expect(scanned).toBe(1 << 20);
  });
});

describe('workers', () => {
  it('start and stop once a cycle on their Ps', () => {
    const { decider, log } = watched({ procs: 8 });
    decider.collect();
    const started = log.filter(({ name }) => name === 'MarkWorkerStarted');
    const stopped = log.filter(({ name }) => name === 'MarkWorkerStopped');
    expect(started.map(({ args }) => args[1])).toEqual([1, 1, 3]);
    expect(stopped.map(({ args }) => args.slice(0, 2))).toEqual(
      started.map(({ args }) => args.slice(0, 2)),
    );
  });

  it('interleave with the program by the seed alone', () => {
    const run = (seed: number): string => {
      const { decider, log } = watched({ procs: 4, gcPercent: 100, seed });
      const node = decider.defineSite(512, 512, false, 'node');
      for (let i = 0; i < 12_000; i += 1) {
        const object = decider.allocate(node);
        decider.storeRoot(i % 3000, object);
        decider.storePointer(object, 0, object - 1 || object);
      }
      decider.end();
      return JSON.stringify(log);
    };
    expect(run(1)).toBe(run(1));
    expect(run(1)).not.toBe(run(2));
    expect(run(1)).toContain(EVENT_NAMES[EVENTS.ObjectBlackened.tag]);
  });
});
