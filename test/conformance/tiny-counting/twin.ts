import { GO, type GoType } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const STEPS: readonly [string, GoType, number][] = [
  ['byte', GO.byte, 16],
  ['byte', GO.byte, 17],
  ['uint16', GO.int16, 9],
  ['three', typeOf('main.three', 3), 16],
  ['uint32', GO.int32, 10],
  ['five', typeOf('main.five', 5), 10],
  ['uint64', GO.int64, 7],
  ['twelve', typeOf('main.twelve', 12), 5],
  ['string', typeOf('[2]uint64', 16), 3],
];

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  for (const [name, type, count] of STEPS) {
    const { Mallocs, Frees, Objects, Bytes } = t.measure(() => {
      for (let i = 0; i < count; i += 1) rt.new(type);
    });
    out(name, count, 'mallocs', Mallocs, 'frees', Frees, 'objects', Objects, 'bytes', Bytes);
  }
}
