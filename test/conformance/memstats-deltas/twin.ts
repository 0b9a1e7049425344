import { type Kit, typeOf } from '../kit.ts';

const OBJECT = typeOf('main.object', 2608, [0]);

export function main(t: Kit): void {
  const { rt, out } = t;
  const list = rt.global('list');
  t.still();
  for (const count of [10, 100, 1000]) {
    const { Mallocs, Frees, Bytes, Alloc, Objects } = t.measure(() => {
      for (let i = 0; i < count; i += 1) {
        const object = rt.new(OBJECT);
        if (list.get() !== null) object.set(0, list.get());
        list.set(object);
      }
    });
    const heap = ['HeapAlloc', Alloc, 'HeapObjects', Objects];
    out(count, 'Mallocs', Mallocs, 'Frees', Frees, 'TotalAlloc', Bytes, ...heap);
  }
  const start = t.live(2688);
  rt.GC();
  out('all held', t.live(2688) - start);
  for (let i = 0; i < 500; i += 1) list.set(list.get()?.get(0) ?? null);
  rt.GC();
  out('500 dropped', t.live(2688) - start);
  list.set(null);
  rt.GC();
  out('all dropped', t.live(2688) - start);
}
