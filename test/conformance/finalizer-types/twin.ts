import type { FuncType, Go, Obj } from '@heaptape/core';
import { type Kit, NODE, typeOf } from '../kit.ts';

const OBJECT = { ...NODE, methods: ['String'] };
const PLAIN = typeOf('main.plain', 24, [0, 2]);
const POINTER = { name: 'main.pointer', pointerTo: 'main.plain' };
const STRINGER = { name: 'fmt.Stringer', methods: ['String'] };

export function* main(t: Kit): Go {
  const { rt, out, say } = t;
  t.still();
  const set = (name: string, object: Obj, type: FuncType): void =>
    t.call((hold) =>
      rt.SetFinalizer(
        hold(object),
        rt.func(type, () => say(name)),
      ),
    );
  set('same', rt.new(OBJECT), { params: ['*main.object'] });
  set('named', rt.new(PLAIN).as('main.pointer'), { params: ['*main.plain'] });
  set('unnamed', rt.new(PLAIN), { params: [POINTER] });
  set('any', rt.new(OBJECT), { params: ['any'] });
  set('stringer', rt.new(OBJECT), { params: [STRINGER] });
  set('results', rt.new(OBJECT), { params: ['*main.object'], results: ['int', 'error'] });
  out('ran', yield* t.collect());
}
