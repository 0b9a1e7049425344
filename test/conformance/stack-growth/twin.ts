import { GO, type Go, type Goroutine } from '@heaptape/core';
import type { Kit } from '../kit.ts';

/** Bytes of a parked goroutine's frames, and of a frame of `recurse`. */
const PARKED = 256;
const FRAME = 1064;

export function* main(t: Kit): Go {
  const { rt, g: mainGoroutine, out } = t;
  t.still();
  const [done, go1] = [rt.makeChan(GO.bool), rt.makeChan(GO.bool)];
  mainGoroutine.slot().set(done.header);
  mainGoroutine.slot().set(go1.header);
  const start = t.stats().StackInuse;
  rt.go(function* (g: Goroutine): Go {
    g.useStack(PARKED);
    while ((yield* go1.recv()).ok) {
      for (let depth = 1; depth <= 901; depth += 1) g.useStack(PARKED + depth * FRAME);
      g.useStack(PARKED);
      yield* done.send(true);
    }
  });
  yield* go1.send(true);
  yield* done.recv();
  const more = (): number => Math.floor((t.stats().StackInuse - start) / 1024);
  out('deep', more());
  rt.GC();
  out('after-1', more());
  for (let i = 0; i < 7; i += 1) rt.GC();
  out('after-8', more());
  go1.close();
}
