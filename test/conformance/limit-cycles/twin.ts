import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  const kept = rt.global('kept');
  t.still();
  rt.debug.SetMemoryLimit(32 << 20);
  const start = t.stats().NumGC;
  let held = true;
  for (let i = 0; i < 128 << 4; i += 1) {
    kept.set(rt.make(GO.byte, 1 << 16).array);
    if (i % 64 !== 0) continue;
    const { Sys, HeapReleased } = t.stats();
    held &&= Sys - HeapReleased <= 33 << 20;
  }
  out('cycles', t.stats().NumGC - start);
  out('held', held);
}
