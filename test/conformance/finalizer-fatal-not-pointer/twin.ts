import type { Kit } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  out('before');
  rt.SetFinalizer(
    { typeName: 'main.object' },
    rt.func({ params: ['main.object'] }, () => {}),
  );
  out('after');
}
