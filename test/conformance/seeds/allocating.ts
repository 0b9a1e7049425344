/**
 * Claims about what a program allocates, where, and how it can allocate less. Whether a value lies on
 * the stack is for Go's compiler to say, so that part is shown on real Go.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GO, type GoType, type Obj, pointerTo, structOf } from '@heaptape/core';
import { HeapDumpReader } from '@heaptape/formats';
import { dominatorsOf, graphOfDump, retainedSizes, reverseOf } from '@heaptape/replay';
import { expect } from 'vitest';
import type { Kit } from '../kit.ts';
import {
  type Claims,
  FIXTURES,
  goCommand,
  MIB,
  OBJECT,
  OBJECT_SLOT,
  printed,
  realGo,
  runGo,
} from './claims.ts';

const POINTER = pointerTo('main.object');

/** Objects and bytes that `act` allocates. */
function costOf(act: (t: Kit) => void): string {
  const [line = ''] = printed((t) => {
    t.still();
    const { Mallocs, Bytes } = t.measure(() => act(t));
    t.out(Mallocs, 'mallocs', Bytes, 'bytes');
  });
  return line;
}

/** Live bytes seen by a cycle in the middle of a function that needs `buffer` only at its start. */
function liveInTheMiddle(afterUse: (buffer: Obj, t: Kit) => void): number {
  let live = 0;
  printed((t) => {
    t.still();
    const buffer = t.rt.make(GO.byte, 4 * MIB).array;
    t.rt.global('buffer').set(buffer);
    if (buffer !== null) afterUse(buffer, t);
    t.rt.GC();
    live = t.stats().HeapAlloc;
  });
  return live;
}

const STACK_AND_HEAP = `package main

import ("fmt"; "time")

type point struct{ x, y int }

var kept *point

//go:noinline
func onStack(i int) int { p := new(point); p.x = i; return p.x }

//go:noinline
func onHeap(i int) int { p := new(point); p.x = i; kept = p; return p.x }

func least(f func(int) int) time.Duration {
	best := time.Hour
	for range 5 {
		start := time.Now()
		for i := range 500_000 {
			f(i)
		}
		best = min(best, time.Since(start))
	}
	return best
}

func main() { fmt.Println(least(onStack).Nanoseconds(), least(onHeap).Nanoseconds()) }
`;

const LEAK = `package main

import ("os"; "runtime"; "runtime/pprof")

var kept [][]byte

//go:noinline
func leak() { kept = append(kept, make([]byte, 1<<20)) }

func main() {
	runtime.MemProfileRate = 1
	for range 10 {
		leak()
	}
	runtime.GC()
	pprof.Lookup("heap").WriteTo(os.Stdout, 1)
}
`;

export const ALLOCATING: Claims = {
  'new makes one object': () => {
    expect(costOf(({ rt }) => rt.new(structOf('main.point', [GO.int, GO.int])))).toBe(
      '1 mallocs 16 bytes',
    );
    expect(realGo('escape-new').stdout).toContain('stored mallocs 1 bytes 16');
  },

  'make makes slices, maps and channels with their memory': () => {
    expect(costOf(({ rt }) => rt.make(GO.int, 10))).toBe('1 mallocs 80 bytes');
    expect(costOf(({ rt }) => rt.makeMap(GO.int, GO.int, 9))).toBe('4 mallocs 376 bytes');
    expect(costOf(({ rt }) => rt.makeChan(GO.int, 1))).toBe('1 mallocs 128 bytes');
    expect(realGo('map-sizes').stdout?.some((line) => line.startsWith('9 ints 4 376'))).toBe(true);
    expect(realGo('channel-sizes').stdout).toContain('int 1 mallocs 1 bytes 128');
  },

  'make gives memory that is zero': () => {
    const lines = printed((t) => {
      t.still();
      const used = t.rt.make(POINTER, 100);
      const slot = t.g.slot();
      slot.set(used.array);
      for (let i = 0; i < used.len; i += 1) used.set(i, used.array);
      const place = used.array?.address;
      slot.set(null);
      t.rt.GC();
      const fresh = t.rt.make(POINTER, 100);
      slot.set(fresh.array);
      const nils = Array.from({ length: fresh.len }, (_, i) => fresh.get(i));
      t.out(fresh.len, fresh.cap, fresh.array?.address === place, new Set(nils).size, nils[0]);
    });
    expect(lines).toEqual(['100 100 true 1 null']);
  },

  'append, strings, closures and interfaces allocate too': () => {
    const counts: Readonly<Record<string, (t: Kit) => void>> = {
      append: ({ rt }) => rt.append(rt.nilSlice(GO.int), null),
      string: ({ rt }) => rt.concat('a longer', ' string than that'),
      closure: ({ rt, g }) => {
        const captured = g.slot();
        captured.set(rt.new(OBJECT));
        rt.func(
          { params: [], captures: [captured.get()].filter((object) => object !== null) },
          () => {},
        );
      },
      interface: ({ rt }) => rt.box(GO.float64, 0.5),
    };
    const mallocs = Object.entries(counts).map(([what, act]) => [what, costOf(act).split(' ')[0]]);
    expect(Object.fromEntries(mallocs)).toEqual({
      append: '1',
      string: '1',
      closure: '2',
      interface: '1',
    });
    expect(realGo('append-total').stdout?.[0]).toBe('1 bytes 1 16 ints 1 16 pointers 1 8');
  },

  'the compiler says what stays on the stack and what escapes': (context) => {
    const { stderr } = goCommand(context, [
      'build',
      '-gcflags=-m',
      '-o',
      '/dev/null',
      './escape-new',
    ]);
    expect(stderr).toContain('new(point) does not escape');
    expect(stderr).toContain('&point{...} escapes to heap');
  },

  'what stays on the stack is gone at return without the collector': () => {
    const { stdout } = realGo('escape-new');
    expect(stdout).toContain('stays mallocs 0 bytes 0');
    expect(stdout).toContain('returned mallocs 1 bytes 16');
  },

  'the stack is faster than the heap': (context) => {
    const [stack, heap] = runGo(context, STACK_AND_HEAP).stdout.split(' ').map(Number);
    expect(stack).toBeGreaterThan(0);
    expect(heap).toBeGreaterThan((stack ?? 0) * 2);
  },

  'pointers to one object save the memory of copies': () => {
    const hundred = (type: GoType, fill: (t: Kit, i: number) => void): string =>
      costOf((t) => {
        t.rt.global('array').set(t.rt.make(type, 100).array);
        for (let i = 0; i < 100; i += 1) fill(t, i);
      });
    const copies = hundred(OBJECT, () => {});
    const pointers = hundred(POINTER, ({ rt }, i) => {
      const shared = rt.global('shared');
      if (i === 0) shared.set(rt.new(OBJECT));
      rt.global('array').get()?.set(i, shared.get());
    });
    expect(copies).toBe('1 mallocs 507904 bytes');
    expect(pointers).toBe(`2 mallocs ${OBJECT_SLOT + 896} bytes`);
    expect(realGo('escape-new').stdout).toContain('returned mallocs 1 bytes 16');
  },

  'a sync.Pool spares allocations': () => {
    let made = 0;
    const pooled = costOf(({ rt, g }) => {
      const New = (): Obj => {
        made += 1;
        return rt.new(OBJECT);
      };
      const pool = new rt.sync.Pool({ New });
      const slot = g.slot();
      for (let i = 0; i < 1000; i += 1) {
        slot.set(pool.Get() as Obj);
        pool.Put(slot.get());
        slot.set(null);
      }
    });
    expect(made).toBe(1);
    expect(Number(pooled.split(' ')[0])).toBeLessThan(5);
    expect(realGo('pool-saves-allocations').stdout).toEqual([
      'made 1 pooled under 10000 bytes true',
      'without 1000 5376000',
    ]);
  },

  'a sync.Pool keeps nothing for longer than two cycles': () => {
    const lines = printed((t) => {
      t.still();
      const pool = new t.rt.sync.Pool();
      for (const cycles of [0, 1, 2]) {
        pool.Put(t.rt.new(OBJECT));
        for (let i = 0; i < cycles; i += 1) t.rt.GC();
        t.out(cycles, pool.Get() === null ? 'gone' : 'there');
      }
    });
    expect(lines).toEqual(['0 there', '1 there', '2 gone']);
    expect(realGo('pool-cycles').stdout).toContain('two cycles new');
  },

  'what is let go early is freed early': () => {
    const keeps = liveInTheMiddle(() => {});
    const letsGo = liveInTheMiddle((_, { rt }) => rt.global('buffer').set(null));
    expect(keeps - letsGo).toBe(4 * MIB);
    expect(realGo('keepalive').stdout).toContain('inside without');
  },

  'fewer temporary objects mean fewer cycles': () => {
    const cycles = (temporary: boolean): number => {
      let count = 0;
      printed((t) => {
        const slot = t.g.slot();
        slot.set(t.rt.new(OBJECT));
        for (let i = 0; i < 10_000; i += 1) if (temporary) slot.set(t.rt.new(OBJECT));
        count = t.stats().NumGC;
      });
      return count;
    };
    expect(cycles(false)).toBe(0);
    expect(cycles(true)).toBeGreaterThan(10);
  },

  'a heap profile names the function that allocated': (context) => {
    const { stdout } = runGo(context, LEAK);
    expect(stdout).toMatch(/^heap profile: /);
    expect(stdout).toMatch(/^10: 10485760 \[10: 10485760\].*\n(?:#.*\n)*#.*main\.leak/m);
  },

  'a heap dump tells what a leak retains': () => {
    const [file, truth] = ['graph.heapdump.gz', 'graph.truth.json'].map((name) =>
      readFileSync(join(FIXTURES, 'heapdump', name)),
    );
    const { Places, Counts } = JSON.parse(String(truth));
    const reader = new HeapDumpReader();
    reader.push(gunzipSync(file));
    const dump = reader.finish();
    const graph = graphOfDump(dump);
    const retained = retainedSizes(graph, dominatorsOf(graph, reverseOf(graph)));
    const leaking = dump.objects.address.indexOf(Places.Cache);
    const list = dump.objects.address.indexOf(Places.ListHead);
    expect(retained[leaking]).toBeGreaterThan(Counts.CacheEntries * 256);
    expect(retained[list]).toBe(Counts.ListLinks * 16);
  },
};
