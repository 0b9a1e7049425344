import type { Go } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  t.call((hold) => {
    const cleared = hold(rt.new(NODE));
    rt.SetFinalizer(cleared, null);
    rt.SetFinalizer(cleared, () => say('cleared-first'));
    rt.SetFinalizer(cleared, null);
    rt.SetFinalizer(cleared, null);
    const replaced = hold(rt.new(NODE));
    rt.SetFinalizer(replaced, () => say('replaced-first'));
    rt.SetFinalizer(replaced, null);
    rt.SetFinalizer(replaced, () => say('replaced-second'));
  });
  out('cycle 1', yield* t.collect());
  out('cycle 2', yield* t.collect());
}
