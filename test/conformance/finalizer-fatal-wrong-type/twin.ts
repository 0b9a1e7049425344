import { type Kit, NODE } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  out('before');
  rt.SetFinalizer(
    rt.new(NODE),
    rt.func({ params: ['*int'] }, () => {}),
  );
  out('after');
}
