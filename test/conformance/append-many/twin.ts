import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  for (const length of [0, 1, 4, 10, 100, 255, 256, 257, 1000]) {
    const caps = [1, 3, 9, 50, 1000, 5000].map((more) => {
      const slice = rt.make(GO.int, length);
      return rt.append(slice, ...Array.from({ length: more }, () => 0)).cap;
    });
    out(`${length}: ${caps.join(' ')}`);
  }
}
