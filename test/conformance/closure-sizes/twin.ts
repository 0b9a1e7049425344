import { type Capture, GO, pointerTo, sliceOf } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  const step = (name: string, act: () => void): void => {
    const { Mallocs, Bytes } = t.measure(act);
    out(name, 'mallocs', Mallocs, 'bytes', Bytes);
  };
  const closure = (...captures: readonly Capture[]): void => {
    rt.closure(...captures);
  };
  t.still();
  const counter = rt.new(typeOf('main.adder', 8));
  g.slot().set(counter);
  step('none', () => closure());
  step('one', () => closure([GO.int, 1]));
  step('two', () => closure([GO.int, 1], [GO.int, 2]));
  step('reference', () => closure([pointerTo('int'), rt.new(GO.int)]));
  step('slice and string', () => closure([sliceOf('int'), null], [GO.string, 'go']));
  step('method', () => void rt.methodValue(pointerTo('main.adder'), counter));
}
