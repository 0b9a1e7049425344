import { type Kit, ON_OBJECT } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  out('before');
  rt.SetFinalizer(
    null,
    rt.func(ON_OBJECT, () => {}),
  );
  out('after');
}
