/**
 * Claims about MemStats: how it is read, and what the figures of the listing mean in general and for the
 * heap. A process is asked before and after it did something, and the difference is told.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRuntime, GO, type MemStats } from '@heaptape/core';
import { expect } from 'vitest';
import type { Kit } from '../kit.ts';
import {
  type Claims,
  goCommand,
  MIB,
  OBJECT,
  OBJECT_SLOT,
  printed,
  realGo,
  runGo,
} from './claims.ts';

/** The fields of the listing, in its order. */
const LISTED = [
  ...['Alloc', 'TotalAlloc', 'Sys', 'Lookups', 'Mallocs', 'Frees'],
  ...['HeapAlloc', 'HeapSys', 'HeapIdle', 'HeapInuse', 'HeapReleased', 'HeapObjects'],
  ...['StackInuse', 'StackSys', 'MSpanInuse', 'MSpanSys', 'MCacheInuse', 'MCacheSys'],
  ...['BuckHashSys', 'GCSys', 'OtherSys', 'NextGC', 'LastGC', 'PauseTotalNs', 'PauseNs'],
  ...['NumGC', 'EnableGC', 'DebugGC', 'BySize'],
];

const FIELDS = `package main

import ("fmt"; "reflect"; "runtime")

func main() {
	fields := reflect.TypeFor[runtime.MemStats]()
	for i := range fields.NumField() {
		fmt.Println(fields.Field(i).Name)
	}
}
`;

const AS_VARIABLE = `package main

import ("fmt"; "runtime")

func main() { fmt.Printf("%d\\n", runtime.MemStats.Alloc/1024) }
`;

/** What a program of these steps did to a field: its values after each. */
function field(name: keyof MemStats, ...steps: readonly ((t: Kit) => void)[]): number[] {
  const values: number[] = [];
  printed((t) => {
    t.still();
    for (const step of steps) {
      step(t);
      values.push(Number(t.stats()[name]));
    }
  });
  return values;
}

const nothing = (): void => {};
const allocate = ({ rt }: Kit): void => rt.global('kept').set(rt.new(OBJECT));
const drop = ({ rt }: Kit): void => rt.global('kept').set(null);
const collect = ({ rt }: Kit): void => rt.GC();
const ten = (t: Kit): void => {
  for (let i = 0; i < 10; i += 1) allocate(t);
};

/** By how much a field moves at each step after the first. */
const moves = (values: readonly number[]): number[] =>
  values.slice(1).map((value, i) => value - (values[i] ?? 0));

export const MEMSTATS: Claims = {
  'runtime.MemStats.Alloc cannot be read': (context) => {
    const rt = createRuntime();
    expect(() => rt.MemStats.Alloc).toThrow(/since Go 1 MemStats is a type, not a variable/);
    const { status, stderr } = runGo(context, AS_VARIABLE);
    expect(status).toBe(1);
    expect(stderr).toContain('runtime.MemStats.Alloc undefined (type runtime.MemStats has no');
  },

  'MemStats has been a type since Go 1': (context) => {
    const root = goCommand(context, ['env', 'GOROOT']).stdout.trim();
    const go1 = readFileSync(join(root, 'api/go1.txt'), 'utf8');
    expect(go1).toContain('pkg runtime, type MemStats struct, Alloc uint64');
    expect(go1).toContain('pkg runtime, func ReadMemStats(*MemStats)');
    expect(go1).not.toMatch(/pkg runtime, var MemStats/);
  },

  'ReadMemStats tells the statistics of this moment': () => {
    const lines = printed((t) => {
      const before = t.rt.ReadMemStats();
      t.rt.global('kept').set(t.rt.make(GO.byte, MIB).array);
      t.out('before', before.Alloc, 'after', t.rt.ReadMemStats().Alloc - before.Alloc);
    });
    expect(lines).toEqual(['before 0 after 1048576']);
    expect(realGo('memstats-alloc-kb').stdout).toContain('more 1 MiB');
  },

  'Alloc by 1024 is KiB of objects and not all memory of the program': () => {
    const lines = printed(
      (t) => {
        t.rt.global('kept').set(t.rt.make(GO.byte, MIB).array);
        t.rt.make(GO.byte, MIB);
        const { Alloc, Sys } = t.stats();
        t.out('KiB', Alloc / 1024, 'of', Sys > 2 * Alloc);
        t.rt.GC();
        t.out('KiB', t.stats().Alloc / 1024);
      },
      { gogc: 'off' },
    );
    expect(lines).toEqual(['KiB 2048 of true', 'KiB 1024']);
    expect(realGo('memstats-alloc-kb').stdout).toContain('fresh, under 100 KiB true');
  },

  'every field of the listing is there': (context) => {
    expect(Object.keys(createRuntime().ReadMemStats())).toEqual(expect.arrayContaining(LISTED));
    expect(LISTED.length).toBe(29);
    expect(runGo(context, FIELDS).stdout.split('\n')).toEqual(expect.arrayContaining(LISTED));
  },

  'MemStats.Alloc counts bytes allocated and still in use': () => {
    const steps = field('Alloc', nothing, allocate, drop, collect);
    expect(moves(steps)).toEqual([OBJECT_SLOT, 0, -OBJECT_SLOT]);
  },

  'MemStats.TotalAlloc counts freed bytes too': () => {
    const steps = field('TotalAlloc', nothing, allocate, drop, collect);
    expect(moves(steps)).toEqual([OBJECT_SLOT, 0, 0]);
    expect(realGo('memstats-monotonic').stdout).toContain('TotalAlloc grew true true');
  },

  'MemStats.Sys is the sum of all the XxxSys': () => {
    printed((t) => {
      for (const step of [nothing, ten, collect]) {
        step(t);
        const m = t.stats();
        const heapAndStacks = m.HeapSys + m.StackSys;
        const structs = m.MSpanSys + m.MCacheSys + m.BuckHashSys;
        expect(m.Sys).toBe(heapAndStacks + structs + m.GCSys + m.OtherSys);
      }
    });
    const { stdout = [] } = realGo('memstats-identities');
    expect(stdout.filter((line) => line.endsWith('Sys is the sum of seven true'))).toHaveLength(3);
  },

  'MemStats.Lookups is always 0': () => {
    const lookUp = (t: Kit): void => {
      for (let i = 0; i < 100; i += 1) t.rt.global('kept').get();
    };
    expect(field('Lookups', allocate, lookUp, collect)).toEqual([0, 0, 0]);
    expect(realGo('memstats-identities').stdout).toContain('collected: no Lookups true');
  },

  'MemStats.Mallocs counts allocations': () => {
    expect(moves(field('Mallocs', nothing, allocate, ten, drop, collect))).toEqual([1, 10, 0, 0]);
    expect(realGo('memstats-monotonic').stdout).toContain('Mallocs grew true true');
  },

  'MemStats.Frees counts what was freed': () => {
    expect(moves(field('Frees', nothing, ten, collect, drop, collect))).toEqual([0, 9, 0, 1]);
    expect(realGo('memstats-monotonic').stdout).toContain('Frees grew true true');
  },

  'MemStats.HeapAlloc is the same as Alloc': () => {
    const steps = [allocate, ten, drop, collect];
    expect(field('HeapAlloc', ...steps)).toEqual(field('Alloc', ...steps));
    expect(realGo('memstats-identities').stdout).toContain('filled: Alloc is HeapAlloc true');
  },

  'MemStats.HeapSys grows by 4 MiB of address space at a time': () => {
    const large = (t: Kit): void => t.g.slot().set(t.rt.make(GO.byte, 3 * MIB).array);
    expect(moves(field('HeapSys', allocate, ten, large, large))).toEqual([0, 0, 4 * MIB]);
    expect(realGo('heap-grows-by-4-mib').stdout).toEqual(['six steps or more true']);
  },

  'MemStats.HeapIdle counts spans with nothing in them': () => {
    const large = ({ rt }: Kit): void => rt.global('kept').set(rt.make(GO.byte, MIB).array);
    expect(moves(field('HeapIdle', large, drop, collect))).toEqual([0, MIB]);
    printed((t) => {
      ten(t);
      const { HeapIdle, HeapInuse, HeapSys } = t.stats();
      expect(HeapIdle + HeapInuse).toBe(HeapSys);
    });
    expect(realGo('free-os-memory').values).toHaveProperty('idle-after-GC', 'true');
  },

  'MemStats.HeapInuse counts whole spans': () => {
    const spanBytes = 16_384;
    expect(moves(field('HeapInuse', nothing, allocate, allocate, ten))).toEqual([
      spanBytes,
      0,
      3 * spanBytes,
    ]);
    expect(realGo('memstats-inuse').values).toEqual({
      'spans-full': [1000, 1000],
      'spans-thinned': [1000, 1000],
    });
  },

  'MemStats.HeapReleased counts what went back to the system': () => {
    const lines = printed((t) => {
      t.still();
      t.rt.global('kept').set(t.rt.make(GO.byte, 32 * MIB).array);
      const { HeapReleased } = t.stats();
      drop(t);
      t.rt.debug.FreeOSMemory();
      const after = t.stats();
      t.out((after.HeapReleased - HeapReleased) / MIB, after.HeapIdle - after.HeapReleased);
    });
    expect(lines).toEqual(['32 0']);
    expect(realGo('free-os-memory').values).toHaveProperty('grew-MiB', [32, 32]);
  },

  'MemStats.HeapObjects counts objects that are not freed': () => {
    expect(moves(field('HeapObjects', nothing, ten, collect, drop, collect))).toEqual([
      10, -9, 0, -1,
    ]);
    expect(realGo('memstats-monotonic').stdout).toContain('HeapObjects fell true');
  },
};
