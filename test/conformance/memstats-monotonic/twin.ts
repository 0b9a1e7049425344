import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const start = t.stats();
  const kept = Array.from({ length: 1000 }, () => g.slot());
  for (const slot of kept) slot.set(rt.make(GO.byte, 2000).array);
  const full = t.stats();
  for (const slot of kept) slot.set(null);
  rt.GC();
  const after = t.stats();
  out('TotalAlloc grew', full.TotalAlloc > start.TotalAlloc, after.TotalAlloc >= full.TotalAlloc);
  out('Mallocs grew', full.Mallocs > start.Mallocs, after.Mallocs >= full.Mallocs);
  out('Frees grew', full.Frees >= start.Frees, after.Frees >= full.Frees + 1000);
  out('Alloc fell', after.Alloc + 1000 * 2048 <= full.Alloc);
  out('HeapObjects fell', after.HeapObjects + 1000 <= full.HeapObjects);
}
