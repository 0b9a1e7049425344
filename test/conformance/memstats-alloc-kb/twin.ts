import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  const kib = (): number => Math.floor(rt.ReadMemStats().Alloc / 1024);
  const fresh = kib();
  rt.global('kept').set(rt.make(GO.byte, 1 << 20).array);
  out('fresh, under 100 KiB', fresh < 100);
  out('more', (kib() - fresh) / 1024, 'MiB');
}
