import { type Kit, typeOf } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, g, out } = t;
  t.still();
  const object = rt.new(typeOf('main.object', 16, [1]));
  rt.global('kept').set(object);
  for (let i = 0; i < 3; i += 1) {
    const { Mallocs, Bytes } = t.measure(() => g.slot().set(rt.weak.Make(object).handle));
    out('mallocs', Mallocs, 'bytes', Bytes);
  }
}
