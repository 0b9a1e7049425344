import type { Go, Obj } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const LEAF = typeOf('main.leaf', 2008);
const OBJECT = typeOf('main.object', 1008, [0]);

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  const [objects, leaves] = [t.live(1024), t.live(2048)];
  const live = (): string => `objects ${t.live(1024) - objects} leaves ${t.live(2048) - leaves}`;
  t.call((hold) => {
    const leaf = hold(rt.new(LEAF));
    const object = hold(rt.new(OBJECT));
    object.set(0, leaf);
    rt.SetFinalizer(object, (o: Obj) => say(o.get(0)?.id === leaf.id ? 42 : 'lost'));
  });
  out('created', live());
  out('cycle 1', yield* t.collect(), live());
  out('cycle 2', yield* t.collect(), live());
}
