import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 888, [0]);

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const kept = Array.from({ length: 9000 }, () => g.slot());
  for (const slot of kept) slot.set(rt.new(OBJECT));
  const half = kept.filter((_, i) => i % 2 === 0);
  for (const slot of half) slot.set(null);
  rt.GC();
  const start = t.stats().HeapInuse;
  for (const slot of half) slot.set(rt.new(OBJECT));
  out('spans-more', (t.stats().HeapInuse - start) / 8192);
}
