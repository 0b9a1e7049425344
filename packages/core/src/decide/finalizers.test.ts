import { EVENTS, HeaptapeError } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import type { RunConfig } from '../control.ts';
import { heapProblems } from '../heap/check.ts';
import { wordAlive } from '../heap/check_pointers.ts';
import { SCALAR } from '../heap/scalars.ts';
import { FINALIZER_BLOCK } from '../heap/specials.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { Decider } from './decider.ts';

/** A program with nodes of eight pointer words each, every one in a root of its own. */
class Nodes {
  readonly decider: Decider;
  readonly #node: number;

  constructor(config: Partial<RunConfig> = {}) {
    this.decider = new Decider(configWith({ gcPercent: -1, ...config }), null);
    this.#node = this.decider.defineSite(64, 64, false, 'node');
  }

  make(count: number): number[] {
    return Array.from({ length: count }, () => {
      const object = this.decider.allocate(this.#node);
      this.decider.storeRoot(object, object);
      return object;
    });
  }

  drop(...objects: number[]): void {
    for (const object of objects) this.decider.storeRoot(object, 0);
  }

  alive(object: number): boolean {
    const { world } = this.decider;
    return wordAlive(world, world.objects.wordOf(object));
  }

  /** Collects, and runs what is due: the functions that were called, in order. */
  collect(call: (object: number) => void = () => undefined): number[] {
    this.decider.collect();
    expect(heapProblems(this.decider.world)).toEqual([]);
    const ran: number[] = [];
    for (
      let due = this.decider.specials.takeFinalizer();
      due;
      due = this.decider.specials.takeFinalizer()
    ) {
      ran.push(due.fn);
      call(due.object);
      this.decider.specials.finalizerReturned();
    }
    return ran;
  }

  count(scalar: number): number {
    return this.decider.world.scalars[scalar];
  }
}

describe('finalizers', () => {
  it('run in order of dependency, one link of a chain a cycle', () => {
    const nodes = new Nodes();
    const [a, b, c] = nodes.make(3);
    nodes.decider.storePointer(a, 0, b);
    nodes.decider.storePointer(b, 3, c);
    for (const object of [c, a, b]) nodes.decider.specials.setFinalizer(object, 0, object, 0);
    expect(nodes.collect()).toEqual([]);
    nodes.drop(a, b, c);
    expect(nodes.collect()).toEqual([a]);
    expect([a, b, c].map((object) => nodes.alive(object))).toEqual([true, true, true]);
    expect(nodes.collect()).toEqual([b]);
    expect([a, b, c].map((object) => nodes.alive(object))).toEqual([false, true, true]);
    expect(nodes.collect()).toEqual([c]);
    expect(nodes.collect()).toEqual([]);
    expect([a, b, c].map((object) => nodes.alive(object))).toEqual([false, false, false]);
  });

  it('of one sweep run in the reverse order of their addresses', () => {
    const nodes = new Nodes();
    const objects = nodes.make(9);
    for (const object of objects) nodes.decider.specials.setFinalizer(object, 0, object, 0);
    nodes.drop(...objects);
    expect(nodes.collect()).toEqual(objects.reverse());
  });

  it('run while runtime.GC sweeps, if other goroutines get their turn', () => {
    const nodes = new Nodes();
    const { decider } = nodes;
    const objects = nodes.make(300);
    for (const object of objects) decider.specials.setFinalizer(object, 0, object, 0);
    nodes.drop(...objects);
    const ran: number[] = [];
    const turn = (): void => {
      for (
        let due = decider.specials.takeFinalizer();
        due;
        due = decider.specials.takeFinalizer()
      ) {
        ran.push(due.fn);
        decider.specials.finalizerReturned();
      }
    };
    decider.callGC();
    turn();
    while (decider.stepSweep()) turn();
    decider.waitSweep();
    expect(ran.length).toBe(objects.length);
    const bySpan = new Map<number, number[]>();
    for (const object of ran) {
      const page = decider.world.objects.wordOf(object) >> 10;
      bySpan.set(page, [...(bySpan.get(page) ?? []), object]);
    }
    expect([...bySpan.values()].flat()).toEqual(ran);
    for (const list of bySpan.values()) expect(list).toEqual([...list].sort((a, b) => b - a));
    expect(bySpan.size).toBe(3);
    expect(heapProblems(decider.world)).toEqual([]);
  });

  it('run for an object that points to itself, never for a longer cycle', () => {
    const nodes = new Nodes();
    const [self, a, b, c, closed, box] = nodes.make(6);
    nodes.decider.storePointer(self, 1, self);
    nodes.decider.storePointer(a, 1, b);
    nodes.decider.storePointer(b, 1, a);
    nodes.decider.storePointer(box, 0, closed);
    for (const object of [self, a, c]) nodes.decider.specials.setFinalizer(object, 0, object, 0);
    nodes.decider.specials.setFinalizer(closed, 0, closed, box);
    nodes.drop(self, a, b, c, closed, box);
    expect(nodes.collect()).toEqual([c, self]);
    for (let i = 0; i < 4; i += 1) expect(nodes.collect()).toEqual([]);
    expect([self, a, b, closed].map((o) => nodes.alive(o))).toEqual([false, true, true, true]);
  });

  it('of a large object are kept away by a pointer into another 128 KiB of it', () => {
    const nodes = new Nodes();
    const { decider } = nodes;
    const site = decider.defineSite(1 << 18, 1 << 18, false, 'large');
    const near = decider.allocate(site);
    decider.storeRoot(1000, near);
    const far = decider.allocate(site);
    decider.storeRoot(1001, far);
    decider.storePointer(near, 9, near);
    decider.storePointer(far, 20_000, far);
    decider.specials.setFinalizer(near, 0, 1, 0);
    decider.specials.setFinalizer(far, 0, 2, 0);
    nodes.drop(1000, 1001);
    expect(nodes.collect()).toEqual([1]);
    expect(nodes.collect()).toEqual([]);
  });

  it('see all that their object leads to; a pointer within one 128 KiB piece leads nowhere', () => {
    const place = fc.integer({ min: 0, max: 40_000 });
    const inside = fc.tuple(place, place);
    const program = fc.record({
      before: fc.integer({ min: 0, max: 20 }),
      children: fc.array(place, { maxLength: 4 }),
      inside: fc.array(inside, { maxLength: 2 }),
    });
    const words = 40_960;
    fc.assert(
      fc.property(program, ({ before, children, inside: own }) => {
        let scanned = 0;
        const found: number[] = [];
        const config = configWith({ gcPercent: -1, stackBytes: 0, globalsBytes: 0 });
        const decider = new Decider(config, null, (_, tag, args, at) => {
          if (tag === EVENTS.MarkAdvanced.tag) scanned += args[at];
          if (tag === EVENTS.FinalizerQueued.tag) found.push(args[at]);
        });
        const page = decider.defineSite(8192, 0, false, 'page');
        // The first object lies at the very beginning of the heap, the large one anywhere.
        const lost = [0, ...children].map(() => decider.allocate(page));
        for (let i = 0; i < before; i += 1) decider.allocate(page);
        const object = decider.allocate(decider.defineSite(words * 8, words * 8, false, 'large'));
        decider.storeRoot(0, object);
        const targets = new Map<number, number>();
        for (const [i, word] of [0, ...children].entries()) {
          decider.storePointer(object, word, lost[i]);
          targets.set(word, i);
        }
        let outside = false;
        for (const [from, to] of own) {
          if (targets.has(from)) continue;
          targets.set(from, -1);
          const t = decider.world;
          decider.storePointer(object, from, object);
          // A pointer to a word of it, as an interior pointer in Go.
          t.words[t.objects.wordOf(object) + from] += to;
          outside ||= Math.floor(from / 16_384) !== Math.floor(to / 16_384);
        }
        decider.specials.setFinalizer(object, 0, 1, 0);
        decider.storeRoot(0, 0);
        decider.collect();
        expect(found.length).toBe(outside ? 0 : 1);
        const kept = new Set([...targets.values()].filter((i) => i >= 0));
        const { world } = decider;
        lost.forEach((child, i) => {
          expect(wordAlive(world, world.objects.wordOf(child))).toBe(kept.has(i));
        });
        // Of each piece of 128 KiB the bytes up to its last pointer.
        const ends = new Map<number, number>();
        for (const word of [...targets.keys()].sort((a, b) => a - b)) {
          ends.set(Math.floor(word / 16_384), (word % 16_384) + 1);
        }
        const expected = [...ends.values()].reduce((sum, end) => sum + end * 8, 0);
        if (!outside) expect(scanned).toBe(expected);
      }),
      { seed: 42, numRuns: 30 },
    );
  });

  it('may bring their object back and set themselves again', () => {
    const nodes = new Nodes();
    const { decider } = nodes;
    const [object, child] = nodes.make(2);
    decider.storePointer(object, 0, child);
    decider.specials.setFinalizer(object, 0, 1, 0);
    nodes.drop(object, child);
    const again = (dead: number): void => {
      decider.storeRoot(0, dead);
      decider.specials.setFinalizer(dead, 0, 2, 0);
    };
    expect(nodes.collect(again)).toEqual([1]);
    expect(nodes.collect()).toEqual([]);
    expect(nodes.alive(child)).toBe(true);
    decider.storeRoot(0, 0);
    expect(nodes.collect(again)).toEqual([2]);
    decider.storeRoot(0, 0);
    expect(nodes.collect()).toEqual([2]);
    expect(nodes.alive(object)).toBe(true);
    expect(nodes.collect()).toEqual([]);
    expect(nodes.alive(object)).toBe(false);
    expect(nodes.count(SCALAR.finalizersQueued)).toBe(3);
    expect(nodes.count(SCALAR.finalizersExecuted)).toBe(3);
  });

  it('that are taken off do not run', () => {
    const nodes = new Nodes();
    const [object] = nodes.make(1);
    nodes.decider.specials.setFinalizer(object, 0, 1, 0);
    expect(nodes.decider.specials.clearFinalizer(object, 0)).toBe(true);
    expect(nodes.decider.specials.clearFinalizer(object, 0)).toBe(false);
    nodes.decider.specials.setFinalizer(object, 0, 2, 0);
    nodes.drop(object);
    expect(nodes.collect()).toEqual([2]);
  });

  it('of tiny objects in one block are due together, when the block dies', () => {
    const nodes = new Nodes();
    const { decider } = nodes;
    const block = decider.allocate(decider.defineSite(16, 0, false, 'tiny'));
    decider.storeRoot(0, block);
    for (const offset of [4, 0, 8, 12]) decider.specials.setFinalizer(block, offset, offset, 0);
    expect(nodes.collect()).toEqual([]);
    decider.storeRoot(0, 0);
    expect(nodes.collect()).toEqual([12, 8, 4, 0]);
    expect(nodes.collect()).toEqual([]);
    expect(nodes.alive(block)).toBe(false);
  });

  it('are roots while they wait and run, and one that blocks blocks the rest', () => {
    const nodes = new Nodes();
    const { decider } = nodes;
    const objects = nodes.make(3);
    for (const object of objects) decider.specials.setFinalizer(object, 0, object, 0);
    nodes.drop(...objects);
    decider.collect();
    expect(decider.specials.takeFinalizer()?.object).toBe(objects[2]);
    expect(() => decider.specials.takeFinalizer()).toThrow(HeaptapeError);
    for (let i = 0; i < 3; i += 1) decider.collect();
    expect(objects.map((object) => nodes.alive(object))).toEqual([true, true, true]);
    decider.specials.finalizerReturned();
    expect(nodes.collect()).toEqual([objects[1], objects[0]]);
    expect(nodes.collect()).toEqual([]);
    expect(objects.map((object) => nodes.alive(object))).toEqual([false, false, false]);
  });

  it('that are queued while others run wait until those are done', () => {
    const nodes = new Nodes();
    const { decider } = nodes;
    const [a, b, c, d] = nodes.make(4);
    for (const object of [a, b, c, d]) decider.specials.setFinalizer(object, 0, object, 0);
    nodes.drop(a, b);
    decider.collect();
    expect(decider.specials.takeFinalizer()?.fn).toBe(b);
    nodes.drop(c, d);
    decider.collect();
    decider.specials.finalizerReturned();
    expect(nodes.collect()).toEqual([a, d, c]);
  });

  it('count as executed block by block', () => {
    const nodes = new Nodes();
    const { decider } = nodes;
    const objects = nodes.make(FINALIZER_BLOCK + 5);
    for (const object of objects) decider.specials.setFinalizer(object, 0, object, 0);
    nodes.drop(...objects);
    decider.collect();
    const executed: number[] = [];
    while (decider.specials.takeFinalizer() !== null) {
      decider.specials.finalizerReturned();
      executed.push(nodes.count(SCALAR.finalizersExecuted));
    }
    expect(executed.slice(0, 6)).toEqual([0, 0, 0, 0, 5, 5]);
    expect(executed.slice(-2)).toEqual([5, objects.length]);
  });

  it('make their objects count as marked once more, if they hold pointers', () => {
    const nodes = new Nodes();
    const { decider } = nodes;
    const objects = nodes.make(100);
    const flat = decider.allocate(decider.defineSite(64, 0, false, 'flat'));
    decider.storeRoot(0, flat);
    decider.collect();
    const before = nodes.count(SCALAR.heapMarked);
    for (const object of [...objects, flat]) decider.specials.setFinalizer(object, 0, 1, 0);
    decider.collect();
    expect(nodes.count(SCALAR.heapMarked) - before).toBe(100 * 64);
  });

  it('refuse what makes no sense, and the state stays as it was', () => {
    const nodes = new Nodes();
    const { decider } = nodes;
    const [object, dead] = nodes.make(2);
    decider.specials.setFinalizer(object, 0, 1, 0);
    nodes.drop(dead);
    decider.collect();
    const hasher = new WorldHasher();
    const before = hasher.hash(decider.world);
    const commands = [
      () => decider.specials.setFinalizer(object, 0, 2, 0),
      () => decider.specials.setFinalizer(object, 64, 2, 0),
      () => decider.specials.setFinalizer(object, -1, 2, 0),
      () => decider.specials.setFinalizer(object, 0.5, 2, 0),
      () => decider.specials.setFinalizer(dead, 0, 2, 0),
      () => decider.specials.setFinalizer(0, 0, 2, 0),
      () => decider.specials.setFinalizer(object, 8, 2, 99),
      () => decider.specials.setFinalizer(object, 8, -2, 0),
      () => decider.specials.clearFinalizer(dead, 0),
      () => decider.specials.addCleanup(dead, 0, 1, 0),
      () => decider.specials.stopCleanup(1),
      () => decider.specials.stopCleanup(77),
      () => decider.specials.weakHandle(object, 0, 0),
      () => decider.specials.weakHandle(dead, 0, object),
      () => decider.specials.weakHandleOf(dead, 0),
      () => decider.specials.weakLoad(-1),
      () => decider.specials.registerPool(4, 4),
      () => decider.specials.startFinalizer(9),
      () => decider.specials.finalizerReturned(),
      () => decider.specials.takeCleanup(-1),
      () => decider.specials.startCleanup(0, 1),
      () => decider.specials.cleanupReturned(1),
    ];
    for (const command of commands) expect(command).toThrow(HeaptapeError);
    expect(hasher.hash(decider.world)).toBe(before);
  });
});
