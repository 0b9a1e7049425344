import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  const check = (when: string): void => {
    const m = t.stats();
    const parts = [m.StackSys, m.MSpanSys, m.MCacheSys, m.BuckHashSys, m.GCSys, m.OtherSys];
    const add = (a: number, b: number): number => a + b;
    const identities: readonly [string, boolean][] = [
      ['Alloc is HeapAlloc', m.Alloc === m.HeapAlloc],
      ['Sys is the sum of seven', m.Sys === parts.reduce(add, m.HeapSys)],
      ['HeapSys is idle and in use', m.HeapSys === m.HeapIdle + m.HeapInuse],
      ['HeapObjects is mallocs less frees', m.HeapObjects === m.Mallocs - m.Frees],
      ['released is idle', m.HeapReleased <= m.HeapIdle],
      ['allocated is in use', m.HeapAlloc <= m.HeapInuse],
      ['Alloc is part of TotalAlloc', m.Alloc <= m.TotalAlloc],
      ['LastGC is the newest PauseEnd', m.LastGC === m.PauseEnd[(m.NumGC + 255) % 256]],
      ['PauseTotalNs is the sum of PauseNs', m.PauseTotalNs === m.PauseNs.reduce(add, 0)],
      ['forced cycles are cycles', m.NumForcedGC <= m.NumGC],
      ['MSpanInuse is part of MSpanSys', m.MSpanInuse <= m.MSpanSys],
      ['MCacheInuse is part of MCacheSys', m.MCacheInuse <= m.MCacheSys],
      ['StackInuse is StackSys without cgo', m.StackInuse === m.StackSys],
      ['GCCPUFraction is a fraction', m.GCCPUFraction >= 0 && m.GCCPUFraction < 1],
      ['EnableGC', m.EnableGC],
      ['not DebugGC', !m.DebugGC],
      ['no Lookups', m.Lookups === 0],
    ];
    for (const [name, holds] of identities) out(`${when}:`, name, holds);
  };
  check('start');
  const kept = Array.from({ length: 2000 }, () => g.slot());
  for (const [i, slot] of kept.entries()) slot.set(rt.make(GO.byte, i).array);
  check('filled');
  rt.GC();
  for (const slot of kept) slot.set(null);
  rt.GC();
  check('collected');
}
