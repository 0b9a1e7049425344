import { arrayOf, GO, type GoType, pointerTo, structOf } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const STEPS: readonly [string, GoType, number][] = [
  ['byte', GO.byte, 100_000],
  ['int16', GO.int16, 20_000],
  ['int', GO.int, 20_000],
  ['*int', pointerTo('int'), 20_000],
  ['string', GO.string, 5000],
  ['three', structOf('main.three', [GO.int, GO.int, GO.int]), 3000],
  ['five', arrayOf(GO.int64, 5), 2000],
  ['empty', typeOf('struct {}', 0), 3],
];

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  for (const [name, type, until] of STEPS) {
    const kept = g.slot();
    let slice = rt.nilSlice(type);
    let before = -1;
    let line = `${name}:`;
    while (slice.len < until) {
      slice = rt.append(slice, null);
      if (slice.cap === before) continue;
      kept.set(slice.array);
      before = slice.cap;
      line += ` ${before}`;
    }
    out(line);
  }
}
