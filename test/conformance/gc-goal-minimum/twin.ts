import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  out('start', t.stats().NextGC, 'cycles', t.stats().NumGC);
  for (const percent of [50, 100, 200, 400]) {
    rt.debug.SetGCPercent(percent);
    out('set', percent, t.stats().NextGC);
  }
  for (const percent of [100, 200, 400]) {
    rt.debug.SetGCPercent(percent);
    rt.GC();
    out('cycle', percent, t.stats().NextGC);
  }
}
