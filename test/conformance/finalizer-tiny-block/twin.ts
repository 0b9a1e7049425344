import { GO, type Go, type Obj } from '@heaptape/core';
import type { Kit } from '../kit.ts';

const UINT32 = { ...GO.int32, name: 'uint32' };

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const kept = rt.global('kept');
  t.still();
  t.call((hold) => {
    const four = [0, 1, 2, 3].map((): Obj => hold(rt.new(UINT32)));
    for (const [i, p] of four.entries()) rt.SetFinalizer(p, () => say(i));
    kept.set(four[2]);
  });
  out('held', yield* t.collect());
  out('held', yield* t.collect());
  kept.set(null);
  out('dropped', yield* t.collect());
  out('later', yield* t.collect());
}
