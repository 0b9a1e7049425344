import { describe, expect, it } from 'vitest';
import { heapProblems } from '../heap/check.ts';
import { SCALAR } from '../heap/scalars.ts';
import { GoFatal } from './errors.ts';
import { GO } from './gotypes.ts';
import type { Obj } from './heap.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { GoType } from './types.ts';

const T: GoType = { name: 'main.T', size: 32, pointers: [0, 1] };
const quiet = (): Runtime => createRuntime({ gogc: 'off', procs: 1 });

function cycles(rt: Runtime, count: number): void {
  for (let i = 0; i < count; i += 1) {
    rt.GC();
    rt.idle();
  }
}

/** Slots that `act` takes, by size. */
function allocated(rt: Runtime, act: () => unknown): Record<number, number> {
  const before = rt.ReadMemStats();
  act();
  const found: Record<number, number> = {};
  rt.ReadMemStats().BySize.forEach(({ Size, Mallocs }, i) => {
    const more = Mallocs - before.BySize[i].Mallocs;
    if (more > 0) found[Size] = more;
  });
  return found;
}

describe('weak pointers', () => {
  it('lead to their object as long as it lives', () => {
    const rt = quiet();
    const object = rt.new(T);
    rt.global('o').set(object);
    const weak = rt.weak.Make(object);
    rt.GC();
    expect(weak.Value()).toBe(object);
    rt.global('o').set(null);
    rt.GC();
    expect(weak.Value()).toBeNull();
    cycles(rt, 1);
    expect(weak.Value()).toBeNull();
    expect(rt.ReadMemStats().HeapObjects).toBe(0);
  });

  it('are equal when made from the same address, even after its death', () => {
    const rt = quiet();
    const object = rt.new(T);
    rt.global('o').set(object);
    const a = rt.weak.Make(object);
    rt.global('handle').set(a.handle);
    const b = rt.weak.Make(object);
    const inside = rt.weak.Make(rt.pointerTo(object, 8, GO.int));
    expect([a.equals(b), a.equals(inside), b.equals(a)]).toEqual([true, false, true]);
    rt.global('o').set(null);
    cycles(rt, 1);
    expect([a.Value(), b.Value(), inside.Value(), a.equals(b)]).toEqual([null, null, null, true]);
    const zero = rt.weak.Make(null);
    expect([zero.Value(), zero.equals(rt.weak.Make(rt.nil(T))), zero.equals(a)]).toEqual([
      null,
      true,
      false,
    ]);
  });

  it('are nil before the finalizer runs, for good, and new ones are others', () => {
    const rt = quiet();
    const object = rt.new(T);
    const slot = rt.global('saved');
    slot.set(object);
    const weak = rt.weak.Make(object);
    rt.global('handle').set(weak.handle);
    const seen: unknown[] = [];
    rt.SetFinalizer(object, (x: Obj) => {
      seen.push(weak.Value());
      slot.set(x);
    });
    slot.set(null);
    rt.GC();
    expect(weak.Value()).toBeNull();
    rt.idle();
    expect(seen).toEqual([null]);
    const again = rt.weak.Make(object);
    expect([again.Value(), weak.Value(), again.equals(weak)]).toEqual([object, null, false]);
  });

  it('keep their object alive from the moment it is loaded, while marking', () => {
    const rt = createRuntime({ gogc: 100, procs: 4 });
    const slot = rt.global('o');
    slot.set(rt.new(T));
    const weak = rt.weak.Make(slot.get() as Obj);
    let loads = 0;
    for (let i = 0; i < 20_000; i += 1) {
      rt.make(GO.int, 100);
      const value = weak.Value();
      if (value === null) break;
      slot.set(value as Obj);
      slot.set(null);
      loads += 1;
    }
    // The object goes with the first cycle that nobody loads it in.
    expect(loads).toBeGreaterThan(1000);
    expect(rt.ReadMemStats().NumGC).toBeGreaterThan(0);
    expect(heapProblems(rt.world)).toEqual([]);
  });

  it('to what lies outside the heap never become nil', () => {
    const rt = quiet();
    const global = rt.addressOf(rt.global('g'), T);
    const weak = rt.weak.Make(global);
    const empty = rt.weak.Make(rt.new({ name: 'struct {}', size: 0 }));
    cycles(rt, 2);
    expect(weak.Value()).toBe(global);
    expect(empty.Value()).not.toBeNull();
    expect(weak.equals(rt.weak.Make(rt.addressOf(rt.global('g'), T)))).toBe(true);
    expect(weak.equals(empty)).toBe(false);
    const local = rt.addressOf(rt.main.slot(), T);
    expect(() => rt.weak.Make(local)).toThrow(new GoFatal('addspecial on invalid pointer'));
    expect(() => rt.weak.Make(quiet().new(T))).toThrow(/another runtime/);
  });

  it('are equal outside the heap when made from the same variable, or from nil', () => {
    const rt = quiet();
    const other = quiet();
    const make = (): [string, ReturnType<Runtime['weak']['Make']>][] => [
      ['nil', rt.weak.Make(null)],
      ['nil', rt.weak.Make(rt.nil(T))],
      ['nil', other.weak.Make(null)],
      ['zero', rt.weak.Make(rt.new({ name: 'struct {}', size: 0 }))],
      ['zero', rt.weak.Make(rt.new({ name: 'main.E', size: 0 }))],
      ['g', rt.weak.Make(rt.addressOf(rt.global('g'), T))],
      ['g', rt.weak.Make(rt.addressOf(rt.global('g'), T))],
      ['h', rt.weak.Make(rt.addressOf(rt.global('h'), T))],
      ['other g', other.weak.Make(other.addressOf(other.global('g'), T))],
    ];
    const all = [...make(), ...make()];
    for (const [name, weak] of all) {
      for (const [another, its] of all) expect(weak.equals(its)).toBe(name === another);
      expect(weak.Value() === null).toBe(name === 'nil');
    }
  });

  it('of two runtimes are never equal', () => {
    const [a, b] = [quiet(), quiet()].map((rt) => {
      const object = rt.new(T);
      rt.global('o').set(object);
      return rt.weak.Make(object);
    });
    expect(a.handle?.id).toBe(b.handle?.id);
    expect([a.equals(b), a.equals(a)]).toEqual([false, true]);
  });

  it('are keys of maps, and as values keep their handle', () => {
    const rt = quiet();
    const type: GoType = { name: 'weak.Pointer[main.T]', size: 8, pointers: [0] };
    const map = rt.makeMap(type, GO.int);
    rt.global('m').set(map.object);
    const objects = ['a', 'b'].map((name) => {
      const object = rt.new(T);
      rt.global(name).set(object);
      return object;
    });
    const outside = [
      null,
      rt.addressOf(rt.global('g'), T),
      rt.addressOf(rt.global('h'), T),
      rt.new({ name: 'struct {}', size: 0 }),
    ];
    const targets = [...objects, ...outside];
    targets.forEach((target, i) => {
      map.set(rt.weak.Make(target), i);
    });
    expect(targets.map((target) => map.get(rt.weak.Make(target)))).toEqual([0, 1, 2, 3, 4, 5]);
    const weak = rt.weak.Make(objects[0]);
    const { handle } = weak;
    rt.global('a').set(null);
    cycles(rt, 3);
    rt.KeepAlive(handle);
    expect([weak.Value(), map.get(weak)]).toEqual([null, 0]);
    rt.global('m').set(null);
    cycles(rt, 1);
    expect(() => rt.KeepAlive(handle)).toThrow(/has been collected/);
  });

  it('whose handle is gone are nil without asking', () => {
    const rt = quiet();
    const weak = rt.weak.Make(rt.new(T));
    cycles(rt, 2);
    const { seq } = SCALAR;
    const before = rt.world.scalars[seq];
    expect(weak.Value()).toBeNull();
    expect(rt.world.scalars[seq]).toBe(before);
  });

  it('have one handle of 16 bytes an address', () => {
    const rt = quiet();
    const object = rt.new(T);
    rt.global('o').set(object);
    expect(allocated(rt, () => rt.weak.Make(object))).toEqual({ 16: 1 });
    expect(allocated(rt, () => rt.weak.Make(object))).toEqual({});
  });
});

describe('unique handles', () => {
  it('are equal exactly when their values are', () => {
    const rt = quiet();
    const a = rt.unique.Make('a');
    rt.global('a').set(a.object);
    const b = rt.unique.Make('b');
    rt.global('b').set(b.object);
    expect([a.equals(rt.unique.Make('a')), a.equals(b), a.Value()]).toEqual([true, false, 'a']);
    const one = rt.unique.Make(1);
    rt.global('one').set(one.object);
    expect(one.equals(rt.unique.Make(1))).toBe(true);
    expect(one.equals(rt.unique.Make(true))).toBe(false);
    expect(rt.unique.Make(null).equals(rt.unique.Make(null))).toBe(true);
    const pair: GoType = { name: 'main.pair', size: 16, pointers: [] };
    const first = rt.unique.Make([1, 2], pair);
    rt.global('pair').set(first.object);
    expect(first.equals(rt.unique.Make([1, 2], pair))).toBe(true);
    expect(first.equals(rt.unique.Make([2, 1], pair))).toBe(false);
  });

  it('share their value while one is left; then value and entry go', () => {
    const rt = quiet();
    const first = rt.unique.Make('some text');
    rt.global('h').set(first.object);
    cycles(rt, 2);
    const full = rt.ReadMemStats().HeapObjects;
    expect(rt.unique.Make('some text').object?.address).toBe(first.object?.address);
    rt.global('h').set(null);
    cycles(rt, 3);
    // The map's root stays.
    expect(rt.ReadMemStats().HeapObjects).toBe(1);
    // Bytes, copy, weak handle, entry, cleanup's closure, box and adapter, and the map's root.
    expect(full).toBe(8);
    const second = rt.unique.Make('some text');
    expect(second.Value()).toBe('some text');
  });

  it('survive many values in one chain', () => {
    const rt = createRuntime({ gogc: 50, procs: 4 });
    const kept = new Map<number, Obj | null>();
    for (let i = 0; i < 500; i += 1) {
      const { object } = rt.unique.Make(i);
      if (i % 7 === 0) {
        rt.global(`g${i}`).set(object);
        kept.set(i, object);
      }
      if (i % 100 === 0) cycles(rt, 1);
    }
    cycles(rt, 3);
    for (const [value, object] of kept) {
      expect(rt.unique.Make(value).object?.address).toBe(object?.address);
    }
    expect(heapProblems(rt.world)).toEqual([]);
    const live = rt.ReadMemStats().HeapObjects;
    for (const value of kept.keys()) rt.global(`g${value}`).set(null);
    cycles(rt, 3);
    expect(live).toBeGreaterThan(kept.size * 5);
    expect(rt.ReadMemStats().HeapObjects).toBe(1);
  });

  it('take the memory that Go gives them', () => {
    // Slots as MemStats.BySize of go1.26.8 linux/amd64 counted them, the map being there.
    const rt = quiet();
    rt.unique.Make(0);
    rt.unique.Make('0');
    expect(allocated(rt, () => rt.unique.Make(1))).toEqual({ 16: 4, 32: 1, 48: 1 });
    expect(allocated(rt, () => rt.unique.Make('abc'))).toEqual({ 16: 5, 32: 1, 48: 1 });
  });
});
