import type { Kit } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  const pool = new rt.sync.Pool();
  pool.Put(null);
  out('empty', pool.Get() ?? '<nil>');
  for (let i = 1; i <= 5; i += 1) pool.Put(i);
  for (let i = 0; i < 6; i += 1) out('get', pool.Get() ?? '<nil>');
}
