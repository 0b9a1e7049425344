import { GO, type Obj } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 72, [8]);

export function main(t: Kit): void {
  const { rt, g, out } = t;
  const kept = rt.global('kept');
  t.still();
  const object = rt.new(OBJECT);
  kept.set(object);
  const field = rt.pointerTo(object, 40, GO.int);
  const w = rt.weak.Make(field);
  g.slot().set(w.handle);
  rt.GC();
  const value = w.Value();
  const same = value !== null && (value as Obj).address === field.address;
  out('value', same ? 55 : 'lost', 'same address', same);
  kept.set(null);
  rt.GC();
  out('nil', w.Value() === null);
}
