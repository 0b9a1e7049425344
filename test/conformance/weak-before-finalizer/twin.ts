import type { Go, Obj, WeakPointer } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const kept = rt.global('kept');
  const description = (w: WeakPointer): boolean => w.Value() !== null;
  t.still();
  const [weakOuter, weakInner] = t.call((hold) => {
    const [inner, outer] = [hold(rt.new(NODE)), hold(rt.new(NODE))];
    outer.set(2, inner);
    const made = [rt.weak.Make(outer), rt.weak.Make(inner)];
    rt.global('weakOuter').set(made[0].handle);
    rt.global('weakInner').set(made[1].handle);
    rt.SetFinalizer(outer, (o: Obj) => {
      say(`outer ${description(made[0])} inner ${description(made[1])}`);
      kept.set(o);
    });
    return made;
  });
  out('in the finalizer:', yield* t.collect());
  rt.GC();
  out('brought back: outer', description(weakOuter), 'inner', description(weakInner));
  kept.set(null);
  rt.GC();
  out('dropped: outer', description(weakOuter), 'inner', description(weakInner));
}
