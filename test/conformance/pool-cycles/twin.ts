import type { GoValue } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  const names = new Map<number, string>();
  const buffer = (name: string): GoValue => {
    const object = rt.new(NODE);
    names.set(object.id, name);
    return object;
  };
  const pool = new rt.sync.Pool({ New: () => buffer('new') });
  const nameOf = (value: GoValue): string => names.get((value as { id: number }).id) ?? '';
  const take = (): string => nameOf(pool.Get());
  const put = (name: string): void => pool.Put(buffer(name));
  out('empty', take());
  put('a');
  out('no cycle', take());
  put('b');
  rt.GC();
  out('one cycle', take());
  put('c');
  rt.GC();
  rt.GC();
  out('two cycles', take());
  put('d');
  rt.GC();
  pool.Put(pool.Get());
  rt.GC();
  out('put back between', take());
  put('e');
  rt.GC();
  put('f');
  out('fresh before victim', take(), take(), take());
}
