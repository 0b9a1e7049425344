/** Claims about what a finalizer does, when it runs and when it does not. */
import { GO, type Go, type Goroutine, type Obj } from '@heaptape/core';
import { expect } from 'vitest';
import { type Kit, NODE } from '../kit.ts';
import { type Claims, OBJECT, OBJECT_SLOT, printed, realGo, simulate } from './claims.ts';

const MINUTE = 60e9;

export const FINALIZERS: Claims = {
  'a finalizer runs before its object is removed from memory': () => {
    const lines = printed(function* (t): Go {
      t.still();
      t.rt.SetFinalizer(t.rt.new(OBJECT), () => t.say('finalized'));
      t.out(yield* t.collect(), 'objects', t.live(OBJECT_SLOT));
      t.out(yield* t.collect(), 'objects', t.live(OBJECT_SLOT));
    });
    expect(lines).toEqual(['finalized objects 1', '- objects 0']);
    expect(realGo('finalizer-one-cycle-later').stdout).toContain('cycle f f f f f f f f f f 10');
  },

  'a finalizer writes a line to a log': () => {
    const log: string[] = [];
    printed(function* (t): Go {
      t.still();
      t.rt.SetFinalizer(t.rt.new(OBJECT), (object: Obj) => {
        log.push(`${object.layout.name} is removed`);
      });
      yield* t.collect();
    });
    expect(log).toEqual(['main.object is removed']);
    expect(realGo('finalizer-log-line').stdout).toContain(
      'session of gopher is removed from memory',
    );
  },

  'a finalizer is handed its object': () => {
    const lines = printed(function* (t): Go {
      t.still();
      const object = t.rt.new(OBJECT);
      const { address } = object;
      t.rt.SetFinalizer(object, (same: Obj) => t.say(same.address === address));
      t.out(yield* t.collect());
    });
    expect(lines).toEqual(['true']);
    expect(realGo('finalizer-keeps-contents').stdout).toContain('cycle 1 42 objects 1 leaves 1');
  },

  'a finalizer may be an anonymous function': () => {
    const named = (t: Kit) => () => t.say('named');
    const lines = printed(function* (t): Go {
      t.still();
      t.rt.SetFinalizer(t.rt.new(NODE), named(t));
      t.out(yield* t.collect());
      t.rt.SetFinalizer(t.rt.new(NODE), () => t.say('anonymous'));
      t.out(yield* t.collect());
      const captured = t.rt.new(NODE);
      const literal = t.rt.func({ params: ['*main.object'], captures: [captured] }, () =>
        t.say('closure'),
      );
      t.rt.main.slot().set(literal.closure);
      t.rt.SetFinalizer(t.rt.new(NODE), literal);
      t.out(yield* t.collect());
    });
    expect(lines).toEqual(['named', 'anonymous', 'closure']);
  },

  'a finalizer does not run when the program ends normally': () => {
    const lines = printed((t) => {
      t.rt.SetFinalizer(t.rt.new(NODE), () => t.out('finalized'));
      t.out('main returns');
    });
    expect(lines).toEqual(['main returns']);
    expect(realGo('finalizer-not-at-exit').stdout).toEqual(['create', 'main returns']);
    expect(realGo('finalizer-not-at-os-exit').stdout).not.toContain('finalized');
  },

  'a finalizer does not run when an error ends the program': () => {
    const { status, fatal, stdout } = simulate((t) => {
      t.rt.SetFinalizer(t.rt.new(NODE), () => t.out('finalized'));
      t.rt.panic('an error occurred');
    });
    expect([status, fatal, stdout]).toEqual([2, 'panic: an error occurred', []]);
    expect(realGo('finalizer-not-at-panic').stdout).toEqual(['create']);
  },

  'a finalizer waits until the collector finds its object unreachable': () => {
    const lines = printed(function* (t): Go {
      const kept = t.rt.global('kept');
      t.still();
      kept.set(t.rt.new(OBJECT));
      t.rt.SetFinalizer(kept.get(), () => t.say('finalized'));
      t.out('set', yield* t.rest());
      t.out('reachable', yield* t.collect());
      kept.set(null);
      t.out('dropped', yield* t.rest());
      t.out('collected', yield* t.collect());
    });
    expect(lines).toEqual(['set -', 'reachable -', 'dropped -', 'collected finalized']);
  },

  'the object is reachable again and has no finalizer any more': () => {
    const lines = printed(function* (t): Go {
      const revived = t.rt.global('revived');
      t.still();
      t.rt.SetFinalizer(t.rt.new(OBJECT), (object: Obj) => {
        revived.set(object);
        t.say('finalized');
      });
      t.out('first', yield* t.collect(), t.live(OBJECT_SLOT));
      t.out('held', yield* t.collect(), t.live(OBJECT_SLOT));
      revived.set(null);
      t.out('let go', yield* t.collect(), t.live(OBJECT_SLOT));
    });
    expect(lines).toEqual(['first finalized 1', 'held - 1', 'let go - 0']);
    expect(realGo('finalizer-resurrect-twice').stdout).toContain('third -');
  },

  'the next collection frees the object unless it has a new finalizer': () => {
    const lines = printed(function* (t): Go {
      t.still();
      let times = 0;
      const again = (object: Obj): void => {
        times += 1;
        t.say(times);
        if (times < 3) t.rt.SetFinalizer(object, again);
      };
      t.rt.SetFinalizer(t.rt.new(OBJECT), again);
      for (let i = 0; i < 5; i += 1) t.out(yield* t.collect(), t.live(OBJECT_SLOT));
    });
    expect(lines).toEqual(['1 1', '2 1', '3 1', '- 0', '- 0']);
    expect(realGo('finalizer-rearm').stdout?.slice(4, 6)).toEqual(['cycle 5 5', 'cycle 6 -']);
  },

  'SetFinalizer with nil takes the finalizer off': () => {
    const lines = printed(function* (t): Go {
      t.still();
      t.call((hold) => {
        const object = hold(t.rt.new(OBJECT));
        t.rt.SetFinalizer(object, () => t.say('finalized'));
        t.rt.SetFinalizer(object, null);
      });
      t.out(yield* t.collect(), t.live(OBJECT_SLOT));
    });
    expect(lines).toEqual(['- 0']);
    expect(realGo('finalizer-clear').stdout).toEqual(['cycle 1 replaced-second', 'cycle 2 -']);
  },

  'A is finalized before B when A points to B': () => {
    const lines = printed(function* (t): Go {
      t.still();
      t.call((hold) => {
        const [a, b] = [hold(t.rt.new(NODE)), hold(t.rt.new(NODE))];
        a.set(2, b);
        t.rt.SetFinalizer(b, () => t.say('B'));
        t.rt.SetFinalizer(a, () => t.say('A'));
      });
      for (let i = 0; i < 3; i += 1) t.out(yield* t.collect());
    });
    expect(lines).toEqual(['A', 'B', '-']);
    expect(realGo('finalizer-order').stdout?.slice(0, 2)).toEqual(['cycle 1 A', 'cycle 2 B']);
  },

  'a cycle with a finalizer in it is not collected': () => {
    const lines = printed(function* (t): Go {
      t.still();
      t.call((hold) => {
        const [a, b] = [hold(t.rt.new(OBJECT)), hold(t.rt.new(OBJECT))];
        a.set(0, b);
        b.set(0, a);
        t.rt.SetFinalizer(a, () => t.say('finalized'));
      });
      for (let i = 0; i < 5; i += 1) t.out(yield* t.collect(), t.live(OBJECT_SLOT));
    });
    expect(lines).toEqual(Array.from({ length: 5 }, () => '- 2'));
    expect(realGo('finalizer-cycle-of-two').stdout?.at(-1)).toBe('cycle 4 -');
  },

  'an object that points to itself is finalized all the same': () => {
    const lines = printed(function* (t): Go {
      t.still();
      t.call((hold) => {
        const object = hold(t.rt.new(OBJECT));
        object.set(0, object);
        t.rt.SetFinalizer(object, () => t.say('finalized'));
      });
      for (let i = 0; i < 2; i += 1) t.out(yield* t.collect(), t.live(OBJECT_SLOT));
    });
    expect(lines).toEqual(['finalized 1', '- 0']);
    expect(realGo('finalizer-self-cycle').stdout?.[0]).toBe('small, cycle 1 small 1');
  },

  'nobody knows when a finalizer will run': () => {
    const lines = printed(function* (t): Go {
      t.rt.SetFinalizer(t.rt.new(NODE), () => t.say('finalized'));
      yield* t.rt.sleep(10 * MINUTE);
      t.out('ten minutes', yield* t.rest());
      for (let i = 0; i < 128; i += 1) t.rt.make(GO.byte, 1 << 16);
      t.out('8 MiB', yield* t.rest());
    });
    expect(lines).toEqual(['ten minutes -', '8 MiB finalized']);
  },

  'one goroutine runs all finalizers one after the other': () => {
    const lines = printed(function* (t): Go {
      t.still();
      for (const name of ['first', 'second']) {
        t.rt.SetFinalizer(t.rt.new(NODE), function* (_: Obj, g: Goroutine): Go {
          t.say(`${name} begins on another goroutine ${g.id !== t.g.id}`);
          yield* t.rt.sleep(1000);
          t.say(`${name} ends;`);
        });
      }
      t.out(yield* t.collect());
    });
    const run = (name: string): string => `${name} begins on another goroutine true ${name} ends;`;
    expect(lines).toEqual([`${run('second')} ${run('first')}`]);
    expect(realGo('finalizer-goroutine').stdout?.[0]).toBe('same goroutine true');
  },

  'a finalizer that waits holds up all others': () => {
    const lines = printed(function* (t): Go {
      const open = t.rt.makeChan(GO.bool);
      t.rt.global('open').set(open.header);
      t.still();
      t.rt.SetFinalizer(t.rt.new(NODE), () => open.recv());
      yield* t.collect();
      t.rt.SetFinalizer(t.rt.new(NODE), () => t.say('quick'));
      t.out('waiting', yield* t.collect());
      yield* open.send(true);
      t.out('done', yield* t.rest());
    });
    expect(lines).toEqual(['waiting -', 'done quick']);
    expect(realGo('finalizer-blocks').stdout).toContain('cycle 3 -');
  },

  'a long finalizer starts a goroutine and holds up nobody': () => {
    const lines = printed(function* (t): Go {
      const open = t.rt.makeChan(GO.bool);
      t.rt.global('open').set(open.header);
      t.still();
      t.rt.SetFinalizer(t.rt.new(NODE), () => {
        t.rt.go(function* (): Go {
          yield* open.recv();
          t.say('slow');
        });
      });
      yield* t.collect();
      t.rt.SetFinalizer(t.rt.new(NODE), () => t.say('quick'));
      t.out('waiting', yield* t.collect());
      yield* open.send(true);
      t.out('done', yield* t.rest());
    });
    expect(lines).toEqual(['waiting quick', 'done slow']);
    expect(realGo('finalizer-own-goroutine').stdout).toContain('cycle 2 quick');
  },
};
