import { GO, type GoType } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  for (const n of [0, 1, 7, 8, 9, 14, 15, 28, 29, 56, 57, 100, 500, 896]) {
    const made = (key: GoType, elem: GoType): string => {
      const { Mallocs, Bytes } = t.measure(() => void rt.makeMap(key, elem, n));
      return `${Mallocs} ${Bytes}`;
    };
    const sets = made(GO.int, typeOf('struct {}', 0));
    out(n, 'ints', made(GO.int, GO.int), 'strings', made(GO.string, GO.string), 'sets', sets);
  }
}
