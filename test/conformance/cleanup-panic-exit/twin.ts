import { type Kit, typeOf } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  out('before');
  const o = rt.new(typeOf('main.object', 16, [1]));
  rt.AddCleanup(o, () => {}, o);
  out('after');
}
