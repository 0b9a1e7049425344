import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapProblems } from '../heap/check.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { GoPanic } from './errors.ts';
import { GO } from './gotypes.ts';
import type { Obj } from './heap.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { Go } from './task.ts';
import type { GoType } from './types.ts';
import type { GoValue } from './values.ts';

const T: GoType = { name: 'main.T', size: 32, pointers: [0, 1] };
const nothing = (): void => undefined;
const quiet = (procs = 2): Runtime => createRuntime({ gogc: 'off', procs });

function panics(rt: Runtime, text: string, act: () => unknown): void {
  rt.idle();
  const before = new WorldHasher().hash(rt.world);
  expect(act).toThrow(new GoPanic(`runtime.AddCleanup: ${text}`));
  expect(new WorldHasher().hash(rt.world)).toBe(before);
}

function cycles(rt: Runtime, count: number): void {
  for (let i = 0; i < count; i += 1) {
    rt.GC();
    rt.idle();
  }
}

describe('AddCleanup refuses what Go refuses', () => {
  it('in its order, with its texts', () => {
    const rt = quiet();
    const object = rt.new(T);
    rt.global('o').set(object);
    panics(rt, 'ptr is nil', () => rt.AddCleanup(null, nothing, 0));
    panics(rt, 'ptr is nil', () => rt.AddCleanup(rt.nil(T), nothing, 0));
    panics(rt, 'ptr is equal to arg, cleanup will never run', () =>
      rt.AddCleanup(object, nothing, object),
    );
    const local = rt.addressOf(rt.main.slot(), T);
    panics(rt, 'ptr not in allocated block', () => rt.AddCleanup(local, nothing, 0));
    const inside = rt.pointerTo(object, 8, GO.int);
    panics(rt, 'ptr is within arg, cleanup will never run', () =>
      rt.AddCleanup(object, nothing, inside),
    );
    panics(rt, 'ptr is within arg, cleanup will never run', () =>
      rt.AddCleanup(inside, nothing, object),
    );
    const closing = rt.func({ params: ['int'], captures: [inside] }, nothing);
    rt.global('f').set(closing.closure);
    panics(rt, 'cleanup function closes over ptr, cleanup will never run', () =>
      rt.AddCleanup(object, closing, 0),
    );
    const foreign = quiet().new(T);
    expect(() => rt.AddCleanup(foreign, nothing, 0)).toThrow(/another runtime/);
    expect(() => rt.AddCleanup(object, nothing, foreign)).toThrow(/another runtime/);
  });

  it('but not parts of one tiny block', () => {
    const rt = quiet(1);
    const a = rt.new(GO.int32);
    rt.global('a').set(a);
    const b = rt.new(GO.int32);
    expect(b.id).toBe(a.id);
    expect(() => rt.AddCleanup(a, nothing, b)).not.toThrow();
  });

  it('and ignores what lies outside the heap', () => {
    const rt = quiet();
    rt.AddCleanup(rt.addressOf(rt.global('g'), T), nothing, 1).Stop();
    rt.AddCleanup(rt.new({ name: 'struct {}', size: 0 }), nothing, 1).Stop();
    cycles(rt, 1);
    expect(rt.ReadMemStats().HeapObjects).toBe(0);
  });
});

describe('cleanups', () => {
  it('run with their argument once the object is gone, however often it is tried', () => {
    const rt = quiet();
    const log: GoValue[] = [];
    const object = rt.new(T);
    rt.global('o').set(object);
    for (const value of [1, 'two', true]) {
      rt.AddCleanup(object, (arg: GoValue) => log.push(arg), value);
    }
    const inside = rt.pointerTo(object, 8, GO.int);
    rt.AddCleanup(inside, (arg: GoValue) => log.push(arg), 4);
    cycles(rt, 2);
    expect(log).toEqual([]);
    rt.global('o').set(null);
    rt.GC();
    rt.Gosched();
    expect(log.length).toBe(4);
    expect(new Set(log)).toEqual(new Set([1, 'two', true, 4]));
    expect(() => rt.KeepAlive(object)).toThrow(/has been collected/);
    cycles(rt, 2);
    expect(log.length).toBe(4);
    expect(rt.ReadMemStats().HeapObjects).toBe(0);
    expect(rt.NumGoroutine()).toBe(1);
  });

  it('keep their argument and closure alive, and not the object', () => {
    const rt = quiet();
    const seen: string[] = [];
    const arg = rt.new(T);
    rt.global('arg').set(arg);
    const captured = rt.new(T);
    rt.global('captured').set(captured);
    const object = rt.new(T);
    rt.global('o').set(object);
    const fn = rt.func({ params: ['*main.T'], captures: [captured] }, (x: Obj) => {
      rt.KeepAlive(x);
      rt.KeepAlive(captured);
      seen.push(x.layout.name);
    });
    rt.AddCleanup(object, fn, arg);
    for (const name of ['arg', 'captured', 'o']) rt.global(name).set(null);
    cycles(rt, 1);
    expect(seen).toEqual(['main.T']);
    cycles(rt, 1);
    expect(rt.ReadMemStats().HeapObjects).toBe(0);
  });

  it('run for cycles of objects, where finalizers never do', () => {
    const rt = quiet();
    let ran = 0;
    const a = rt.new(T);
    rt.global('a').set(a);
    const b = rt.new(T);
    a.set(0, b);
    b.set(0, a);
    rt.AddCleanup(a, () => (ran += 1), null);
    rt.global('a').set(null);
    cycles(rt, 1);
    expect(ran).toBe(1);
  });

  it('come after the last finalizer', () => {
    const rt = quiet();
    const log: string[] = [];
    const object = rt.new(T);
    rt.AddCleanup(object, () => log.push('cleanup'), null);
    rt.SetFinalizer(object, () => log.push('finalizer'));
    cycles(rt, 1);
    expect(log).toEqual(['finalizer']);
    cycles(rt, 1);
    expect(log).toEqual(['finalizer', 'cleanup']);
  });

  it('can be stopped until they are due', () => {
    const rt = quiet();
    const log: number[] = [];
    const object = rt.new(T);
    rt.global('o').set(object);
    const stopped = rt.AddCleanup(object, (n: number) => log.push(n), 1);
    const late = rt.AddCleanup(object, (n: number) => log.push(n), 2);
    stopped.Stop();
    stopped.Stop();
    rt.global('o').set(null);
    rt.GC();
    late.Stop();
    rt.idle();
    expect(log).toEqual([2]);
  });

  it('run concurrently, on a quarter of the Ps', () => {
    const most = (procs: number): number => {
      const rt = quiet(procs);
      let running = 0;
      let peak = 0;
      const gate = rt.newWaitGroup();
      gate.add(1);
      function* blocked(): Go {
        running += 1;
        peak = Math.max(peak, running);
        yield* gate.wait();
      }
      // A block holds 20: enough of them for every goroutine, once later calls have created them.
      for (let round = 0; round < 4; round += 1) {
        for (let i = 0; i < 200; i += 1) rt.AddCleanup(rt.new(T), blocked, i);
        cycles(rt, 1);
      }
      return peak;
    };
    expect([1, 4, 8, 16].map(most)).toEqual([1, 1, 2, 4]);
  });

  it('take the memory that Go gives them', () => {
    // Slots as MemStats.BySize of go1.26.8 linux/amd64 counted them.
    const sizes = (arg: (rt: Runtime) => GoValue): Record<number, number> => {
      const rt = quiet(1);
      const object = rt.new(T);
      rt.global('o').set(object);
      const value = arg(rt);
      const before = rt.ReadMemStats();
      rt.AddCleanup(object, nothing, value);
      const found: Record<number, number> = {};
      rt.ReadMemStats().BySize.forEach(({ Size, Mallocs }, i) => {
        const more = Mallocs - before.BySize[i].Mallocs;
        if (more > 0) found[Size] = more;
      });
      return found;
    };
    expect(sizes(() => 5)).toEqual({ 16: 2 });
    expect(sizes(() => null)).toEqual({ 16: 2 });
    expect(sizes(() => 'x')).toEqual({ 16: 2 });
    const other = (rt: Runtime): Obj => {
      const object = rt.new(T);
      rt.global('arg').set(object);
      return object;
    };
    expect(sizes(other)).toEqual({ 8: 1, 16: 1 });
  });

  it('all run, exactly once, whatever the program does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 }), { maxLength: 60 }), fc.nat(), (choices, seed) => {
        const rt = createRuntime({ gogc: 50, procs: 4, seed });
        const log: number[] = [];
        const slots = [0, 1, 2].map((i) => rt.global(`s${i}`));
        let added = 0;
        for (const [i, choice] of choices.entries()) {
          const slot = slots[choice % 3];
          const object = slot.get();
          if (choice < 3) slot.set(rt.new(T));
          else if (choice < 6 && object !== null) {
            rt.AddCleanup(object, (n: number) => log.push(n), i);
            added += 1;
          } else if (choice === 6) rt.GC();
          else if (choice === 7) slot.set(null);
          else if (choice === 8) rt.run(50_000);
          else rt.make(GO.int, 200_000);
        }
        for (const slot of slots) slot.set(null);
        cycles(rt, 2);
        expect(new Set(log).size).toBe(log.length);
        expect(log.length).toBe(added);
        expect(rt.ReadMemStats().HeapObjects).toBe(0);
        expect(heapProblems(rt.world)).toEqual([]);
      }),
      { seed: 42, numRuns: 40 },
    );
  });
});

describe('runtime.GC by a goroutine among others', () => {
  /** In which order 23 cleanups run, and how often another goroutine ran while the collection lasted. */
  function run23(collect: (rt: Runtime) => Go): { order: number[]; turns: number } {
    const rt = quiet(1);
    const order: number[] = [];
    let turns = 0;
    rt.start(function* main(g): Go {
      rt.go(function* other(): Go {
        for (;;) {
          turns += 1;
          yield;
        }
      });
      const slot = g.slot();
      for (let i = 0; i < 2000; i += 1) rt.new(T);
      for (let i = 0; i < 23; i += 1) {
        slot.set(rt.new(T));
        rt.AddCleanup(slot.get(), (n: GoValue) => void order.push(Number(n)), i);
      }
      slot.set(null);
      yield* collect(rt);
      const ran = turns;
      yield* rt.sleep(1_000_000);
      turns = ran;
    });
    return { order, turns };
  }

  it('gives them a turn after each span, and calls cleanups in an order that Go has too', () => {
    const inTurn = Array.from({ length: 23 }, (_, i) => i);
    const lastBlockFirst = [20, 21, 22, ...inTurn.slice(0, 20)];
    const among = run23((rt) => rt.collect());
    expect([inTurn, lastBlockFirst]).toContainEqual(among.order);
    expect(among.turns).toBeGreaterThan(2);
    const alone = run23((rt) => {
      rt.GC();
      return rt.sleep(0);
    });
    expect([inTurn, lastBlockFirst]).toContainEqual(alone.order);
    expect(alone.turns).toBe(0);
  });
});
