import { EVENTS } from '@heaptape/schema';
import { describe, expect, it } from 'vitest';
import { DEFAULT_COSTS } from '../collector/costs.ts';
import { configWith } from '../config.ts';
import { cleanupsFlushed } from '../evolve/specials.ts';
import { heapProblems } from '../heap/check.ts';
import { wordAlive } from '../heap/check_pointers.ts';
import { SCALAR } from '../heap/scalars.ts';
import { CLEANUP_BLOCK } from '../heap/specials.ts';
import { World } from '../heap/world.ts';
import type { Operation } from '../program.testkit.ts';
import { decideAgain, recordSpecials } from '../tape.testkit.ts';
import { Decider } from './decider.ts';

const quiet = configWith({ gcPercent: -1 });

function node(decider: Decider, root: number, bytes = 64): number {
  const object = decider.allocate(decider.defineSite(bytes, bytes, false, 'node'));
  decider.storeRoot(root, object);
  return object;
}

function alive({ world }: Decider, object: number): boolean {
  return wordAlive(world, world.objects.wordOf(object));
}

/** Runs the cleanups that are due, one after the other; returns their functions. */
function runDue(decider: Decider): number[] {
  const ran: number[] = [];
  for (let due = decider.specials.takeCleanup(); due; due = decider.specials.takeCleanup()) {
    ran.push(due.fn);
    decider.specials.cleanupReturned(due.id);
  }
  return ran;
}

describe('cleanups', () => {
  it('run when the object is gone, newest first at one byte, also on interior pointers', () => {
    const decider = new Decider(quiet, null);
    const object = node(decider, 0);
    for (const [offset, fn] of [
      [0, 1],
      [40, 2],
      [0, 3],
      [8, 4],
    ]) {
      decider.specials.addCleanup(object, offset, fn, 0);
    }
    decider.collect();
    expect(runDue(decider)).toEqual([]);
    decider.storeRoot(0, 0);
    decider.collect();
    expect(alive(decider, object)).toBe(false);
    expect(runDue(decider)).toEqual([3, 1, 4, 2]);
    expect(decider.world.scalars[SCALAR.cleanupsExecuted]).toBe(4);
  });

  it('keep their argument and closure, until they have returned, and nothing of the object', () => {
    const decider = new Decider(quiet, null);
    const object = node(decider, 0);
    const child = node(decider, 1);
    const argument = node(decider, 2);
    const closure = node(decider, 3);
    decider.storePointer(object, 0, child);
    decider.specials.addCleanup(object, 0, 1, argument, closure);
    for (const root of [0, 1, 2, 3]) decider.storeRoot(root, 0);
    decider.collect();
    expect([object, child].map((o) => alive(decider, o))).toEqual([false, false]);
    const due = decider.specials.takeCleanup();
    expect(due).toEqual({ id: 1, fn: 1, arg: argument, closure });
    decider.collect();
    expect([argument, closure].map((o) => alive(decider, o))).toEqual([true, true]);
    decider.specials.cleanupReturned(1);
    decider.collect();
    expect([argument, closure].map((o) => alive(decider, o))).toEqual([false, false]);
  });

  it('wait for the last finalizer, and for the object to die for good', () => {
    const decider = new Decider(quiet, null);
    const object = node(decider, 0);
    decider.specials.addCleanup(object, 0, 1, 0);
    decider.specials.setFinalizer(object, 0, 2, 0);
    decider.storeRoot(0, 0);
    for (let again = 0; again < 2; again += 1) {
      decider.collect();
      expect(runDue(decider)).toEqual([]);
      expect(decider.specials.takeFinalizer()?.object).toBe(object);
      if (again === 0) decider.specials.setFinalizer(object, 0, 2, 0);
      decider.specials.finalizerReturned();
    }
    decider.collect();
    expect(runDue(decider)).toEqual([1]);
  });

  it('that are stopped do not run, but once queued they cannot be stopped', () => {
    const decider = new Decider(quiet, null);
    const object = node(decider, 0);
    const first = decider.specials.addCleanup(object, 0, 1, 0);
    const second = decider.specials.addCleanup(object, 0, 2, 0);
    expect(decider.specials.stopCleanup(first)).toBe(true);
    expect(decider.specials.stopCleanup(first)).toBe(false);
    decider.storeRoot(0, 0);
    decider.collect();
    expect(decider.specials.stopCleanup(second)).toBe(false);
    expect(runDue(decider)).toEqual([2]);
  });

  it('run in blocks: the last block first, each from its beginning, several at once', () => {
    const decider = new Decider(quiet, null);
    const count = CLEANUP_BLOCK + 3;
    for (let i = 0; i < count; i += 1) {
      decider.specials.addCleanup(node(decider, 0), 0, i, 0);
    }
    decider.storeRoot(0, 0);
    decider.collect();
    const { scalars } = decider.world;
    expect(scalars[SCALAR.cleanupsQueued]).toBe(count);
    const last = decider.specials.takeCleanup(0);
    const first = decider.specials.takeCleanup(1);
    expect([last?.fn, first?.fn]).toEqual([CLEANUP_BLOCK, 0]);
    decider.specials.cleanupReturned(last?.id ?? 0);
    expect(runDue(decider)).toEqual([CLEANUP_BLOCK + 1, CLEANUP_BLOCK + 2]);
    expect(scalars[SCALAR.cleanupsExecuted]).toBe(3);
    expect(heapProblems(decider.world)).toEqual([]);
  });

  it('are poured together at the end of a sweep that queued some, and of no other', () => {
    let poured = 0;
    const decider = new Decider(configWith({ gcPercent: -1, procs: 3 }), null, (_, tag) => {
      if (tag === EVENTS.CleanupsFlushed.tag) poured += 1;
    });
    const seen: number[] = [];
    for (const cleanups of [0, 1, 0, 2, 0, 0]) {
      decider.switchProc(cleanups, 0);
      for (let i = 0; i < cleanups; i += 1) decider.specials.addCleanup(node(decider, 0), 0, i, 0);
      decider.storeRoot(0, 0);
      decider.collect();
      seen.push(poured);
    }
    expect(seen).toEqual([0, 1, 1, 2, 2, 2]);
  });

  it('of several Ps are poured together at the end of the sweep', () => {
    const flushed = (...lengths: number[]): number[][] => {
      const world = new World();
      let next = 1;
      lengths.forEach((length, p) => {
        for (let i = 0; i < length; i += 1) world.specials.local(p).push(next + i);
        next += length;
      });
      cleanupsFlushed(world);
      return world.specials.cleanupBlocks.map((block) => [...block]);
    };
    const run = (from: number, to: number): number[] =>
      Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(flushed(0, 3, 0, 2)).toEqual([run(1, 5)]);
    expect(flushed(15, 10)).toEqual([[...run(1, 15), ...run(21, 25)], run(16, 20)]);
    expect(flushed(15, 5, 4)).toEqual([run(1, 20), run(21, 24)]);
    expect(flushed(0, 0)).toEqual([]);
  });
});

describe('weak handles', () => {
  it('go nil before the finalizer is due, and a new one is another', () => {
    const decider = new Decider(quiet, null);
    const object = node(decider, 0);
    const handle = node(decider, 1, 16);
    decider.specials.weakHandle(object, 8, handle);
    expect([0, 8].map((at) => decider.specials.weakHandleOf(object, at))).toEqual([0, handle]);
    expect(() => decider.specials.weakHandle(object, 8, handle)).toThrow('already');
    decider.specials.setFinalizer(object, 0, 1, 0);
    decider.collect();
    expect(decider.specials.weakLoad(handle)).toBe(object);
    decider.storeRoot(0, 0);
    decider.collect();
    expect(decider.specials.weakLoad(handle)).toBe(0);
    expect(decider.specials.takeFinalizer()?.object).toBe(object);
    expect(decider.specials.weakHandleOf(object, 8)).toBe(0);
    const other = node(decider, 2, 16);
    decider.specials.weakHandle(object, 8, other);
    decider.specials.finalizerReturned();
    expect(decider.specials.weakLoad(other)).toBe(object);
    decider.collect();
    expect([handle, other].map((h) => decider.specials.weakLoad(h))).toEqual([0, 0]);
  });

  it('live with their object though nobody holds them, and do not keep it', () => {
    const decider = new Decider(quiet, null);
    const object = node(decider, 0);
    const handle = node(decider, 1, 16);
    decider.specials.weakHandle(object, 0, handle);
    decider.storeRoot(1, 0);
    decider.collect();
    expect(alive(decider, handle)).toBe(true);
    decider.storeRoot(0, 0);
    decider.collect();
    decider.collect();
    expect([object, handle].map((o) => alive(decider, o))).toEqual([false, false]);
  });
});

/** A decider in the middle of marking, with much left to mark. */
function marking(prepare: (decider: Decider) => void): Decider {
  const costs = { ...DEFAULT_COSTS, markNsPerByte: 20 };
  let scanned = 0;
  const decider = new Decider(configWith({ gcPercent: 1, costs }), null, (_, tag) => {
    if (tag === EVENTS.ObjectBlackened.tag) scanned += 1;
  });
  decider.setMarkDetail(true);
  prepare(decider);
  const site = decider.defineSite(32_000, 32_000, false, 'large');
  const { scalars } = decider.world;
  for (let i = 0; scalars[SCALAR.gcphase] === 0; i += 1) {
    const large = decider.allocate(site);
    decider.storePointer(large, 3999, large);
    decider.storeRoot(100 + i, large);
  }
  // Objects are scanned only when all root jobs have been done.
  for (let i = 0; i < 1e5 && scanned === 0; i += 1) decider.run(1000);
  expect(scalars[SCALAR.gcphase]).toBe(1);
  return decider;
}

describe('while marking', () => {
  it('an object loaded through its weak handle survives the cycle', () => {
    for (const load of [true, false]) {
      let object = 0;
      let handle = 0;
      const decider = marking((d) => {
        object = node(d, 0);
        handle = node(d, 1, 16);
        d.specials.weakHandle(object, 0, handle);
        d.storeRoot(0, 0);
      });
      if (load) expect(decider.specials.weakLoad(handle)).toBe(object);
      decider.finishMark();
      expect(decider.specials.weakLoad(handle)).toBe(load ? object : 0);
      expect(heapProblems(decider.world)).toEqual([]);
    }
  });

  it('a call that starts before it is due keeps its object', () => {
    let object = 0;
    let special = 0;
    const decider = marking((d) => {
      object = node(d, 0);
      d.specials.setFinalizer(object, 0, 1, 0);
      special = d.world.specials.count;
      d.storeRoot(0, 0);
    });
    expect(decider.specials.startFinalizer(special).object).toBe(object);
    decider.finishMark();
    expect(alive(decider, object)).toBe(true);
    decider.specials.finalizerReturned();
    decider.collect();
    decider.collect();
    expect(alive(decider, object)).toBe(false);
    expect(heapProblems(decider.world)).toEqual([]);
  });

  it('what a new special keeps survives the cycle', () => {
    const made = { object: 0, argument: 0, closure: 0, handle: 0 };
    const decider = marking((d) => {
      made.object = node(d, 0);
      made.argument = node(d, 1);
      made.closure = node(d, 2);
      made.handle = node(d, 3, 16);
      d.specials.addCleanup(made.object, 0, 1, 0);
      for (const root of [1, 2, 3]) d.storeRoot(root, 0);
    });
    decider.specials.addCleanup(made.object, 0, 1, made.argument);
    decider.specials.setFinalizer(made.object, 0, 1, made.closure);
    decider.specials.weakHandle(made.object, 0, made.handle);
    expect(heapProblems(decider.world)).toEqual([]);
    decider.finishMark();
    for (const object of Object.values(made)) expect(alive(decider, object)).toBe(true);
    expect(heapProblems(decider.world)).toEqual([]);
  });
});

describe('pools', () => {
  it('lose their primary cache to the victim in one cycle, and that in the next', () => {
    const decider = new Decider(quiet, null);
    decider.specials.registerPool(10, 11);
    const cached = node(decider, 10);
    decider.collect();
    const { roots, objects } = decider.world;
    expect([roots[10], roots[11]]).toEqual([0, objects.wordOf(cached) + 1]);
    expect(alive(decider, cached)).toBe(true);
    decider.collect();
    expect([roots[10], roots[11]]).toEqual([0, 0]);
    expect(alive(decider, cached)).toBe(false);
  });
});

describe('the same program under other settings', () => {
  const config = (gcPercent: number) => configWith({ gcPercent });
  const program: readonly Operation[] = [
    ['chain', 2, 1, 1],
    ['many', 20, 1, 1],
    ['gc', 0, 0, 0],
    ['quick', 4, 3, 0],
    ['startCleanup', 0, 0, 0],
    ['endCleanup', 0, 0, 0],
    ['gc', 0, 0, 0],
    ['quick', 1, 0, 0],
  ];

  it('makes the calls that it made', () => {
    const tape = recordSpecials(config(-1), program);
    const again = decideAgain(tape, config(1));
    expect(again.segments.length).toBe(tape.segments.length);
  });

  it('also those that are not due there', () => {
    const decider = new Decider(quiet, null);
    const object = node(decider, 0);
    const argument = node(decider, 1);
    decider.specials.setFinalizer(object, 0, 1, 0);
    decider.specials.addCleanup(object, 0, 2, argument);
    for (const root of [0, 1]) decider.storeRoot(root, 0);
    expect(decider.specials.startFinalizer(1)).toEqual({ object, offset: 0, fn: 1, closure: 0 });
    decider.specials.setFinalizer(object, 0, 3, 0);
    decider.specials.finalizerReturned();
    expect(decider.specials.startCleanup(0, 2).arg).toBe(argument);
    decider.specials.cleanupReturned(2);
    expect(() => decider.specials.startFinalizer(1)).toThrow('has run');
    expect(() => decider.specials.startCleanup(0, 2)).toThrow('has run');
    decider.collect();
    expect(decider.specials.takeFinalizer()?.fn).toBe(3);
    expect(decider.specials.takeCleanup()).toBeNull();
    expect(heapProblems(decider.world)).toEqual([]);
  });

  it('cannot go on where a weak load gives something else', () => {
    const decider = new Decider(quiet, null);
    const object = node(decider, 0);
    const handle = node(decider, 1, 16);
    decider.specials.weakHandle(object, 0, handle);
    expect(() => decider.specials.weakLoadAs(handle, 0)).toThrow(`leads to #${object}`);
    decider.storeRoot(0, 0);
    decider.collect();
    expect(() => decider.specials.weakLoadAs(handle, object)).toThrow('leads to #0');
  });
});
