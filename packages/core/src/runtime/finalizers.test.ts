import { HeaptapeError } from '@heaptape/schema';
import { describe, expect, it } from 'vitest';
import { heapProblems } from '../heap/check.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { GoFatal } from './errors.ts';
import type { Goroutine } from './goroutines.ts';
import { GO } from './gotypes.ts';
import type { Obj } from './heap.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { Go } from './task.ts';
import type { GoType } from './types.ts';

const T: GoType = { name: 'main.T', size: 32, pointers: [0, 2] };
const M: GoType = { name: 'main.M', size: 16, pointers: [0], methods: ['Close', 'Read'] };
const BYTES: GoType = { name: '[64]uint8', size: 64 };

const quiet = (): Runtime => createRuntime({ gogc: 'off', procs: 2 });
const hash = (rt: Runtime): string => new WorldHasher().hash(rt.world);

/** The act is refused by Go with this text, and has changed nothing. */
function fatal(rt: Runtime, text: string, act: () => void): void {
  rt.idle();
  const before = hash(rt);
  expect(act).toThrow(GoFatal);
  expect(act).toThrow(new GoFatal(text));
  expect(hash(rt)).toBe(before);
}

/** Collects and lets finalizers run, so many times. */
function cycles(rt: Runtime, count: number): void {
  for (let i = 0; i < count; i += 1) {
    rt.GC();
    rt.idle();
  }
}

describe('SetFinalizer refuses what Go refuses, with its texts', () => {
  const prefix = 'runtime.SetFinalizer: ';
  const f = (): void => undefined;

  it.each([
    ['nil', null, 'first argument is nil'],
    ['nothing', undefined, 'first argument is nil'],
    ['an int', 5, 'first argument is int, not pointer'],
    ['a float64', 2.5, 'first argument is float64, not pointer'],
    ['a string', 'x', 'first argument is string, not pointer'],
    ['a bool', true, 'first argument is bool, not pointer'],
    ['a struct', { typeName: 'main.T' }, 'first argument is main.T, not pointer'],
  ])('rows 1 and 2: %s', (_, x, text) => {
    fatal(quiet(), prefix + text, () => quiet().SetFinalizer(x, f));
    const rt = quiet();
    fatal(rt, prefix + text, () => rt.SetFinalizer(x, f));
  });

  it('row 2: a slice, a map, a function', () => {
    const rt = quiet();
    const slice = rt.make(T, 2);
    fatal(rt, `${prefix}first argument is []main.T, not pointer`, () => rt.SetFinalizer(slice, f));
    const map = rt.makeMap(GO.string, GO.int);
    fatal(rt, `${prefix}first argument is map[string]int, not pointer`, () =>
      rt.SetFinalizer(map, f),
    );
    const fn = rt.func({ params: ['int'], results: ['error'] }, f);
    fatal(rt, `${prefix}first argument is func(int) error, not pointer`, () =>
      rt.SetFinalizer(fn, f),
    );
  });

  it('row 6: ignores zero-size objects and globals, whatever the second argument', () => {
    const rt = quiet();
    const before = hash(rt);
    rt.SetFinalizer(rt.new({ name: 'struct {}', size: 0 }), 5);
    const global = rt.global('main.g');
    rt.SetFinalizer(rt.addressOf(global, T), 'no function');
    expect(hash(rt)).toBe(before);
  });

  it('row 7: pointers that lead to no heap block', () => {
    const rt = quiet();
    const text = `${prefix}pointer not in allocated block`;
    fatal(rt, text, () => rt.SetFinalizer(rt.nil(T), f));
    const local = rt.main.slot();
    fatal(rt, text, () => rt.SetFinalizer(rt.addressOf(local, T), f));
  });

  it('row 8: interior pointers, unless they could be into a tiny block', () => {
    const rt = quiet();
    const object = rt.new(T);
    rt.global('o').set(object);
    const text = `${prefix}pointer not at beginning of allocated block`;
    const word = rt.pointerTo(object, 16, { name: '*main.T', size: 8, pointers: [0] });
    fatal(rt, text, () => rt.SetFinalizer(word, f));
    const bytes = rt.new(BYTES);
    rt.global('b').set(bytes);
    const half = rt.pointerTo(bytes, 16, { name: '[16]uint8', size: 16 });
    fatal(rt, text, () => rt.SetFinalizer(half, f));
    rt.SetFinalizer(rt.pointerTo(bytes, 17, GO.byte), f);
    expect(() => rt.pointerTo(bytes, 60, GO.int)).toThrow(HeaptapeError);
  });

  it('row 10: a second argument that is no function', () => {
    const rt = quiet();
    const object = rt.new(T);
    rt.global('o').set(object);
    fatal(rt, `${prefix}second argument is int, not a function`, () => rt.SetFinalizer(object, 5));
    fatal(rt, `${prefix}second argument is *main.T, not a function`, () =>
      rt.SetFinalizer(object, object),
    );
  });

  it('rows 11 to 13: functions that do not take the object', () => {
    const rt = quiet();
    const object = rt.new(T);
    rt.global('o').set(object);
    const cannot = (params: string[], name: string, variadic = false): void => {
      const tail = variadic ? ' because dotdotdot' : '';
      const text = `${prefix}cannot pass *main.T to finalizer ${name}${tail}`;
      fatal(rt, text, () => rt.SetFinalizer(object, rt.func({ params, variadic }, f)));
    };
    cannot(['[]*main.T'], 'func(...*main.T)', true);
    cannot(['int', '[]string'], 'func(int, ...string)', true);
    cannot([], 'func()');
    cannot(['*main.T', 'int'], 'func(*main.T, int)');
    cannot(['*main.S'], 'func(*main.S)');
    cannot(['main.T'], 'func(main.T)');
    cannot(['unsafe.Pointer'], 'func(unsafe.Pointer)');
    const closer = { name: 'main.Closer', methods: ['Close'] };
    const text = `${prefix}cannot pass *main.T to finalizer func(main.Closer)`;
    fatal(rt, text, () => rt.SetFinalizer(object, rt.func({ params: [closer] }, f)));
  });

  it('row 13: takes assignable pointer types and interfaces', () => {
    const rt = quiet();
    const named = { name: 'main.Tptr', pointerTo: 'main.T' };
    const closer = { name: 'io.Closer', methods: ['Close'] };
    const accept = (type: GoType, pointerName: string, param: unknown): void => {
      const object = rt.new(type);
      rt.global('o').set(object);
      const fn = rt.func({ params: [param as string] }, f);
      rt.SetFinalizer(pointerName === '' ? object : object.as(pointerName), fn);
    };
    accept(T, '', '*main.T');
    accept(T, '', named);
    accept(T, 'main.Tptr', '*main.T');
    accept(T, 'main.Tptr', named);
    accept(T, '', 'any');
    accept(T, 'main.Tptr', 'interface {}');
    accept(M, '', closer);
    const object = rt.new(M);
    rt.global('o').set(object);
    const other = { name: 'main.Other', pointerTo: 'main.M' };
    const tail = 'cannot pass main.Mptr to finalizer func';
    // Both have names or methods of their own; and a named pointer type has no methods.
    for (const param of ['*main.M', other, closer]) {
      const name = typeof param === 'string' ? param : param.name;
      fatal(rt, `${prefix}${tail}(${name})`, () =>
        rt.SetFinalizer(object.as('main.Mptr'), rt.func({ params: [param] }, f)),
      );
    }
  });

  it('row 14: a second finalizer', () => {
    const rt = quiet();
    const object = rt.new(T);
    rt.global('o').set(object);
    rt.SetFinalizer(object, f);
    fatal(rt, `${prefix}finalizer already set`, () => rt.SetFinalizer(object, f));
    rt.SetFinalizer(object, null);
    rt.SetFinalizer(object, f);
    rt.SetFinalizer(object, undefined);
    rt.SetFinalizer(object, f);
    rt.SetFinalizer(object, null);
    rt.SetFinalizer(object, null);
  });

  it('and objects of another process, or none any more', () => {
    const rt = quiet();
    const foreign = quiet().new(T);
    const gone = rt.new(T);
    rt.GC();
    const other = quiet();
    const closing = other.func({ params: ['any'], captures: [other.new(T)] }, f);
    rt.global('o').set(rt.new(T));
    const before = hash(rt);
    expect(() => rt.SetFinalizer(rt.global('o').get(), closing)).toThrow(/another runtime/);
    expect(() => rt.SetFinalizer(foreign, f)).toThrow(/belongs to another runtime/);
    expect(() => rt.SetFinalizer(gone, f)).toThrow(/has been collected/);
    expect(() => rt.KeepAlive(foreign)).toThrow(/belongs to another runtime/);
    expect(() => rt.global('x').set(foreign)).toThrow(/belongs to another runtime/);
    expect(hash(rt)).toBe(before);
  });
});

describe('finalizers', () => {
  it('run once, get their object, and the next cycle frees it', () => {
    const rt = quiet();
    const object = rt.new(T);
    rt.global('o').set(object);
    const got: Obj[] = [];
    rt.SetFinalizer(object, (x: Obj) => got.push(x));
    cycles(rt, 1);
    expect(got).toEqual([]);
    rt.global('o').set(null);
    rt.GC();
    expect(got).toEqual([]);
    rt.Gosched();
    expect(got.map((x) => x.address)).toEqual([object.address]);
    expect(rt.ReadMemStats().HeapObjects).toBe(1);
    cycles(rt, 2);
    expect(got.length).toBe(1);
    expect(rt.ReadMemStats().HeapObjects).toBe(0);
    expect(heapProblems(rt.world)).toEqual([]);
  });

  it('run in dependency order, a cycle each', () => {
    const rt = quiet();
    const slot = rt.main.slot();
    const log: string[] = [];
    for (const name of ['C', 'B', 'A']) {
      const object = rt.new(T);
      object.set(0, slot.get());
      slot.set(object);
      rt.SetFinalizer(object, () => log.push(name));
    }
    slot.set(null);
    const seen = [0, 1, 2, 3].map(() => {
      cycles(rt, 1);
      return log.join('');
    });
    expect(seen).toEqual(['A', 'AB', 'ABC', 'ABC']);
  });

  it('never run for a cycle of objects', () => {
    const rt = quiet();
    const a = rt.new(T);
    const slot = rt.main.slot();
    slot.set(a);
    a.set(0, rt.new(T));
    a.get(0)?.set(0, a);
    let ran = 0;
    rt.SetFinalizer(a, () => (ran += 1));
    slot.set(null);
    cycles(rt, 4);
    expect(ran).toBe(0);
    expect(rt.ReadMemStats().HeapObjects).toBe(2);
  });

  it('can resurrect and be set again', () => {
    const rt = quiet();
    const slot = rt.main.slot();
    const global = rt.global('saved');
    let ran = 0;
    const again = (x: Obj): void => {
      ran += 1;
      if (ran < 3) rt.SetFinalizer(x, again);
      if (ran === 1) global.set(x);
    };
    slot.set(rt.new(T));
    rt.SetFinalizer(slot.get(), again);
    slot.set(null);
    cycles(rt, 3);
    expect(ran).toBe(1);
    global.set(null);
    cycles(rt, 1);
    expect(ran).toBe(2);
    cycles(rt, 1);
    expect(ran).toBe(3);
    cycles(rt, 2);
    expect([ran, rt.ReadMemStats().HeapObjects]).toEqual([3, 0]);
  });

  it('of one sweep run last queued first', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const order: number[] = [];
    for (let i = 0; i < 250; i += 1) {
      rt.SetFinalizer(rt.new({ name: 'T', size: 64, pointers: [0] }), () => order.push(i));
    }
    cycles(rt, 1);
    expect(order.length).toBe(250);
    // Spans of 124 slots are swept one after the other, each from its first slot on.
    const span = (i: number): number => Math.floor(i / 124);
    const changes = order.filter((value, i) => i > 0 && span(value) !== span(order[i - 1]));
    expect(changes.length).toBe(2);
    for (const n of [0, 1]) {
      const within = order.filter((value) => span(value) === n);
      expect(within).toEqual(Array.from({ length: 124 }, (_, i) => n * 124 + 123 - i));
    }
  });

  it('keep what they close over alive until they have run', () => {
    const rt = quiet();
    const slot = rt.main.slot();
    slot.set(rt.new(T));
    const object = rt.new(T);
    rt.global('o').set(object);
    const captured = slot.get();
    if (captured === null) throw new Error('no object');
    let seen = '';
    const fn = rt.func({ params: ['*main.T'], captures: [captured] }, () => {
      rt.KeepAlive(captured);
      seen = captured.layout.name;
    });
    rt.SetFinalizer(object, fn);
    slot.set(null);
    rt.GC();
    expect(rt.ReadMemStats().HeapObjects).toBe(3);
    rt.global('o').set(null);
    cycles(rt, 1);
    expect(seen).toBe('main.T');
    cycles(rt, 1);
    expect(rt.ReadMemStats().HeapObjects).toBe(0);
    expect(() => rt.KeepAlive(captured)).toThrow(/has been collected/);
  });

  it('wait for one that blocks, on their one goroutine', () => {
    const rt = quiet();
    const gate = rt.makeChan(GO.int);
    rt.global('gate').set(gate.header);
    const log: string[] = [];
    rt.SetFinalizer(rt.new(T), () => log.push('later'));
    rt.SetFinalizer(rt.new(T), function* (): Go {
      log.push('waits');
      yield* gate.recv();
      log.push('goes on');
    });
    cycles(rt, 2);
    expect(log).toEqual(['waits']);
    expect(rt.NumGoroutine()).toBe(1);
    rt.wait(gate.send(1));
    rt.idle();
    expect(log).toEqual(['waits', 'goes on', 'later']);
  });

  it('can start goroutines and allocate', () => {
    const rt = quiet();
    const log: string[] = [];
    rt.SetFinalizer(rt.new(T), (x: Obj) => {
      rt.global('copy').set(rt.new(T));
      rt.go(function* (g: Goroutine): Go {
        log.push(`goroutine ${g.id}`);
        yield;
        log.push(x.layout.name);
      });
    });
    cycles(rt, 1);
    expect(log).toEqual([expect.stringMatching(/^goroutine \d+$/), 'main.T']);
    expect(rt.ReadMemStats().HeapObjects).toBe(2);
  });

  it('of parts of a tiny block run together, when the whole block is dead', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const log: string[] = [];
    const a = rt.new(GO.int32);
    rt.SetFinalizer(a, () => log.push('a'));
    const b = rt.new(GO.int32);
    rt.global('b').set(b);
    rt.SetFinalizer(b, () => log.push('b'));
    expect(b.address - a.address).toBe(4);
    cycles(rt, 3);
    expect(log).toEqual([]);
    rt.global('b').set(null);
    cycles(rt, 2);
    expect(log.sort()).toEqual(['a', 'b']);
  });

  it('that throw crash the program', () => {
    const rt = quiet();
    rt.SetFinalizer(rt.new(T), () => rt.panic('boom'));
    rt.GC();
    expect(() => rt.Gosched()).toThrow('panic: boom');
    expect(() => rt.Gosched()).toThrow(/the program has crashed/);
  });
});
