import type { Go, Obj } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, g, out, say } = t;
  const kept = rt.global('kept');
  t.still();
  const old = t.call((hold) => {
    const o = hold(rt.new(NODE));
    const w = rt.weak.Make(o);
    rt.global('old').set(w.handle);
    rt.SetFinalizer(o, (revived: Obj) => {
      kept.set(revived);
      say('revived');
    });
    return w;
  });
  out(yield* t.collect());
  const again = rt.weak.Make(kept.get());
  g.slot().set(again.handle);
  out('old', old.Value() !== null, 'new', again.Value() !== null, 'equal', old.equals(again));
  out('twice', again.equals(rt.weak.Make(kept.get())));
  kept.set(null);
  rt.GC();
  out('old', old.Value() !== null, 'new', again.Value() !== null);
}
