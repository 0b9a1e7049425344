import type { Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const BLOCK = typeOf('main.block', 1784, [0, 2]);

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  for (const name of ['1', '2', '3', '4', '5']) rt.SetFinalizer(rt.new(BLOCK), () => say(name));
  out('order', yield* t.collect());
  out('later', yield* t.collect());
}
