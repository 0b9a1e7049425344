import { type Kit, NODE, ON_OBJECT } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  out('before');
  const object = rt.new({ ...NODE, methods: ['String'] }).as('main.pointer');
  rt.SetFinalizer(
    object,
    rt.func(ON_OBJECT, () => {}),
  );
  out('after');
}
