import type { Go, Goroutine, Obj } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, g, out, say } = t;
  const create = (): void =>
    rt.SetFinalizer(rt.new(NODE), (_: Obj, own: Goroutine) => {
      say(own.id);
      say(rt.NumGoroutine());
    });
  t.still();
  create();
  create();
  const first = (yield* t.collect()).split(' ');
  create();
  const second = (yield* t.collect()).split(' ');
  out('same goroutine', first[0] === first[2] && first[0] === second[0]);
  out('another than main', first[0] !== String(g.id));
  out('goroutines while it runs', first[1], first[3], second[1]);
  out('goroutines after', rt.NumGoroutine());
}
