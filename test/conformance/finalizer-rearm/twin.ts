import type { Go, Obj } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 16, [1]);

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  let runs = 0;
  const again = (o: Obj): void => {
    runs += 1;
    say(runs);
    if (runs < 5) rt.SetFinalizer(o, again);
  };
  t.still();
  rt.SetFinalizer(rt.new(OBJECT), again);
  for (let cycle = 1; cycle <= 7; cycle += 1) out('cycle', cycle, yield* t.collect());
}
