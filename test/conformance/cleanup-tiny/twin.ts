import { GO, type Go } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const kept = rt.global('kept');
  t.still();
  for (let i = 0; i < 4; i += 1) {
    t.call((hold) => {
      const p = hold(rt.new(GO.int32));
      rt.AddCleanup(p, say, i);
      if (i === 1) kept.set(p);
    });
  }
  out('held', yield* t.collect());
  out('held', yield* t.collect());
  kept.set(null);
  out('dropped', yield* t.collect());
}
