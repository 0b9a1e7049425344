import type { Go, Obj } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, g, out, say } = t;
  const create = (name: string): Obj => {
    const o = rt.new(NODE);
    rt.SetFinalizer(o, () => say(name));
    return o;
  };
  t.still();
  create('without');
  out('using', 'without');
  out('inside', yield* t.collect());
  const variable = g.slot();
  variable.set(create('with'));
  out('using', 'with');
  out('inside', yield* t.collect());
  rt.KeepAlive(variable.get());
  variable.set(null);
  out('outside', yield* t.collect());
}
