import { GO } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  const byte = (): void => g.slot().set(rt.new(GO.byte));
  const bytes = (act: () => void): number => t.measure(act).Bytes;
  t.still();
  out(
    'together',
    bytes(() => {
      for (let i = 0; i < 4; i += 1) byte();
    }),
  );
  let total = 0;
  for (let i = 0; i < 4; i += 1) total += bytes(byte);
  out('read between', total);
  const collected = bytes(() => {
    byte();
    rt.GC();
    byte();
  });
  out('collected between', collected >= 32);
}
