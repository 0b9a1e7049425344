import { type Kit, NODE } from '../kit.ts';

export function main(t: Kit): void {
  const { rt, out } = t;
  t.still();
  out('create');
  t.call((hold) => {
    const o = hold(rt.new(NODE));
    rt.SetFinalizer(o, () => out('finalizer of object'));
    rt.AddCleanup(o, () => out('cleanup of object'), 'object');
  });
  out('main returns');
}
