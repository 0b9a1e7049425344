import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 5008, [625]);
const NEXT = 625;

export function main(t: Kit): void {
  const { rt, out } = t;
  const list = rt.global('list');
  t.still();
  const start = t.live(5376);
  for (let i = 0; i < 1000; i += 1) {
    const object = rt.new(OBJECT);
    if (list.get() !== null) object.set(NEXT, list.get());
    list.set(object);
  }
  out('built', t.live(5376) - start);
  rt.GC();
  out('held', t.live(5376) - start);
  for (let i = 0; i < 900; i += 1) list.set(list.get()?.get(NEXT) ?? null);
  out('dropped', t.live(5376) - start);
  rt.GC();
  out('collected', t.live(5376) - start);
  list.set(null);
  rt.GC();
  out('collected', t.live(5376) - start);
}
