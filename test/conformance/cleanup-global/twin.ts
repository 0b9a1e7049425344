import type { Cleanup, Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 16, [1]);

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const global = rt.global('global');
  const cleanups: Cleanup[] = [];
  t.still();
  out(
    t.attempt(() => {
      cleanups.push(rt.AddCleanup(rt.addressOf(global, OBJECT), say, 'global'));
      cleanups.push(rt.AddCleanup(rt.new(typeOf('[0]int', 0)), say, 'empty'));
    }),
  );
  out('cycle', yield* t.collect());
  out(
    t.attempt(() => {
      for (const cleanup of cleanups) cleanup.Stop();
    }),
  );
}
