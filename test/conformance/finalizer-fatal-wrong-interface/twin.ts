import { type Kit, NODE } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  out('before');
  const stringer = { name: 'fmt.Stringer', methods: ['String'] };
  rt.SetFinalizer(
    rt.new(NODE),
    rt.func({ params: [stringer] }, () => {}),
  );
  out('after');
}
