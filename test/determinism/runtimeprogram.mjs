/**
 * A random program of the Go-shaped runtime: goroutines that allocate, talk over channels, keep maps, strings,
 * pools, weak pointers, finalizers and cleanups. Everything it does is drawn from its seed.
 */
import { createRuntime, GO, structOf } from '@heaptape/core';
import { generator } from '../bench/stream.mjs';

const NODE = { name: 'main.node', size: 48, pointers: [0, 1] };
const FILE = structOf('main.file', [GO.int, GO.string]);
const STEPS = 24;

/** Things to do, each given the program's state and a generator of numbers. What can block is a generator. */
const ACTIONS = {
  node({ rt, slot }) {
    const node = rt.new(NODE);
    node.set(1, slot.get());
    slot.set(node);
  },
  work({ rt }, draw) {
    rt.run(1000 * (1 + draw(3000)));
  },
  *yield() {
    yield;
  },
  *sleep({ rt }, draw) {
    yield* rt.sleep(1 + draw(1_000_000));
  },
  *send({ chan }) {
    if (chan.trySend(1) === false) yield;
  },
  *recv({ rt, chan }) {
    yield* rt.select([{ recv: chan }], true);
  },
  map({ map }, draw) {
    for (let i = 0; i < 12; i += 1) map.set(draw(1000), draw(100));
    map.delete(draw(1000));
  },
  range({ rt, map }) {
    let sum = 0;
    for (const [key] of rt.range(map)) sum += Number(key);
    rt.run(1 + (sum % 1000));
  },
  text({ rt, slot }, draw) {
    const text = rt.concat(
      rt.string(`a text of ${draw(100)} words`),
      rt.string('ä'.repeat(draw(40))),
    );
    slot.set(text.bytes);
  },
  slice({ rt, slot }, draw) {
    let slice = rt.make(GO.byte, draw(2000));
    for (let i = 0; i < 20; i += 1) slice = rt.append(slice, 1);
    slot.set(slice.array);
  },
  large({ rt }, draw) {
    rt.make(GO.byte, 40_000 + draw(400_000));
  },
  finalizer({ rt }) {
    rt.SetFinalizer(rt.new(FILE), () => rt.run(100));
  },
  cleanup({ rt, slot }) {
    const node = rt.new(NODE);
    slot.set(node);
    rt.AddCleanup(node, () => rt.run(10), 1);
  },
  *weak({ rt, slot }) {
    const node = rt.new(NODE);
    slot.set(node);
    const weak = rt.weak.Make(node);
    yield;
    slot.set(weak.Value());
  },
  *unique({ rt }, draw) {
    rt.unique.Make(draw(12));
    yield;
  },
  gc({ rt }) {
    rt.GC();
  },
};
const NAMES = Object.keys(ACTIONS);

/** Carries the program of `seed` out, its events into `sink`. `started` is told the runtime. */
export function playRuntime(seed, sink, started) {
  const draw = generator(Math.imul(seed, 0x9e3779b1) | 1);
  const procs = 1 + draw(4);
  const rt = createRuntime({
    procs,
    seed,
    sink,
    gogc: [10, 50, 100][draw(3)],
    detail: draw(2) === 0 ? 'fine' : 'coarse',
    config: { allocNs: 1 },
  });
  started(rt);
  rt.start(function* (main) {
    const done = rt.newWaitGroup();
    const chan = rt.makeChan(GO.int, 1 + draw(8));
    rt.global('chan').set(chan.header);
    const map = rt.makeMap(GO.int, GO.int);
    rt.global('map').set(map.object);
    for (let i = 0; i < 1 + draw(6); i += 1) {
      done.add(1);
      rt.go(function* (g) {
        const slot = g.slot();
        for (let step = 0; step < STEPS; step += 1) {
          const blocking = ACTIONS[NAMES[draw(NAMES.length)]]({ rt, slot, chan, map }, draw);
          if (blocking !== undefined) yield* blocking;
        }
        done.done();
      });
    }
    yield* done.wait();
    main.slot().set(null);
    rt.GC();
  });
  rt.ReadMemStats();
  rt.end();
}
