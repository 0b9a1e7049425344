import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  const kept = rt.global('kept');
  t.still();
  const start = t.stats();
  rt.debug.SetGCPercent(100);
  for (let i = 0; i < 40 << 10; i += 1) kept.set(rt.make(GO.byte, 1024).array);
  rt.debug.SetGCPercent(-1);
  rt.GC();
  const { NumGC, NumForcedGC } = t.stats();
  const forced = NumForcedGC - start.NumForcedGC;
  out('forced', forced);
  out('automatic', NumGC - start.NumGC - forced);
}
