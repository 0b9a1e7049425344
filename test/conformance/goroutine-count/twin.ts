import { GO, type Go } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, g, out } = t;
  t.still();
  out('start', rt.NumGoroutine());
  const [stop, stopped] = [rt.makeChan(GO.bool), rt.makeChan(GO.bool)];
  g.slot().set(stop.header);
  g.slot().set(stopped.header);
  for (let i = 0; i < 10; i += 1) {
    rt.go(function* (): Go {
      yield* stop.recv();
      yield* stopped.send(true);
    });
  }
  out('started', rt.NumGoroutine());
  for (let i = 0; i < 4; i += 1) {
    yield* stop.send(true);
    yield* stopped.recv();
  }
  yield;
  out('four done', rt.NumGoroutine());
  rt.GC();
  out('collected', rt.NumGoroutine());
}
