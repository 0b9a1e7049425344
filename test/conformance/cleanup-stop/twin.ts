import type { Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 16, [1]);

export function* main(t: Kit): Go {
  const { rt, g, out, say } = t;
  t.still();
  const o = g.slot();
  const object = rt.new(OBJECT);
  o.set(object);
  const stopped = rt.AddCleanup(object, say, 'stopped');
  const other = rt.AddCleanup(object, say, 'other');
  stopped.Stop();
  stopped.Stop();
  rt.KeepAlive(object);
  o.set(null);
  out('cycle 1', yield* t.collect());
  other.Stop();
  stopped.Stop();
  out('cycle 2', yield* t.collect());
}
