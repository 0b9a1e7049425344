import { GO, SCALAR } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  for (let i = 0; i < 256; i += 1) g.slot().set(rt.make(GO.byte, 1 << 16).array);
  for (const percent of [0, 25, 50, 100, 200, 400]) {
    rt.debug.SetGCPercent(percent);
    rt.GC();
    const { NextGC } = t.stats();
    rt.debug.SetGCPercent(-1);
    const { scalars } = rt.world;
    const heapMarked = scalars[SCALAR.heapMarked];
    const scanned = heapMarked + scalars[SCALAR.stackScanWork] + scalars[SCALAR.globalsScanWork];
    const goal = heapMarked + Math.floor((scanned * percent) / 100);
    const holds = NextGC === Math.max(goal, heapMarked + (1 << 20));
    out(percent, 'marked 16 MiB and little more', heapMarked >> 20, 'goal', holds);
  }
  out('off', t.stats().NextGC >= Number.MAX_SAFE_INTEGER);
}
