import { GO, type Go } from '@heaptape/core';
import { type Kit, NODE } from '../kit.ts';

const NAMES = [
  '/gc/finalizers/queued:finalizers',
  '/gc/finalizers/executed:finalizers',
  '/gc/cleanups/queued:cleanups',
  '/gc/cleanups/executed:cleanups',
];

export function* main(t: Kit): Go {
  const { rt, g, out } = t;
  const open = rt.makeChan(GO.bool);
  g.slot().set(open.header);
  const read = (): number[] =>
    rt.metrics.Read(NAMES).map(({ Value }) => Number(Value.kind === 'uint64' && Value.value));
  t.still();
  yield* t.collect();
  const start = read();
  const report = (when: string): void => {
    const [fq, fe, cq, ce] = read().map((value, i) => value - start[i]);
    out(when, 'finalizers queued', fq, 'executed', fe, 'cleanups queued', cq, 'executed', ce);
  };
  for (let i = 0; i < 3; i += 1) {
    rt.SetFinalizer(rt.new(NODE), function* (): Go {
      yield* open.recv();
    });
    rt.AddCleanup(rt.new(NODE), () => {}, 1);
  }
  report('set:');
  yield* t.collect();
  report('collected:');
  yield* open.send(true);
  yield* t.rest();
  report('one let go:');
  yield* open.send(true);
  yield* open.send(true);
  yield* t.rest();
  report('all let go:');
}
