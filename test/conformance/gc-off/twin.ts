import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  const kept = rt.global('kept');
  rt.debug.SetGCPercent(-1);
  const start = t.stats();
  for (let i = 0; i < 64; i += 1) kept.set(rt.make(GO.byte, 1 << 20).array);
  const full = t.stats();
  const grew = full.HeapAlloc - start.HeapAlloc >= 64 << 20;
  out('cycles', full.NumGC - start.NumGC, 'heap grew by 64 MiB', grew);
  rt.GC();
  const after = t.stats();
  const forced = after.NumForcedGC - start.NumForcedGC;
  out('forced', forced, 'under 3 MiB', after.HeapAlloc < 3 << 20);
}
