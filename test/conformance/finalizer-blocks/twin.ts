import { GO, type Go } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const open = rt.makeChan(GO.bool);
  rt.global('open').set(open.header);
  t.still();
  rt.SetFinalizer(rt.new(NODE), function* (): Go {
    say('slow-waits');
    yield* open.recv();
    say('slow');
  });
  out('cycle 1', yield* t.collect());
  rt.SetFinalizer(rt.new(NODE), () => say('quick'));
  out('cycle 2', yield* t.collect());
  out('cycle 3', yield* t.collect());
  yield* open.send(true);
  out('opened', yield* t.rest());
}
