import type { Go } from '@heaptape/core';
import { type Kit, typeOf } from '../kit.ts';

const FILE = typeOf('main.file', 16, [1]);

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  const open = new Set<number>();
  t.still();
  const fd = t.call((hold) => {
    const file = hold(rt.new(FILE));
    open.add(700);
    rt.SetFinalizer(file, () => say(`close: ${open.delete(700)}`));
    return 700;
  });
  out('open', open.has(fd));
  out(yield* t.collect());
  out('open', open.has(fd));
}
