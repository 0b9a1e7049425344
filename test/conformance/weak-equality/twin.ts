import { GO, type WeakPointer } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 24, [2]);

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const [a, again, other, first, second] = t.call((hold): WeakPointer[] => {
    const o = hold(rt.new(OBJECT));
    const parts = [rt.pointerTo(o, 0, GO.int), rt.pointerTo(o, 8, GO.int)];
    const pointers = [o, o, hold(rt.new(OBJECT)), ...parts];
    return pointers.map((pointer) => {
      const w = rt.weak.Make(pointer);
      g.slot().set(w.handle);
      return w;
    });
  });
  for (const when of ['alive', 'dead']) {
    const same = ['same', a.equals(again), 'another object', a.equals(other)];
    out(when, ...same, 'another offset', first.equals(second));
    rt.GC();
  }
  out('values', ...[a, other, first, second].map((w) => w.Value() === null));
  out('a dead one and the zero one', a.equals(rt.weak.Make(null)));
}
