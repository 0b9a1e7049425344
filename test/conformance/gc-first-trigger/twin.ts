import { GO, type RuntimeOptions, readMemStats } from '@heaptape/core';
import { type Kit, RECORDED } from '../kit.ts';

/** The second P has nothing else to do than to mark. */
export const options: RuntimeOptions = {
  config: { ...RECORDED, costs: { ...RECORDED.costs, idleMarkProcs: 1 } },
};

/** What runtime/metrics reads without flushing anything is here what the world holds. */
export function main({ rt, out }: Kit): void {
  const kept = rt.global('kept');
  do {
    for (let i = 0; i < 16; i += 1) kept.set(rt.make(GO.byte, 1024).array);
  } while (readMemStats(rt.world).NumGC === 0);
  out('allocated', readMemStats(rt.world).TotalAlloc);
}
