import { GO, type GoType, type GoValue, pointerTo, sliceOf, structOf } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const PAIR = structOf('main.pair', [GO.int, GO.int]);
const UINT16: GoType = { ...GO.int16, name: 'uint16' };

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const slice = rt.make(GO.int, 1);
  g.slot().set(slice.array);
  const pair = rt.new(typeOf('main.pair', 16));
  g.slot().set(pair);
  const steps: readonly [string, GoType, GoValue][] = [
    ['int', GO.int, 1000],
    ['small int', GO.int, 255],
    ['zero int', GO.int, 0],
    ['byte', GO.byte, 200],
    ['bool', GO.bool, true],
    ['uint16', UINT16, 7000],
    ['float64', GO.float64, 1.5],
    ['string', GO.string, 'text'],
    ['empty string', GO.string, ''],
    ['slice', sliceOf('int'), slice],
    ['struct', PAIR, [1, 2]],
    ['pointer', pointerTo('main.pair'), pair],
  ];
  const report = (name: string, act: () => void): void => {
    const { Mallocs, Bytes } = t.measure(act);
    out(name, 'mallocs', Mallocs, 'bytes', Bytes);
  };
  for (const [name, type, value] of steps) report(name, () => void rt.box(type, value));
  report('constant', () => void rt.boxConstant(GO.int, 12_345));
}
