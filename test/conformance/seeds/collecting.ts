/** Claims about the collector itself: what it frees, when it starts, whom it takes time from. */
import { GO, SCALAR, TRIGGER } from '@heaptape/core';
import { expect } from 'vitest';
import { type Kit, NODE } from '../kit.ts';
import {
  type Claims,
  eventsOf,
  goCommand,
  MIB,
  OBJECT,
  OBJECT_SLOT,
  printed,
  realGo,
  runGo,
} from './claims.ts';

const SECOND = 1e9;

/** Virtual time, ns. */
const now = ({ rt }: Kit): number => rt.world.scalars[SCALAR.timeNs];

/** Allocates that many MiB of garbage, in pieces of 64 KiB. */
function litter({ rt }: Kit, mebibytes: number): void {
  for (let i = 0; i < mebibytes * 16; i += 1) rt.make(GO.byte, MIB / 16);
}

const CRASH = `package main

import "runtime"

func main() {
	runtime.GC()
	panic("show all goroutines")
}
`;

export const COLLECTING: Claims = {
  'what the program can no longer reach is freed': () => {
    const lines = printed((t) => {
      t.still();
      t.call((hold) => {
        for (let i = 0; i < 10; i += 1) hold(t.rt.new(OBJECT));
        t.rt.GC();
        t.out('reachable', t.live(OBJECT_SLOT));
      });
      t.rt.GC();
      t.out('dropped', t.live(OBJECT_SLOT));
    });
    expect(lines).toEqual(['reachable 10', 'dropped 0']);
    expect(realGo('gc-frees-at-return').stdout).toContain('collected 0');
  },

  'a program that frees nothing does not run out of memory': () => {
    const lines = printed((t) => {
      litter(t, 256);
      const { TotalAlloc, HeapSys, NumGC } = t.stats();
      t.out(TotalAlloc >= 256 * MIB, HeapSys <= 8 * MIB, NumGC > 32);
    });
    expect(lines).toEqual(['true true true']);
  },

  'the collector is part of the process': (context) => {
    const { stderr } = runGo(context, CRASH, { GOTRACEBACK: 'system' });
    expect(stderr).toMatch(/^goroutine 1 .*:\n(?:.*\n)*main\.main\(\)/m);
    expect(stderr).toMatch(/^goroutine .*GC worker.*:\n(?:.*\n)*runtime\.gcBgMarkWorker\(/m);
    expect(stderr).toMatch(/^goroutine .*GC sweep wait.*:\n(?:.*\n)*runtime\.bgsweep\(/m);
  },

  'a cycle starts when the heap has grown and not by the clock': () => {
    const lines = printed((t) => {
      litter(t, 1);
      t.rt.run(600 * SECOND);
      t.out('after ten minutes', t.stats().NumGC);
      litter(t, 4);
      t.out('after 5 MiB', t.stats().NumGC);
    });
    expect(lines).toEqual(['after ten minutes 0', 'after 5 MiB 1']);
    expect(realGo('gc-first-trigger').values).toHaveProperty('allocated');
  },

  'two minutes after the last cycle another one starts': () => {
    const lines = printed((t) => {
      t.rt.GC();
      for (const seconds of [119, 2]) {
        const events = eventsOf(t, () => t.rt.run(seconds * SECOND));
        const starts = events.filter(({ event }) => event === 'GCStarted');
        t.out(seconds, 'seconds:', ...starts.map(({ trigger }) => `trigger ${trigger}`));
      }
    });
    expect(lines).toEqual(['119 seconds:', `2 seconds: trigger ${TRIGGER.periodic}`]);
  },

  'package runtime starts a collection when asked': () => {
    const lines = printed((t) => {
      const [started] = eventsOf(t, () => t.rt.GC()).filter(({ event }) => event === 'GCStarted');
      const { NumGC, NumForcedGC } = t.stats();
      t.out('trigger', started?.['trigger'], 'cycles', NumGC, 'forced', NumForcedGC);
    });
    expect(lines).toEqual([`trigger ${TRIGGER.forced} cycles 1 forced 1`]);
    expect(realGo('gc-forced-count').stdout?.[0]).toBe('1 1 1');
  },

  'a large part of memory is free when runtime.GC returns': () => {
    const lines = printed((t) => {
      const kept = t.rt.global('kept');
      kept.set(t.rt.make(GO.byte, 64 * MIB).array);
      kept.set(null);
      t.out('dropped', t.stats().HeapAlloc >= 64 * MIB);
      t.rt.GC();
      t.out('returned', t.stats().HeapAlloc < MIB, t.stats().HeapIdle >= 64 * MIB);
    });
    expect(lines).toEqual(['dropped true', 'returned true true']);
    expect(realGo('gc-frees-at-return').stdout).toContain('collected 100');
  },

  'runtime.GC slows the program down for a moment': () => {
    const lines = printed(
      (t) => {
        const [list, last] = [t.rt.global('list'), t.rt.main.slot()];
        for (let i = 0; i < 20_000; i += 1) {
          last.set(t.rt.new(NODE));
          last.get()?.set(2, list.get());
          list.set(last.get());
        }
        const took = (act: () => void): number => {
          const start = now(t);
          act();
          return now(t) - start;
        };
        const work = (): void => litter(t, 1);
        const [before, collection, after] = [took(work), took(() => t.rt.GC()), took(work)];
        t.out('longer than work', collection > before, 'and only then', after < collection);
      },
      { gogc: 'off' },
    );
    expect(lines).toEqual(['longer than work true and only then true']);
  },

  'scarce memory makes cycles start without runtime.GC': () => {
    const lines = printed(
      (t) => {
        let most = 0;
        for (let i = 0; i < 128; i += 1) {
          litter(t, 1);
          const { Sys, HeapReleased } = t.stats();
          most = Math.max(most, Sys - HeapReleased);
        }
        const { NumGC, NumForcedGC } = t.stats();
        t.out('cycles', NumGC > 0, 'forced', NumForcedGC, 'within the limit', most <= 33 * MIB);
      },
      { gogc: 'off', memoryLimit: 32 * MIB },
    );
    expect(lines).toEqual(['cycles true forced 0 within the limit true']);
    expect(realGo('limit-cycles').values).toMatchObject({ held: 'true' });
  },

  'a ring of objects is freed, because nobody counts references': () => {
    const lines = printed((t) => {
      t.still();
      t.call((hold) => {
        const [a, b] = [hold(t.rt.new(OBJECT)), hold(t.rt.new(OBJECT))];
        a.set(0, b);
        b.set(0, a);
      });
      t.out('each referenced once', t.live(OBJECT_SLOT));
      t.rt.GC();
      t.out('collected', t.live(OBJECT_SLOT));
    });
    expect(lines).toEqual(['each referenced once 2', 'collected 0']);
    expect(realGo('gc-cycles-freed').stdout).toContain('dropped 0');
  },

  'freed memory serves new objects': () => {
    const lines = printed((t) => {
      t.still();
      const old = t.rt.new(OBJECT).address;
      const { HeapSys } = t.stats();
      t.rt.GC();
      t.out('same place', t.rt.new(OBJECT).address === old, 'grew', t.stats().HeapSys - HeapSys);
    });
    expect(lines).toEqual(['same place true grew 0']);
    expect(realGo('memstats-span-reuse').values).toEqual({ 'spans-more': [0, 0] });
  },

  'the collector frees memory and hands none out': () => {
    const lines = printed((t) => {
      t.still();
      for (let i = 0; i < 10; i += 1) t.rt.new(OBJECT);
      const { Mallocs, Frees } = t.measure(() => t.rt.GC());
      t.out('a cycle', Mallocs, Frees);
    });
    expect(lines).toEqual(['a cycle 0 10']);
  },

  'package unsafe looks at memory and frees none': (context) => {
    const lines = printed((t) => {
      t.still();
      const field = t.rt.global('field');
      const whole = t.rt.new(OBJECT);
      field.set(t.rt.pointerTo(whole, 4096, GO.int));
      t.rt.GC();
      t.out('unsafe.Pointer into it', t.live(OBJECT_SLOT), field.get() !== null);
      const number = whole.address;
      field.set(null);
      t.rt.GC();
      t.out('uintptr', number > 0, t.live(OBJECT_SLOT));
    });
    expect(lines).toEqual(['unsafe.Pointer into it 1 true', 'uintptr true 0']);
    expect(realGo('gc-interior-pointer').stdout).toEqual(['held 1 1', 'dropped 0 0']);
    const { stdout } = goCommand(context, ['doc', '-short', 'unsafe']);
    expect(stdout).toContain('func Add(');
    expect(stdout).not.toMatch(/func \w*(?:free|alloc|new)/i);
  },
};
