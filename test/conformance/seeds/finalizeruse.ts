/**
 * Claims about using finalizers: what may be passed to SetFinalizer, what they are good for, what they
 * are not, and why they are discouraged. What is outside the process, files, is told in plain variables.
 */
import { GO, type Go, type Obj } from '@heaptape/core';
import { expect } from 'vitest';
import { type Kit, NODE, ON_OBJECT, typeOf } from '../kit.ts';
import { type Claims, OBJECT, OBJECT_SLOT, printed, realGo, simulate } from './claims.ts';

/** The fatal error that `act` ends its process with; null when it does not. */
const fatalOf = (act: (t: Kit) => void): string | null => simulate(act).fatal;

const SET = 'fatal error: runtime.SetFinalizer:';

export const FINALIZER_USE: Claims = {
  'SetFinalizer takes a pointer to the start of an object': () => {
    const nothing = (): void => {};
    const field = typeOf('*main.object', 8, [0]);
    expect(fatalOf((t) => t.rt.SetFinalizer(t.rt.new(NODE), nothing))).toBeNull();
    expect([
      fatalOf((t) => t.rt.SetFinalizer(null, nothing)),
      fatalOf((t) => t.rt.SetFinalizer({ typeName: 'main.object' }, nothing)),
      fatalOf((t) => t.rt.SetFinalizer(t.rt.addressOf(t.g.slot(), NODE), nothing)),
      fatalOf((t) => t.rt.SetFinalizer(t.rt.pointerTo(t.rt.new(NODE), 16, field), nothing)),
    ]).toEqual([
      `${SET} first argument is nil`,
      `${SET} first argument is main.object, not pointer`,
      `${SET} pointer not in allocated block`,
      `${SET} pointer not at beginning of allocated block`,
    ]);
    for (const name of ['nil', 'not-pointer', 'stack', 'interior']) {
      expect(realGo(`finalizer-fatal-${name}`)).toMatchObject({ status: 2, stdout: ['before'] });
    }
  },

  'a finalizer takes one argument that its object can be assigned to': () => {
    const set = (finalizer: (t: Kit) => unknown): string | null =>
      fatalOf((t) => t.rt.SetFinalizer(t.rt.new(NODE), finalizer(t)));
    const taking = (...params: string[]): string | null =>
      set((t) => t.rt.func({ params }, () => {}));
    expect([taking('*main.object'), taking('any')]).toEqual([null, null]);
    const name = NODE.name;
    expect([set(() => 42), taking('*main.other'), taking(), taking(`*${name}`, 'int')]).toEqual([
      `${SET} second argument is int, not a function`,
      `${SET} cannot pass *${name} to finalizer func(*main.other)`,
      `${SET} cannot pass *${name} to finalizer func()`,
      `${SET} cannot pass *${name} to finalizer func(*${name}, int)`,
    ]);
    expect(realGo('finalizer-fatal-wrong-type').fatal).toContain('cannot pass *main.object');
  },

  'what a finalizer returns is ignored': () => {
    const lines = printed(function* (t): Go {
      t.still();
      const type = { ...ON_OBJECT, results: ['int', 'error'] };
      const finalizer = t.rt.func(type, () => {
        t.say('ran');
        return [7, null];
      });
      t.rt.SetFinalizer(t.rt.new(NODE), finalizer);
      t.out(yield* t.collect());
    });
    expect(lines).toEqual(['ran']);
    expect(realGo('finalizer-types').stdout?.[0]).toContain('results');
  },

  'a wrong argument aborts the program': () => {
    const outcome = simulate((t) => {
      t.out('before');
      t.out(
        'recovered',
        t.attempt(() => t.rt.SetFinalizer(t.rt.new(NODE), 42)),
      );
    });
    expect(outcome).toMatchObject({ status: 2, stdout: ['before'] });
    expect(realGo('finalizer-fatal-not-function')).toMatchObject({ status: 2, stdout: ['before'] });
  },

  'globals and values of size zero take a finalizer that never runs': () => {
    const lines = printed(function* (t): Go {
      t.still();
      const say = (): void => t.say('finalized');
      t.rt.SetFinalizer(t.rt.new(typeOf('struct {}', 0)), say);
      t.rt.SetFinalizer(t.rt.addressOf(t.rt.global('g'), NODE), say);
      t.out(yield* t.collect(), yield* t.collect());
    });
    expect(lines).toEqual(['- -']);
    expect(realGo('finalizer-ignored').stdout).toEqual(['ok', 'cycle 1 -', 'cycle 2 -']);
  },

  'a file that was dropped is closed by its finalizer': () => {
    const lines = printed(function* (t): Go {
      t.still();
      const open = new Set([3]);
      t.rt.SetFinalizer(t.rt.new(OBJECT), () => open.delete(3));
      t.out('open', open.has(3));
      yield* t.collect();
      t.out('open', open.has(3));
    });
    expect(lines).toEqual(['open true', 'open false']);
    expect(realGo('finalizer-closes-file').stdout?.at(-1)).toBe('open false');
  },

  'finalizers close files only if the heap grows': () => {
    const mostOpen = (garbage: number): number => {
      let most = 0;
      printed(function* (t): Go {
        const open = new Set<number>();
        for (let file = 0; file < 1000; file += 1) {
          open.add(file);
          t.rt.SetFinalizer(t.rt.new(NODE), () => open.delete(file));
          t.rt.make(GO.byte, garbage);
          yield;
          most = Math.max(most, open.size);
        }
      });
      return most;
    };
    expect(mostOpen(100_000)).toBeLessThan(200);
    expect(mostOpen(100)).toBe(1000);
  },

  'a buffered writer that only a finalizer flushes loses its data': () => {
    const fileAfter = (collect: boolean): string => {
      let file = '';
      printed(function* (t): Go {
        t.still();
        const buffered = 'eleven byte';
        t.rt.SetFinalizer(t.rt.new(OBJECT), () => {
          file += buffered;
        });
        if (collect) yield* t.collect();
      });
      return file;
    };
    expect(fileAfter(false)).toBe('');
    expect(fileAfter(true)).toBe('eleven byte');
    const [atExit, collected] = realGo('finalizer-buffered-writer').stdout ?? [];
    expect(atExit).toMatch(/ 0$/);
    expect(collected).toMatch(/ 11$/);
  },

  'a finalizer delays what a cleanup would free at once': () => {
    const lines = printed(function* (t): Go {
      const pair = (): Obj =>
        t.call((hold) => {
          const [owner, owned] = [hold(t.rt.new(OBJECT)), hold(t.rt.new(OBJECT))];
          owner.set(0, owned);
          return owner;
        });
      t.still();
      t.rt.SetFinalizer(pair(), () => {});
      yield* t.collect();
      t.out('finalizer', t.live(OBJECT_SLOT));
      yield* t.collect();
      t.rt.AddCleanup(pair(), () => t.say('cleaned up'), 7);
      t.out('cleanup', yield* t.collect(), t.live(OBJECT_SLOT));
    });
    expect(lines).toEqual(['finalizer 2', 'cleanup cleaned up 0']);
    expect(realGo('cleanup-basic').stdout).toContain('objects 0 said argument');
  },
};
