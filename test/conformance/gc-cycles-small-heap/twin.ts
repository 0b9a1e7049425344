import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  const kept = rt.global('kept');
  const cycles = (count: number, size: number): number => {
    rt.GC();
    const start = t.stats().NumGC;
    for (let i = 0; i < count; i += 1) kept.set(rt.make(GO.byte, size).array);
    return t.stats().NumGC - start;
  };
  rt.GOMAXPROCS(1);
  rt.debug.SetGCPercent(100);
  out('cycles-small', cycles(256 << 10, 1024));
  out('cycles-large', cycles(256, 1 << 20));
}
