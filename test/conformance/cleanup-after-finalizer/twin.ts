import type { Go, Obj } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const kept = rt.global('kept');
  t.still();
  t.call((hold) => {
    const o = hold(rt.new(NODE));
    rt.AddCleanup(o, say, 'cleanup');
    rt.SetFinalizer(o, (revived: Obj) => {
      say('finalizer');
      kept.set(revived);
    });
  });
  out('cycle 1', yield* t.collect());
  out('cycle 2, brought back', yield* t.collect());
  kept.set(null);
  out('cycle 3, dropped', yield* t.collect());
  out('cycle 4', yield* t.collect());
}
