import type { Obj } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 5016, [0, 1]);
const [NEXT, BACK] = [0, 1];

export function main(t: Kit): void {
  const { rt, out } = t;
  const entry = rt.global('entry');
  t.still();
  const start = t.live(5376);
  t.call((hold) => {
    const ring = Array.from({ length: 50 }, (): Obj => hold(rt.new(OBJECT)));
    ring.forEach((object, i) => {
      object.set(NEXT, ring[(i + 1) % 50]);
      object.set(BACK, ring[(i + 49) % 50]);
    });
    entry.set(ring[0]);
  });
  rt.GC();
  out('held by one', t.live(5376) - start);
  entry.set(null);
  rt.GC();
  out('dropped', t.live(5376) - start);
}
