import { type Go, pointerTo } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 5008, [625]);

export function* main(t: Kit): Go {
  const { rt, out } = t;
  const variable = rt.global('channel');
  t.still();
  const start = t.live(5376);
  const channel = rt.makeChan(pointerTo('main.object'), 10);
  variable.set(channel.header);
  for (let i = 0; i < 10; i += 1) yield* channel.send(rt.new(OBJECT));
  channel.close();
  rt.GC();
  out('closed', t.live(5376) - start);
  yield* channel.recv();
  yield* channel.recv();
  rt.GC();
  out('two received', t.live(5376) - start);
  variable.set(null);
  rt.GC();
  out('dropped', t.live(5376) - start);
}
