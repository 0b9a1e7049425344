import type { Go } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out: log } = t;
  t.still();
  rt.SetFinalizer(rt.new(NODE), () => log('session of gopher is removed from memory'));
  log('dropped');
  yield* t.collect();
  log('collected');
}
