import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('[4]int', 32);

export function main(t: Kit): void {
  const { rt, out } = t;
  const global = rt.addressOf(rt.global('global'), OBJECT);
  t.still();
  const [w, none] = [rt.weak.Make(global), rt.weak.Make(rt.nil(OBJECT))];
  rt.GC();
  rt.GC();
  out('global', w.Value() === global, w.equals(rt.weak.Make(global)));
  out('nil', none.Value() === null, none.equals(rt.weak.Make(null)));
}
