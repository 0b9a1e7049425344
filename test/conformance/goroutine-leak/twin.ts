import { GO, type Go, type Goroutine } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 5008, [625]);

export function* main(t: Kit): Go {
  const { rt, out } = t;
  t.still();
  const start = t.live(5376);
  for (let i = 0; i < 10; i += 1) {
    rt.go(function* (g: Goroutine): Go {
      const never = rt.makeChan(GO.bool);
      g.slot().set(never.header);
      g.slot().set(rt.new(OBJECT));
      yield* never.recv();
    });
  }
  yield;
  rt.GC();
  rt.GC();
  out('goroutines', rt.NumGoroutine(), 'objects', t.live(5376) - start);
}
