import { GO, type Go } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function* main({ rt, out }: Kit): Go {
  out('before');
  yield* rt.makeChan(GO.bool).recv();
  out('after');
}
