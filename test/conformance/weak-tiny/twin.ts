import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  const kept = rt.global('kept');
  t.still();
  const w = t.call((hold) => {
    const [first, second] = [hold(rt.new(GO.int32)), hold(rt.new(GO.int32))];
    kept.set(second);
    const made = rt.weak.Make(first);
    g.slot().set(made.handle);
    return made;
  });
  for (let i = 0; i < 3; i += 1) rt.GC();
  out('neighbour held', w.Value() !== null);
  kept.set(null);
  rt.GC();
  out('block dropped', w.Value() !== null);
}
