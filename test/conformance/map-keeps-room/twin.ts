import { GO, pointerTo } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const VALUE = typeOf('main.value', 5008, [625]);

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  const entries = rt.makeMap(GO.int, pointerTo('main.value'), 500);
  rt.global('entries').set(entries.object);
  const start = t.live(5376);
  for (let i = 0; i < 100; i += 1) entries.set(i, rt.new(VALUE));
  rt.GC();
  out('filled', t.live(5376) - start);
  for (let i = 0; i < 50; i += 1) entries.delete(i);
  rt.GC();
  out('half deleted', t.live(5376) - start);
  entries.clear();
  rt.GC();
  out('cleared', t.live(5376) - start);
  const { Mallocs } = t.measure(() => {
    for (let i = 0; i < 400; i += 1) entries.set(i, null);
  });
  out('filled again, mallocs', Mallocs);
}
