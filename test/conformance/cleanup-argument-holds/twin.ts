import type { Go } from '@heaptape/core';
import { BIG, type Kit, typeOf } from '../kit.ts';

const BOX = typeOf('main.box', 2512, [0]);

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  const [objects, boxes] = [t.live(5376), t.live(2688)];
  const create = (word: string, leads: boolean): void =>
    t.call((hold) => {
      const [o, box] = [hold(rt.new(BIG)), hold(rt.new(BOX))];
      if (leads) box.set(0, o);
      rt.AddCleanup(o, () => say(word), box);
    });
  create('fine', false);
  create('leaked', true);
  for (let cycle = 0; cycle < 4; cycle += 1) {
    out('cycle', cycle, 'objects', t.live(5376) - objects, 'boxes', t.live(2688) - boxes);
    out('said', yield* t.collect());
  }
}
