import { readMemStats } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const NODE = typeOf('main.node', 1024, [0]);

export function main({ rt, out }: Kit): void {
  const [list, kept] = [rt.global('list'), rt.global('kept')];
  const largest = (): number => {
    let most = 0;
    for (let i = 0; i < 512; i += 1) {
      for (let k = 0; k < 128; k += 1) kept.set(rt.new(NODE));
      most = Math.max(most, readMemStats(rt.world).HeapAlloc);
    }
    return Math.floor(most / 1024);
  };
  rt.GOMAXPROCS(1);
  rt.debug.SetGCPercent(100);
  rt.GC();
  out('empty', largest());
  for (let i = 0; i < 7280; i += 1) {
    const node = rt.new(NODE);
    if (list.get() !== null) node.set(0, list.get());
    list.set(node);
  }
  rt.GC();
  rt.GC();
  out('live', largest());
}
