import type { Obj } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 16, [1]);

export function main(t: Kit): void {
  const { rt, g, out } = t;
  const strong = rt.global('strong');
  t.still();
  const w = rt.weak.Make(rt.new(OBJECT));
  g.slot().set(w.handle);
  strong.set(w.Value() as Obj | null);
  rt.GC();
  out('held by what Value gave', w.Value() !== null);
  strong.set(null);
  rt.GC();
  out('dropped', w.Value() !== null);
}
