import { GO, type Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 520, [64]);

export function* main(t: Kit): Go {
  const { rt, out } = t;
  const counts = new Array<number>(200).fill(0);
  const count = (i: number): void => {
    counts[i] += 1;
  };
  t.still();
  t.call((hold) => {
    const o = hold(rt.new(OBJECT));
    for (let i = 0; i < 200; i += 1) rt.AddCleanup(rt.pointerTo(o, (i % 64) * 8, GO.int), count, i);
  });
  for (let cycle = 0; cycle < 3; cycle += 1) {
    yield* t.collect();
    const ran = counts.reduce((sum, value) => sum + value, 0);
    out('ran', ran, 'once', counts.filter((value) => value === 1).length);
  }
}
