import type { Go, Obj } from '@heaptape/core';
import { BIG, type Kit } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  const start = t.live(5376);
  t.call((hold) => {
    const three = [0, 1, 2].map((): Obj => hold(rt.new(BIG)));
    const [a, b, c] = three;
    a.set(0, b);
    b.set(0, a);
    c.set(0, c);
    for (const [i, o] of three.entries()) rt.AddCleanup(o, () => say('ran'), i);
  });
  out('objects', t.live(5376) - start);
  out('cycle', yield* t.collect(), t.live(5376) - start);
}
