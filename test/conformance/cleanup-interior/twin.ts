import { GO, type Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 72, [8]);

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const kept = rt.global('kept');
  t.still();
  t.call((hold) => {
    const o = hold(rt.new(OBJECT));
    rt.AddCleanup(rt.pointerTo(o, 48, GO.int), say, 'interior');
    kept.set(o);
  });
  out('held by its start', yield* t.collect());
  kept.set(null);
  out('dropped', yield* t.collect());
}
