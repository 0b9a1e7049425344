import type { Go, Obj } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 16, [1]);

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const kept = rt.global('kept');
  let value = 7;
  const revive = (o: Obj): void => {
    kept.set(o);
    say(`revived-${value}`);
  };
  t.still();
  rt.SetFinalizer(rt.new(OBJECT), revive);
  out('first', yield* t.collect());
  out('held', yield* t.collect(), value);
  value = 8;
  rt.SetFinalizer(kept.get(), revive);
  kept.set(null);
  out('second', yield* t.collect());
  rt.KeepAlive(kept.get());
  out('back', value);
  kept.set(null);
  out('third', yield* t.collect());
  out('gone', kept.get() === null);
}
