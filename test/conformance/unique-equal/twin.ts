import { GO, structOf, type UniqueHandle } from '@heaptape/core';
import type { Kit } from '../kit.ts';

const POINT = structOf('main.point', [GO.int, GO.int]);

export function main(t: Kit): void {
  const { rt, g, out } = t;
  const make = (handle: UniqueHandle): UniqueHandle => {
    g.slot().set(handle.object);
    return handle;
  };
  const text = (value: string): UniqueHandle => make(rt.unique.Make(value));
  const point = (x: number, y: number): UniqueHandle => make(rt.unique.Make([x, y], POINT));
  t.still();
  const [a, b, c] = [text('go'.repeat(3)), text('gogogo'), text('gopher')];
  out('equal', a.equals(b), 'different', a.equals(c), 'value', a.Value());
  out('structs', point(1, 2).equals(point(1, 2)), point(1, 2).equals(point(2, 1)));
  out('value', `{${[point(3, 4).Value()].flat().join(' ')}}`);
}
