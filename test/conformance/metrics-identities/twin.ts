/**
 * What runtime/metrics says and what MemStats says are the same figures: each identity of the Go program, of
 * one simulated process with a heap, after a cycle.
 */
import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  for (let i = 0; i < 3000; i += 1) g.slot().set(rt.make(GO.byte, i).array);
  rt.GC();
  const m = t.stats();
  const value = (name: string): number => {
    const [{ Value }] = rt.metrics.Read([name]);
    if (Value.kind !== 'uint64') throw new Error(`${name} is ${Value.kind}`);
    return Value.value;
  };
  const sum = (...names: readonly string[]): number =>
    names.reduce((total, name) => total + value(name), 0);
  const classes = (...names: readonly string[]): number =>
    sum(...names.map((name) => `/memory/classes/${name}:bytes`));
  const tiny = value('/gc/heap/tiny/allocs:objects');
  const bytes = { allocs: value('/gc/heap/allocs:bytes'), frees: value('/gc/heap/frees:bytes') };
  const automatic = '/gc/cycles/automatic:gc-cycles';
  const forced = '/gc/cycles/forced:gc-cycles';
  const scans = ['globals', 'heap', 'stack'].map((name) => `/gc/scan/${name}:bytes`);
  const identities: readonly [string, number, number][] = [
    ['cycles', sum(automatic, forced), m.NumGC],
    ['total cycles', value('/gc/cycles/total:gc-cycles'), m.NumGC],
    ['forced', value(forced), m.NumForcedGC],
    ['allocated bytes', bytes.allocs, m.TotalAlloc],
    ['live bytes', bytes.allocs - bytes.frees, m.HeapAlloc],
    ['mallocs', value('/gc/heap/allocs:objects') + tiny, m.Mallocs],
    ['frees', value('/gc/heap/frees:objects') + tiny, m.Frees],
    ['objects', value('/gc/heap/objects:objects'), m.HeapObjects],
    ['goal', value('/gc/heap/goal:bytes'), m.NextGC],
    ['heap objects', classes('heap/objects'), m.HeapAlloc],
    ['in use', classes('heap/objects', 'heap/unused'), m.HeapInuse],
    ['idle', classes('heap/free', 'heap/released'), m.HeapIdle],
    ['released', classes('heap/released'), m.HeapReleased],
    ['stacks', classes('heap/stacks'), m.StackInuse],
    ['mspan', classes('metadata/mspan/inuse'), m.MSpanInuse],
    ['mspan sys', classes('metadata/mspan/inuse', 'metadata/mspan/free'), m.MSpanSys],
    ['mcache', classes('metadata/mcache/inuse'), m.MCacheInuse],
    ['mcache sys', classes('metadata/mcache/inuse', 'metadata/mcache/free'), m.MCacheSys],
    ['GC', classes('metadata/other'), m.GCSys],
    ['other', classes('other'), m.OtherSys],
    ['buckets', classes('profiling/buckets'), m.BuckHashSys],
    ['total', classes('total'), m.Sys],
    ['scan', sum(...scans), value('/gc/scan/total:bytes')],
    ['procs', value('/sched/gomaxprocs:threads'), 1],
    ['GOGC off', value('/gc/gogc:percent'), 2 ** 64],
  ];
  for (const [name, left, right] of identities) out(name, left === right);
  const live = value('/gc/heap/live:bytes');
  out('marked at the last cycle, at most what is allocated', live > 0 && live <= m.HeapAlloc);
}
