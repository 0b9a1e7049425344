import type { Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 1784, [0]);

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  for (let i = 0; i < 4; i += 1) {
    t.call((hold) => {
      const o = hold(rt.new(OBJECT));
      for (const letter of 'abc') rt.AddCleanup(o, say, `${i}${letter}`);
    });
  }
  out('order', yield* t.collect());
}
