import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 4008, [0]);

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const kept = Array.from({ length: 2000 }, () => g.slot());
  const addresses = kept.map((slot) => {
    const object = rt.new(OBJECT);
    slot.set(object);
    return object.address;
  });
  kept.forEach((slot, i) => {
    if (i % 2 === 0) slot.set(null);
  });
  const before = t.stats().HeapInuse;
  rt.GC();
  const after = t.stats();
  const moved = kept.filter((slot, i) => i % 2 === 1 && slot.get()?.address !== addresses[i]);
  out('moved', moved.length);
  out('half of the bytes are free', after.HeapAlloc < before * 0.6);
  out('the spans are in use', after.HeapInuse > before * 0.9);
  const large = rt.new(typeOf('[8000]byte', 8000));
  const inside = addresses.some((address, i) => i % 2 === 0 && address === large.address);
  out('a larger object between them', inside);
}
