import type { WeakPointer } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 16, [1]);

export function main(t: Kit): void {
  const { rt, out } = t;
  const kept = rt.global('kept');
  const read = (w: WeakPointer): string => (w.Value() === null ? 'nil' : '42');
  t.still();
  const object = rt.new(OBJECT);
  kept.set(object);
  const w = rt.weak.Make(object);
  t.g.slot().set(w.handle);
  out('fresh', read(w));
  rt.GC();
  out('held', read(w));
  kept.set(null);
  out('dropped', read(w));
  rt.GC();
  out('collected', read(w));
}
