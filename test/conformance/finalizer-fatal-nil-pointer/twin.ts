import { type Kit, NODE, ON_OBJECT } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  out('before');
  rt.SetFinalizer(
    rt.nil(NODE),
    rt.func(ON_OBJECT, () => {}),
  );
  out('after');
}
