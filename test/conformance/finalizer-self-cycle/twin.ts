import type { Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const SMALL = typeOf('main.object', 5024, [0, 2]);
const LARGE = typeOf('main.large', 200_016, [0, 25_001]);

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  const before = t.live(5376);
  t.call((hold) => {
    const small = hold(rt.new(SMALL));
    small.set(2, small);
    rt.SetFinalizer(small, () => say('small'));
  });
  for (let cycle = 1; cycle <= 3; cycle += 1) {
    out('small, cycle', cycle, yield* t.collect(), t.live(5376) - before);
  }
  t.call((hold) => {
    const [first, second] = [hold(rt.new(LARGE)), hold(rt.new(LARGE))];
    first.set(0, first);
    second.set(25_001, second);
    rt.SetFinalizer(first, () => say('from-the-first-piece'));
    rt.SetFinalizer(second, () => say('from-the-second-piece'));
  });
  for (let cycle = 1; cycle <= 3; cycle += 1) out('large, cycle', cycle, yield* t.collect());
}
