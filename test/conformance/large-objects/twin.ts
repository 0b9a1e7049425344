import { GO } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  for (const size of [32_760, 32_761, 32_768, 32_769, 40_960, 1 << 20, (1 << 20) + 1, 5_000_000]) {
    const { Bytes } = t.measure(() => void rt.make(GO.byte, size));
    const before = t.stats();
    rt.GC();
    const after = t.stats();
    out(size, 'bytes', Bytes, 'freed', Bytes <= before.HeapAlloc - after.HeapAlloc + 4096);
  }
  out('with a pointer', t.measure(() => void rt.new(typeOf('main.mixed', 32_760, [0]))).Bytes);
}
