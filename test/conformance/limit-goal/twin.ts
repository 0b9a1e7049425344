import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  for (const mib of [8, 16, 32, 40, 64, 256]) {
    const limit = mib * 2 ** 20;
    rt.debug.SetMemoryLimit(limit);
    const m = t.stats();
    const room = limit - (m.Sys - m.HeapIdle - m.HeapAlloc);
    const goal = room - Math.max(Math.floor(room / 100) * 3, 1 << 20);
    out(mib, 'MiB', m.NextGC === goal);
  }
  rt.debug.SetMemoryLimit(1 << 20);
  out('1 MiB, under 1 MiB', t.stats().NextGC < 1 << 20);
  rt.debug.SetMemoryLimit(Infinity);
  out('none', t.stats().NextGC >= Number.MAX_SAFE_INTEGER);
}
