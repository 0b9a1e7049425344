import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { BySize } = t.stats();
  t.out('rows', BySize.length);
  for (const [i, { Size }] of BySize.entries()) t.out(i, Size);
  t.out('row 0', BySize[0].Mallocs, BySize[0].Frees);
}
