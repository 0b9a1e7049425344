import { type Kit, NODE, typeOf } from '../kit.ts';

export function main({ rt, out }: Kit): void {
  out('before');
  const object = rt.new(NODE);
  const field = rt.pointerTo(object, 16, typeOf('*main.object', 8, [0]));
  rt.SetFinalizer(
    field,
    rt.func({ params: ['**main.object'] }, () => {}),
  );
  out('after');
}
