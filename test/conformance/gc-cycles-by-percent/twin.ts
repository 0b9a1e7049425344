import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  const kept = rt.global('kept');
  rt.GOMAXPROCS(1);
  for (let i = 0; i < 128; i += 1) g.slot().set(rt.make(GO.byte, 1 << 16).array);
  for (const percent of [50, 100, 200, 400]) {
    rt.debug.SetGCPercent(percent);
    rt.GC();
    const start = t.stats().NumGC;
    for (let i = 0; i < 96 << 8; i += 1) kept.set(rt.make(GO.byte, 4096).array);
    out(`cycles-${percent}`, t.stats().NumGC - start);
  }
}
