/**
 * Strings made at run time, each way that makes one: how many objects and bytes MemStats says that it took.
 * The text itself is JavaScript's.
 */
import type { StringLike } from '@heaptape/core';
import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const [one, two] = [rt.string('x'.repeat(100)), rt.string('y'.repeat(300))];
  g.slot().set(one.bytes);
  g.slot().set(two.bytes);
  const step = (name: string, act: () => void): void => {
    const { Mallocs, Bytes } = t.measure(act);
    out(name, 'mallocs', Mallocs, 'bytes', Bytes);
  };
  const concat = (...parts: readonly StringLike[]): void => {
    rt.concat(...parts);
  };
  step('concatenate 100+300', () => concat(one, two));
  step('concatenate 100+300+100+300', () => concat(one, two, one, two));
  step('concatenate with empty', () => concat(one, one.slice(0, 0)));
  step('substring', () => void two.slice(10, 20));
  step('to bytes 300', () => void rt.bytes(two));
  step('to string 300', () => void rt.string('y'.repeat(300)));
  step('to string 1', () => void rt.string('y'));
  step('to string 5', () => void rt.string('yyyyy'));
  step('to runes 100', () => {
    rt.runes(one);
    rt.stringOfRunes('x'.repeat(100));
  });
  step('builder 100 bytes one by one', () => {
    const builder = rt.stringsBuilder(g.slot());
    for (let i = 0; i < 100; i += 1) builder.WriteString('x');
    builder.String();
  });
  step('builder grown to 1000', () => {
    const builder = rt.stringsBuilder(g.slot());
    builder.Grow(1000);
    for (let i = 0; i < 10; i += 1) builder.WriteString(one);
    builder.String();
  });
  step('plus in a loop of 10', () => {
    const slot = g.slot();
    let kept: StringLike = '';
    for (let i = 0; i < 10; i += 1) {
      const sum = rt.concat(kept, one);
      slot.set(sum.bytes);
      kept = sum;
    }
  });
}
