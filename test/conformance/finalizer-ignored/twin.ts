import { GO, type Go } from '@heaptape/core';
import { type Kit, NODE, typeOf } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const global = rt.global('global');
  t.still();
  out(
    t.attempt(() => {
      rt.SetFinalizer(rt.new(typeOf('main.empty', 0)), () => say('empty'));
      rt.SetFinalizer(rt.new(typeOf('[0]int', 0)), 'no function');
      rt.SetFinalizer(rt.addressOf(global, NODE), () => say('global'));
      rt.SetFinalizer(rt.addressOf(global, NODE), () => say('global again'));
      rt.SetFinalizer(rt.addressOf(global, GO.int), 'no function');
    }),
  );
  out('cycle 1', yield* t.collect());
  out('cycle 2', yield* t.collect());
}
