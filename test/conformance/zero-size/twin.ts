import { type Kit, typeOf } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  const empty = typeOf('struct {}', 0);
  const addresses: number[] = [];
  t.still();
  const { Mallocs, Bytes } = t.measure(() => {
    const objects = [rt.new(empty), rt.new(empty), rt.new(typeOf('[0]int', 0))];
    for (const object of [...objects, rt.make(empty, 1000).array]) {
      if (object !== null) addresses.push(object.address);
    }
  });
  out('mallocs', Mallocs, 'bytes', Bytes);
  out('same address', addresses.length === 4 && new Set(addresses).size === 1);
}
