import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  out('before');
  rt.make(GO.byte, 2 ** 47);
  out('after');
}
