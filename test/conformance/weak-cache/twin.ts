import { GO, type Go, type Obj, type WeakPointer } from '@heaptape/core';
import { type Kit, NODE, typeOf } from '../kit.ts';

const WEAK = typeOf('weak.Pointer[main.blob]', 8, [0]);

export function* main(t: Kit): Go {
  const { rt, out } = t;
  const cache = rt.makeMap(GO.string, WEAK);
  rt.global('cache').set(cache.object);
  const held = rt.global('held');
  let made = 0;
  const get = (name: string): Obj => {
    const known = (cache.get(name) as WeakPointer | undefined)?.Value();
    if (known) return known as Obj;
    made += 1;
    return t.call((hold) => {
      const blob = hold(rt.new(NODE));
      cache.set(name, rt.weak.Make(blob));
      rt.AddCleanup(blob, () => cache.delete(name), name);
      return blob;
    });
  };
  const use = (): void =>
    t.call((hold) => {
      for (let i = 0; i < 10; i += 1) {
        held.set(get('held'));
        hold(get('dropped'));
      }
    });
  t.still();
  use();
  out('made', made, 'entries', cache.len);
  yield* t.collect();
  out('made', made, 'entries', cache.len);
  use();
  out('made', made, 'entries', cache.len);
}
