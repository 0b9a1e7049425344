import { GO, type GoType, pointerTo } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  for (const n of [1, 8, 9, 14, 15, 28, 29, 100, 500, 800]) {
    const filled = (elem: GoType): string => {
      const { Mallocs, Bytes } = t.measure(() => {
        const map = rt.makeMap(GO.int, elem);
        for (let i = 0; i < n; i += 1) map.set(i, null);
      });
      return `${Mallocs} ${Bytes}`;
    };
    out(n, 'ints', filled(GO.int), 'pointers', filled(pointerTo('int')));
  }
}
