import type { Go } from '@heaptape/core';
import { BIG, type Kit } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  const start = t.live(5376);
  for (let i = 0; i < 10; i += 1) rt.new(BIG);
  out('plain', t.live(5376) - start);
  out('cycle', yield* t.collect(), t.live(5376) - start);
  for (let i = 0; i < 10; i += 1) rt.SetFinalizer(rt.new(BIG), () => say('f'));
  out('finalized', t.live(5376) - start);
  out('cycle', yield* t.collect(), t.live(5376) - start);
  out('cycle', yield* t.collect(), t.live(5376) - start);
}
