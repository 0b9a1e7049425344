import type { Go } from '@heaptape/core';
import { type Kit, NODE, ON_OBJECT } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  t.call((hold) => {
    const [held, free] = [hold(rt.new(NODE)), hold(rt.new(NODE))];
    rt.SetFinalizer(
      held,
      rt.func({ ...ON_OBJECT, captures: [held] }, () => say('held')),
    );
    rt.SetFinalizer(
      free,
      rt.func(ON_OBJECT, () => say('free')),
    );
  });
  for (let cycle = 1; cycle <= 3; cycle += 1) out('cycle', cycle, yield* t.collect());
}
