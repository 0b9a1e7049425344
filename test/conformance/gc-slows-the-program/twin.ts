import { SCALAR } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const NODE = typeOf('main.node', 64, [0]);

export function main(t: Kit): void {
  const { rt, out } = t;
  const [list, kept] = [rt.global('list'), rt.global('kept')];
  const work = (collect: boolean): number => {
    const start = rt.world.scalars[SCALAR.timeNs];
    for (let i = 0; i < 20_000; i += 1) {
      kept.set(rt.new(NODE));
      if (collect && i % 1000 === 0) rt.GC();
    }
    return rt.world.scalars[SCALAR.timeNs] - start;
  };
  t.still();
  for (let i = 0; i < 50_000; i += 1) {
    const node = rt.new(NODE);
    node.set(0, list.get());
    list.set(node);
  }
  const before = t.stats();
  const [without, collecting] = [work(false), work(true)];
  const after = t.stats();
  out('slower', collecting > without);
  out('forced', after.NumForcedGC - before.NumForcedGC);
  out('paused longer', after.PauseTotalNs > before.PauseTotalNs);
  out('share of the CPU', after.GCCPUFraction > 0);
}
