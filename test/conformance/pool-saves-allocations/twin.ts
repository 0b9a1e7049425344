import { type Kit, typeOf } from '../kit.ts';

const BUFFER = typeOf('main.buffer', 5008, [625]);

export function main(t: Kit): void {
  const { rt, out } = t;
  const kept = rt.global('kept');
  t.still();
  let made = 0;
  const New = () => {
    made += 1;
    return rt.new(BUFFER);
  };
  const pool = new rt.sync.Pool({ New });
  const pooled = t.measure(() => {
    for (let i = 0; i < 1000; i += 1) pool.Put(pool.Get());
  });
  const plain = t.measure(() => {
    for (let i = 0; i < 1000; i += 1) kept.set(rt.new(BUFFER));
  });
  out('made', made, 'pooled under 10000 bytes', pooled.Bytes < 10_000);
  out('without', plain.Mallocs, plain.Bytes);
}
