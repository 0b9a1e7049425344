import { GO, type Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  rt.SetFinalizer(rt.new(typeOf('main.word', 8, [0])), () => say('word'));
  rt.SetFinalizer(rt.new(GO.int16), () => say('tiny'));
  for (let cycle = 1; cycle <= 3; cycle += 1) out('cycle', cycle, yield* t.collect());
}
