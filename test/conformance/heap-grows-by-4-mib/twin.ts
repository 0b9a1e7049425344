import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const sys = (): number => {
    const { HeapSys, StackInuse } = t.stats();
    return HeapSys + StackInuse;
  };
  let before = sys();
  let steps = 0;
  for (let i = 0; i < 200; i += 1) {
    g.slot().set(rt.make(GO.byte, 1 << 17).array);
    const after = sys();
    if (after === before + (4 << 20)) steps += 1;
    before = after;
  }
  out('six steps or more', steps >= 6);
}
