import { arrayOf, GO, type GoType, pointerTo } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const TYPES: readonly GoType[] = [
  typeOf('struct{}', 0),
  GO.bool,
  GO.int,
  pointerTo('int'),
  GO.string,
  arrayOf(GO.int, 10),
];

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  for (const n of [0, 1, 2, 10, 100, 1000]) {
    for (const type of TYPES) {
      const { Mallocs, Bytes } = t.measure(() => void rt.makeChan(type, n));
      out(type.name, n, 'mallocs', Mallocs, 'bytes', Bytes);
    }
  }
}
