import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const start = t.stats().HeapInuse;
  const spans = (): number => (t.stats().HeapInuse - start) / 8192;
  const kept = Array.from({ length: 8000 }, () => g.slot());
  for (const slot of kept) slot.set(rt.make(GO.byte, 1024).array);
  out('spans-full', spans());
  kept.forEach((slot, i) => {
    if (i % 8 !== 0) slot.set(null);
  });
  rt.GC();
  out('spans-thinned', spans());
}
