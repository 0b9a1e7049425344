import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  const start = t.stats();
  const since = (): [number, number] => {
    const { NumGC, NumForcedGC } = t.stats();
    return [NumGC - start.NumGC, NumForcedGC - start.NumForcedGC];
  };
  for (let i = 1; i <= 5; i += 1) {
    rt.GC();
    out(i, ...since());
  }
  rt.debug.FreeOSMemory();
  out('FreeOSMemory', ...since());
}
