import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  for (let i = 0; i < 64; i += 1) g.slot().set(rt.make(GO.byte, 1 << 17).array);
  const start = t.stats().NumGC;
  for (const percent of [100, 10, 400, 1, -1]) rt.debug.SetGCPercent(percent);
  out('cycles', t.stats().NumGC - start);
}
