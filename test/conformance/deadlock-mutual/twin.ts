import { GO, type Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

export function* main({ rt, out }: Kit): Go {
  rt.SetFinalizer(rt.new(typeOf('main.object', 24, [0, 1])), () => out('finalized'));
  const [a, b] = [rt.makeChan(GO.bool), rt.makeChan(GO.bool)];
  rt.go(function* (): Go {
    yield* a.recv();
    yield* b.send(true);
  });
  out('before');
  yield* b.recv();
  out('after');
}
