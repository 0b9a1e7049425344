import { GO, type Go, type Goroutine } from '@heaptape/core';
import type { Kit } from '../kit.ts';

const COUNT = 4096;
/** Bytes of a parked goroutine's frames. */
const PARKED = 256;

export function* main(t: Kit): Go {
  const { rt, g, out } = t;
  t.still();
  const start = t.stats().StackInuse;
  const each = (): number => Math.trunc((t.stats().StackInuse - start) / COUNT);
  const stop = rt.makeChan(GO.bool);
  g.slot().set(stop.header);
  const all = rt.newWaitGroup();
  all.add(COUNT);
  for (let i = 0; i < COUNT; i += 1) {
    rt.go(function* (own: Goroutine): Go {
      own.useStack(PARKED);
      yield* stop.recv();
      all.done();
    });
  }
  yield;
  out('goroutines', rt.NumGoroutine());
  out('stack-each', each());
  stop.close();
  yield* all.wait();
  yield;
  out('left', rt.NumGoroutine());
  out('stacks-left', each());
  rt.GC();
  out('stacks-after-1', each());
  rt.GC();
  out('stacks-after-2', each());
}
