import { type Kit, NODE, ON_OBJECT } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  out('before');
  rt.SetFinalizer(
    rt.new(NODE),
    rt.func({ ...ON_OBJECT, variadic: true }, () => {}),
  );
  out('after');
}
