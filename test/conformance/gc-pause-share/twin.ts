import { SCALAR } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const NODE = typeOf('main.node', 64, [0]);

export function main(t: Kit): void {
  const { rt, out } = t;
  const list = rt.global('list');
  const now = (): number => rt.world.scalars[SCALAR.timeNs];
  t.still();
  for (let i = 0; i < 400_000; i += 1) {
    const node = rt.new(NODE);
    node.set(0, list.get());
    list.set(node);
  }
  let least = 1;
  for (let i = 0; i < 10; i += 1) {
    const start = now();
    rt.GC();
    const took = now() - start;
    const { PauseNs, NumGC } = t.stats();
    least = Math.min(least, PauseNs[(NumGC + 255) % 256] / took);
  }
  out('under a tenth', least < 0.1);
}
