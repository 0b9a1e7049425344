import { type Kit, NODE, ON_OBJECT } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  out('before');
  const kept = rt.global('kept');
  kept.set(rt.new(NODE));
  rt.SetFinalizer(
    kept.get(),
    rt.func(ON_OBJECT, () => {}),
  );
  rt.SetFinalizer(
    kept.get(),
    rt.func(ON_OBJECT, () => {}),
  );
  out('after');
}
