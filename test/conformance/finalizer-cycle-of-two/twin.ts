import type { Go, Obj } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const ring = (...names: readonly string[]): void =>
    t.call((hold) => {
      const [a, b] = [hold(rt.new(NODE)), hold(rt.new(NODE))];
      a.set(2, b);
      b.set(2, a);
      for (const [i, name] of names.entries()) rt.SetFinalizer(i === 0 ? a : b, () => say(name));
    });
  t.still();
  ring('both-a', 'both-b');
  ring('one-a');
  t.call((hold) => {
    const [a, b, c] = [1, 2, 3].map((): Obj => hold(rt.new(NODE)));
    a.set(2, b);
    b.set(2, c);
    c.set(2, b);
    rt.SetFinalizer(a, () => say('outside'));
  });
  for (let cycle = 1; cycle <= 4; cycle += 1) out('cycle', cycle, yield* t.collect());
}
