import type { Go } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  t.call((hold) => {
    const [c, b, a] = [hold(rt.new(NODE)), hold(rt.new(NODE)), hold(rt.new(NODE))];
    b.set(2, c);
    a.set(2, b);
    rt.SetFinalizer(c, () => say('C'));
    rt.SetFinalizer(b, () => say('B'));
    rt.SetFinalizer(a, () => say('A'));
  });
  for (let cycle = 1; cycle <= 4; cycle += 1) out('cycle', cycle, yield* t.collect());
}
