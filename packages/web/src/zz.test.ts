import { Travel } from '@heaptape/replay';
import { test } from 'vitest';
import { openTape } from '../../log/src/index.ts';
import { HeapFacts } from './worker/heap/heapfacts.ts';
import { keepersOf } from './worker/heap/keepers.ts';
import { goroutines } from './worker/queries/goroutines.ts';
import { object } from './worker/queries/object.ts';
import { pacer } from './worker/queries/pacer.ts';
import { queues } from './worker/queries/queues.ts';

test('x', () => {
  for (const [path, at] of [['/tmp/view-10m.tape', 0]] as const) {
    const reader = openTape(path);
    const travel = new Travel(reader);
    const t0 = performance.now();
    travel.at({ event: at || reader.events, inside: 0 });
    const t1 = performance.now();
    const w = travel.world;
    const id = w.objects.ordinals().at(-5) ?? 1;
    const session = { travel, reader, heaps: null } as never;
    const time = (name: string, f: () => unknown) => {
      const t = performance.now();
      const r = f();
      console.log(path, name, Math.round(performance.now() - t));
      return r;
    };
    console.log(path, reader.events, 'seek', t1 - t0, 'ordinals', w.objects.count * 16);
    time('object', () => object(session, { object: id }));
    time('object again', () => object(session, { object: id }));
    time('goroutines', () => goroutines(session, null));
    time('goroutines again', () => goroutines(session, null));
    time('queues', () => queues(session, null));
    time('pacer', () => pacer(session, null));
    const facts = time('graph', () => new HeapFacts(w, 0, new Map())) as HeapFacts;
    console.log(facts.graph.count, facts.graph.targets.length);
    time('keepers', () => keepersOf(facts, id));
    time('keepers again', () => keepersOf(facts, id));
    reader.close();
  }
}, 200000);
