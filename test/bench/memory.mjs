/**
 * `memory-per-object`: resident bytes a live object, edges included, at a million of them, against the plain
 * heap. Both processes run the same stream to its end and collect; then the host's own garbage is
 * collected and resident memory read. What Node takes by itself, measured before, is not counted.
 */
import { configWith, Decider } from '@heaptape/core';
import { inChild, medianOf, rounds } from './measure.mjs';
import { PlainHeap } from './plain-heap.mjs';
import { defineTypes, generator, TYPES } from './stream.mjs';

const EDGES = 2;

function residentAfterCollection() {
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().rss;
}

/**
 * A live graph, built by calls: each object is a root's, or held by one before it; two pointers each
 * on average. Sources are drawn among the pointerful objects.
 */
function buildGraph(objects, allocate, store, root) {
  const rnd = generator(99);
  const pointerful = new Int32Array(objects);
  const wordsOf = new Uint8Array(objects + 1);
  let sources = 0;
  for (let i = 1; i <= objects; i += 1) {
    const type = rnd(TYPES.length);
    const { words } = TYPES[type];
    wordsOf[i] = words;
    const number = allocate(type);
    root(i - 1, number);
    if (words > 0) {
      pointerful[sources] = number;
      sources += 1;
    }
  }
  for (let i = 0; i < objects * EDGES; i += 1) {
    const source = pointerful[rnd(sources)];
    store(source, rnd(wordsOf[source]), rnd(objects) + 1);
  }
}

const ours = ({ objects }) => {
  const before = residentAfterCollection();
  const decider = new Decider(configWith({ procs: 4 }), null);
  const sites = defineTypes(decider);
  buildGraph(
    objects,
    (type) => decider.allocate(sites[type]),
    (source, word, target) => decider.storePointer(source, word, target),
    (index, target) => decider.storeRoot(index, target),
  );
  decider.collect();
  const bytes = residentAfterCollection() - before;
  // The state is used after the reading, so that it is alive at it.
  return { perObject: bytes / objects, pages: decider.world.pages };
};

const plain = ({ objects }) => {
  const before = residentAfterCollection();
  const heap = new PlainHeap(objects);
  buildGraph(
    objects,
    (type) => heap.allocate(TYPES[type].bytes, TYPES[type].words),
    (source, word, target) => heap.store(source, word, target),
    (index, target) => heap.root(index, target),
  );
  heap.collect();
  const bytes = residentAfterCollection() - before;
  return { perObject: bytes / objects, objects: heap.objects.size };
};

export const memory = {
  names: ['memory-per-object'],
  tasks: { ours, plain },
  async run({ quick }) {
    const objects = quick ? 300_000 : 1_000_000;
    const of = await rounds(quick ? 1 : 3, {
      ours: () => inChild('memory', 'ours', { objects }, ['--expose-gc']),
      plain: () => inChild('memory', 'plain', { objects }, ['--expose-gc']),
    });
    return [
      {
        name: 'memory-per-object',
        value: medianOf(of.ours, 'perObject'),
        unit: 'bytes',
        baseline: medianOf(of.plain, 'perObject'),
        target: { maxRatio: 0.6 },
        note: `${objects} live objects, ${EDGES} pointers each on average, one root each; resident memory of fresh processes`,
      },
    ];
  },
};
