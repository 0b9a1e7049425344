import type { Obj } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const SIZES = [1, 2, 3, 4, 14, 1, 3, 8, 6, 2];

export function main(t: Kit): void {
  const { rt, out } = t;
  let kept: Obj[] = [];
  t.still();
  const change = t.measure(() => {
    kept = SIZES.map((size) => rt.new(typeOf(`[${size}]byte`, size)));
  });
  out('mallocs', change.Mallocs, 'blocks', change.Objects);
  const block = new Map<number, number>();
  kept.forEach(({ address }, i) => {
    const offset = address % 16;
    const base = address - offset;
    if (!block.has(base)) block.set(base, block.size);
    out('object', i, 'block', block.get(base), 'offset', offset);
  });
}
