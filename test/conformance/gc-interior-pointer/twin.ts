import { GO } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  const [field, part] = [rt.global('field'), rt.global('part')];
  t.still();
  const [objects, arrays] = [t.live(5376), t.live(9472)];
  field.set(rt.pointerTo(rt.new(typeOf('main.object', 5128, [640])), 4800, GO.int));
  part.set(rt.make(GO.byte, 9000).slice(8000, 8001).array);
  rt.GC();
  out('held', t.live(5376) - objects, t.live(9472) - arrays);
  field.set(null);
  part.set(null);
  rt.GC();
  out('dropped', t.live(5376) - objects, t.live(9472) - arrays);
}
