import type { Go } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out } = t;
  t.still();
  rt.SetFinalizer(rt.new(NODE), () => rt.panic('finalizer of object'));
  out('collect');
  yield* t.collect();
  out('not reached');
}
