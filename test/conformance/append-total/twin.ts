import { GO, type GoType, pointerTo } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  const kept = [g.slot(), g.slot(), g.slot()];
  let cap = 0;
  const grow = (i: number, type: GoType, count: number): string => {
    const { Mallocs, Bytes } = t.measure(() => {
      let slice = rt.nilSlice(type);
      for (let k = 0; k < count; k += 1) {
        slice = rt.append(slice, null);
        if (slice.array?.id !== kept[i].get()?.id) kept[i].set(slice.array);
      }
      if (i === 1) cap = slice.cap;
    });
    return `${Mallocs} ${Bytes}`;
  };
  t.still();
  for (const count of [1, 10, 100, 1000, 10_000, 100_000]) {
    const bytes = grow(0, GO.byte, count);
    const ints = grow(1, GO.int, count);
    out(count, 'bytes', bytes, 'ints', ints, 'pointers', grow(2, pointerTo('int'), count));
  }
  rt.GC();
  out('cap', cap);
}
