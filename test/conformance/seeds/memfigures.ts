/**
 * Claims about MemStats, second part: memory of the runtime itself, and what the collector did. What
 * lies outside the heap differs from process to process, so these ask a real one where they can.
 */
import { createRuntime, GO, type Go, type MemStats, sizeClasses } from '@heaptape/core';
import { expect, type TestContext } from 'vitest';
import {
  type Claims,
  eventsOf,
  MIB,
  OBJECT,
  OBJECT_SLOT,
  printed,
  realGo,
  runGo,
} from './claims.ts';

/** Reads MemStats at the start, with 1,000 goroutines, 6,400 spans, three Ps more, and after a cycle. */
const FIGURES = `package main

import ("encoding/json"; "os"; "runtime"; "runtime/debug")

var (
	kept  [][]byte
	reads = map[string]*runtime.MemStats{}
)

func read(when string) {
	reads[when] = new(runtime.MemStats)
	runtime.ReadMemStats(reads[when])
}

func main() {
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	read("start")
	stop := make(chan bool)
	for range 1000 {
		go func() { <-stop }()
	}
	runtime.Gosched()
	read("goroutines")
	for range 6400 {
		kept = append(kept, make([]byte, 8192))
	}
	read("spans")
	runtime.GOMAXPROCS(4)
	read("procs")
	runtime.GC()
	read("end")
	json.NewEncoder(os.Stdout).Encode(reads)
}
`;

type When = 'start' | 'goroutines' | 'spans' | 'procs' | 'end';
type Figures = Readonly<Record<When, MemStats>>;

/** Runs the program once for all tests. */
const figuresOnce = (): ((context: TestContext) => Figures) => {
  let figures: Figures | null = null;
  return (context) => {
    figures ??= JSON.parse(runGo(context, FIGURES).stdout) as Figures;
    return figures;
  };
};
const real = figuresOnce();

/** By how much a figure of the real process moved. */
function moved(context: TestContext, name: keyof MemStats, from: When, to: When): number {
  const figures = real(context);
  return Number(figures[to][name]) - Number(figures[from][name]);
}

export const MEMSTATS_RUNTIME: Claims = {
  'MemStats.StackInuse counts the stacks of all goroutines': (context) => {
    const [start = 0, grown = 0] = printed(function* (t): Go {
      const never = t.rt.makeChan(GO.bool);
      t.rt.global('never').set(never.header);
      t.out(t.stats().StackInuse);
      for (let i = 0; i < 1000; i += 1) t.rt.go(() => never.recv());
      yield;
      t.out(t.stats().StackInuse);
    }).map(Number);
    expect((grown - start) / 2048).toBeGreaterThan(900);
    expect((grown - start) / 2048).toBeLessThan(1100);
    expect(realGo('stack-goroutines').values).toMatchObject({ 'stack-each': [2048, 2048] });
    const stacks = moved(context, 'StackInuse', 'start', 'goroutines') / 2048;
    expect(stacks).toBeGreaterThan(900);
    expect(stacks).toBeLessThan(1100);
  },

  'MemStats.StackSys is StackInuse and the stacks of threads': (context) => {
    const { StackInuse, StackSys } = real(context).goroutines;
    expect(StackSys).toBeGreaterThanOrEqual(StackInuse);
    expect(realGo('memstats-identities').stdout).toContain(
      'start: StackInuse is StackSys without cgo true',
    );
  },

  'MemStats.MSpanInuse counts a struct for each span': (context) => {
    const lines = printed((t) => {
      t.still();
      const before = t.stats().MSpanInuse;
      for (let i = 0; i < 640; i += 1) t.g.slot().set(t.rt.make(GO.byte, 8192).array);
      t.out('bytes a span', (t.stats().MSpanInuse - before) / 640);
    });
    expect(lines).toEqual(['bytes a span 160']);
    // The size of the struct differs between releases.
    const each = moved(context, 'MSpanInuse', 'goroutines', 'spans') / 6400;
    expect(each).toBeGreaterThan(128);
    expect(each).toBeLessThan(256);
  },

  'MemStats.MSpanSys is what those structs were taken from': (context) => {
    const { MSpanInuse, MSpanSys } = createRuntime().ReadMemStats();
    expect(MSpanSys).toBeGreaterThanOrEqual(MSpanInuse);
    const { spans } = real(context);
    expect(spans.MSpanSys).toBeGreaterThanOrEqual(spans.MSpanInuse);
    expect(moved(context, 'MSpanSys', 'start', 'spans')).toBeGreaterThan(0);
  },

  'MemStats.MCacheInuse counts a cache for each P': (context) => {
    const inUse = (procs: number): number => createRuntime({ procs }).ReadMemStats().MCacheInuse;
    expect(inUse(4)).toBe(inUse(1) * 4);
    expect(moved(context, 'MCacheInuse', 'spans', 'procs')).toBe(
      3 * real(context).spans.MCacheInuse,
    );
  },

  'MemStats.MCacheSys is what those caches were taken from': (context) => {
    const { MCacheInuse, MCacheSys } = createRuntime().ReadMemStats();
    expect(MCacheSys).toBeGreaterThanOrEqual(MCacheInuse);
    expect(real(context).procs.MCacheSys).toBeGreaterThanOrEqual(real(context).procs.MCacheInuse);
  },

  'MemStats.BuckHashSys is memory of the profiler': (context) => {
    expect(createRuntime().ReadMemStats().BuckHashSys).toBeGreaterThan(0);
    expect(real(context).spans.BuckHashSys).toBeGreaterThan(1 << 20);
  },

  'MemStats.GCSys is memory of the collector': (context) => {
    expect(createRuntime().ReadMemStats().GCSys).toBeGreaterThan(0);
    expect(moved(context, 'GCSys', 'start', 'end')).toBeGreaterThan(0);
  },

  'MemStats.OtherSys is what no other figure counts': (context) => {
    expect(createRuntime().ReadMemStats().OtherSys).toBeGreaterThan(0);
    const { Sys, OtherSys, HeapSys, StackSys, MSpanSys, MCacheSys, BuckHashSys, GCSys } =
      real(context).end;
    const others = HeapSys + StackSys + MSpanSys + MCacheSys + BuckHashSys + GCSys;
    expect(OtherSys).toBe(Sys - others);
    expect(OtherSys).toBeGreaterThan(0);
  },

  'MemStats.NextGC is a goal and the cycle begins before it': () => {
    let [live, goal, started] = [0, 0, 0];
    printed((t) => {
      const kept = Array.from({ length: 128 }, () => t.g.slot());
      for (const slot of kept) slot.set(t.rt.make(GO.byte, MIB / 16).array);
      t.rt.GC();
      const { NextGC, HeapAlloc } = t.stats();
      [live, goal] = [HeapAlloc, NextGC];
      const events = eventsOf(t, () => {
        for (let i = 0; i < 160; i += 1) t.rt.make(GO.byte, MIB / 16);
      });
      started = Number(events.find(({ event }) => event === 'GCStarted')?.['heapLive']);
    });
    expect(live).toBe(8 * MIB);
    expect(goal / live).toBeCloseTo(2, 1);
    expect(started).toBeGreaterThan(live);
    expect(started).toBeLessThan(goal);
    expect(realGo('gc-goal-by-percent').stdout?.[3]).toMatch(/^100 .* goal true$/);
  },

  'MemStats.LastGC is when the last cycle ended': (context) => {
    const rt = createRuntime();
    expect(rt.ReadMemStats().LastGC).toBe(0);
    rt.run(1e9);
    rt.GC();
    const { LastGC, PauseEnd } = rt.ReadMemStats();
    expect(LastGC).toBeGreaterThan(1e9);
    expect(LastGC).toBe(PauseEnd[0]);
    expect(Math.abs(real(context).end.LastGC / 1e6 - Date.now())).toBeLessThan(600_000);
  },

  'MemStats.PauseTotalNs is the time of all pauses': () => {
    const rt = createRuntime();
    for (let i = 0; i < 10; i += 1) rt.GC();
    const { PauseNs, PauseTotalNs } = rt.ReadMemStats();
    expect(PauseTotalNs).toBeGreaterThan(0);
    expect(PauseTotalNs).toBe(PauseNs.reduce((sum, ns) => sum + ns, 0));
    expect(realGo('memstats-identities').stdout).toContain(
      'collected: PauseTotalNs is the sum of PauseNs true',
    );
  },

  'MemStats.PauseNs has the newest pause at NumGC and 255 modulo 256': () => {
    const rt = createRuntime();
    for (let i = 0; i < 300; i += 1) {
      const before = rt.ReadMemStats().PauseTotalNs;
      rt.GC();
      const { NumGC, PauseNs, PauseTotalNs } = rt.ReadMemStats();
      expect(PauseNs).toHaveLength(256);
      expect(PauseNs[(NumGC + 255) % 256]).toBe(PauseTotalNs - before);
    }
    const { stdout = [] } = realGo('pause-ring');
    expect(stdout.filter((line) => line.startsWith('newest true'))).toHaveLength(2);
  },

  'MemStats.NumGC counts cycles': () => {
    const rt = createRuntime();
    for (let i = 0; i < 5; i += 1) rt.GC();
    expect(rt.ReadMemStats().NumGC).toBe(5);
    expect(realGo('gc-forced-count').stdout?.[4]).toBe('5 5 5');
  },

  'MemStats.EnableGC is true even with GOGC off': () => {
    expect(createRuntime({ gogc: 'off' }).ReadMemStats().EnableGC).toBe(true);
    expect(realGo('memstats-identities').stdout).toContain('start: EnableGC true');
  },

  'MemStats.DebugGC is always false': () => {
    expect(createRuntime().ReadMemStats().DebugGC).toBe(false);
    expect(realGo('memstats-identities').stdout).toContain('start: not DebugGC true');
  },

  'MemStats.BySize counts allocations by size': () => {
    const lines = printed((t) => {
      t.still();
      const row = (): string => {
        const found = t.stats().BySize.find(({ Size }) => Size === OBJECT_SLOT);
        return `${found?.Mallocs} ${found?.Frees}`;
      };
      for (let i = 0; i < 10; i += 1) t.rt.global('kept').set(t.rt.new(OBJECT));
      t.rt.GC();
      t.out(row());
    });
    expect(lines).toEqual(['10 9']);
    expect(realGo('sizes-by-class').stdout).toContain('5000: 7 of 5376 mallocs 7');
  },

  'MemStats.BySize has 61 rows for 68 size classes': () => {
    const { BySize } = createRuntime().ReadMemStats();
    expect(BySize).toHaveLength(61);
    expect(sizeClasses.at(-1)).toMatchObject({ class: 67, bytes: 32_768 });
    expect(BySize.map(({ Size }) => Size)).toEqual([
      0,
      ...sizeClasses.filter(({ class: c }) => c > 0 && c < 61).map(({ bytes }) => bytes),
    ]);
    expect(realGo('by-size-table').stdout?.[0]).toBe('rows 61');
    expect(realGo('by-size-table').stdout).toContain('60 18432');
  },
};
