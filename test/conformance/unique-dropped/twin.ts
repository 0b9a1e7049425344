import type { Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const VALUE = typeOf('main.value', 10_000);

export function* main(t: Kit): Go {
  const { rt, out } = t;
  const handle = rt.global('handle');
  const create = (b: number): void => handle.set(rt.unique.Make([b], VALUE).object);
  t.still();
  create(0);
  yield* t.collect();
  const start = t.live(10_240);
  create(1);
  create(2);
  create(2);
  for (let cycle = 0; cycle < 4; cycle += 1) {
    out('cycle', cycle, 'copies', t.live(10_240) - start);
    yield* t.collect();
  }
  handle.set(null);
  for (let cycle = 0; cycle < 4; cycle += 1) {
    yield* t.collect();
    out('dropped, cycle', cycle + 1, 'copies', t.live(10_240) - start);
  }
}
