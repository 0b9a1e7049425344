import type { Go } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  for (let i = 0; i < 5; i += 1) rt.go(() => say(i));
  yield;
  out('order', yield* t.rest());
}
