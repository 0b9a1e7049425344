import type { Go } from '@heaptape/core';
import { BIG, type Kit } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  const start = t.live(5376);
  t.call((hold) => rt.AddCleanup(hold(rt.new(BIG)), say, 'argument'));
  out('objects', t.live(5376) - start);
  rt.GC();
  out('objects', t.live(5376) - start, 'said', yield* t.rest());
  out('later', yield* t.collect());
}
