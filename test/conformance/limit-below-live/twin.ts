import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  const kept = rt.global('kept');
  rt.GOMAXPROCS(1);
  const live = Array.from({ length: 32 }, () => g.slot());
  for (const slot of live) slot.set(rt.make(GO.byte, 1 << 18).array);
  rt.debug.SetGCPercent(-1);
  rt.debug.SetMemoryLimit(4 << 20);
  const start = t.stats().NumGC;
  for (let i = 0; i < 1000; i += 1) kept.set(rt.make(GO.byte, 1 << 15).array);
  out('more than 20 cycles', t.stats().NumGC - start > 20);
  for (const slot of live) rt.KeepAlive(slot.get());
  out('live', live.length);
}
