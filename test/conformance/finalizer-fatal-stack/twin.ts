import { type Kit, NODE, ON_OBJECT } from '../kit.ts';

export function main({ rt, out, g }: Kit): void {
  out('before');
  rt.SetFinalizer(
    rt.addressOf(g.slot(), NODE),
    rt.func(ON_OBJECT, () => {}),
  );
  out('after');
}
