import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

const SIZES = [16, 20, 30, 100, 500, 1000, 1025, 2000, 5000, 9000, 18_432, 18_433, 32_760, 40_000];

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const kept = SIZES.map(() => Array.from({ length: 7 }, () => g.slot()));
  SIZES.forEach((size, i) => {
    const before = t.stats();
    for (const slot of kept[i]) slot.set(rt.make(GO.byte, size).array);
    const after = t.stats();
    const counts = after.BySize.flatMap(({ Size, Mallocs }, row) => {
      const count = Mallocs - before.BySize[row].Mallocs;
      return count === 0 ? [] : [` ${count} of ${Size}`];
    });
    out(`${size}:${counts.join('')}`, 'mallocs', after.Mallocs - before.Mallocs);
  });
  const before = t.stats();
  for (const slot of kept.flat()) slot.set(null);
  rt.GC();
  t.stats().BySize.forEach(({ Size, Frees }, row) => {
    if (Frees - before.BySize[row].Frees >= 7) out('freed 7 or more of', Size);
  });
}
