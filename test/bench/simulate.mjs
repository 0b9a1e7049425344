/**
 * `simulate`: operations a second through decide and evolve, tape off, against the plain heap.
 * `simulate-go`: the same with six times the live objects, against a Go program doing it for real.
 *
 * Both count operations of the stream only; the collector's own events come on top and are not
 * counted. The clock starts when the heap has filled.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configWith, Decider, SCALAR } from '@heaptape/core';
import { goProgram } from './go.mjs';
import { inChild, medianOf, rounds, runJson, stopwatch } from './measure.mjs';
import { PlainHeap } from './plain-heap.mjs';
import {
  ALLOCATE,
  defineTypes,
  encodeForGo,
  graphStream,
  playStream,
  STORE,
  TYPES,
} from './stream.mjs';

/** Roots for about 100,000 live objects, and for about 600,000. */
const ROOTS = 40_000;
const ROOTS_LARGE = 300_000;
/** Operations of the mix before the clock starts. */
const WARM = 1_500_000;

const ours = ({ roots, mixed }) => {
  const stream = graphStream(roots, mixed, WARM);
  const decider = new Decider(configWith({ procs: 4 }), null);
  const sites = defineTypes(decider);
  playStream(decider, sites, stream, 0, stream.timed);
  const { scalars } = decider.world;
  const before = scalars[SCALAR.numGC];
  const lap = stopwatch();
  playStream(decider, sites, stream, stream.timed, stream.count);
  const seconds = lap();
  const collections = scalars[SCALAR.numGC] - before;
  decider.collect();
  return {
    rate: mixed / seconds,
    collections,
    liveBytes: scalars[SCALAR.heapMarked],
    live: countLive(decider.world),
  };
};

function countLive(world) {
  let objects = 0;
  for (let page = 0; page < world.pages; page += 1) objects += world.allocCount[page];
  return objects;
}

function playPlain(heap, stream, from, to) {
  const { kind, a, b, source, target } = stream;
  for (let i = from; i < to; i += 1) {
    if (kind[i] === ALLOCATE) heap.allocate(TYPES[a[i]].bytes, TYPES[a[i]].words);
    else if (kind[i] === STORE) heap.store(source[i], b[i], target[i]);
    else heap.root(a[i], target[i]);
  }
}

const plain = ({ roots, mixed }) => {
  const stream = graphStream(roots, mixed, WARM);
  const heap = new PlainHeap(roots);
  playPlain(heap, stream, 0, stream.timed);
  const before = heap.collections;
  const lap = stopwatch();
  playPlain(heap, stream, stream.timed, stream.count);
  const seconds = lap();
  const collections = heap.collections - before;
  heap.collect();
  return { rate: mixed / seconds, collections, live: heap.objects.size };
};

export const simulate = {
  names: ['simulate'],
  tasks: { ours, plain },
  async run({ quick }) {
    const mixed = quick ? 1_000_000 : 3_000_000;
    const of = await rounds(quick ? 1 : 3, {
      ours: () => inChild('simulate', 'ours', { roots: ROOTS, mixed }),
      plain: () => inChild('simulate', 'plain', { roots: ROOTS, mixed: mixed / 2 }),
    });
    const [a] = of.ours;
    const [b] = of.plain;
    return [
      {
        name: 'simulate',
        value: medianOf(of.ours, 'rate'),
        unit: 'operations/s',
        baseline: medianOf(of.plain, 'rate'),
        target: { ratio: 6 },
        note: `${a.live} live objects (plain ${b.live}); ${perMillion(a, mixed)} collections a million operations (plain ${perMillion(b, mixed / 2)})`,
      },
    ];
  },
};

const perMillion = ({ collections }, mixed) => ((collections * 1e6) / mixed).toFixed(1);

export const simulateGo = {
  names: ['simulate-go'],
  tasks: { ours },
  async run({ quick, folder }) {
    const mixed = quick ? 1_000_000 : 4_000_000;
    const program = goProgram('benchmix', folder);
    const file = join(folder, 'stream.bin');
    if (program.path) writeFileSync(file, encodeForGo(graphStream(ROOTS_LARGE, mixed, WARM)));
    const env = { ...process.env, GOMAXPROCS: '1', GOGC: '100', GOMEMLIMIT: 'off' };
    const of = await rounds(quick ? 1 : 3, {
      ours: () => inChild('simulate-go', 'ours', { roots: ROOTS_LARGE, mixed }),
      go: program.path ? () => runJson(program.path, [file], { env }) : undefined,
    });
    const [a] = of.ours;
    const go = of.go[0];
    const facts = `${a.live} live objects, ${(a.liveBytes / 1e6).toFixed(0)} MB, ${a.collections} collections`;
    return [
      {
        name: 'simulate-go',
        value: medianOf(of.ours, 'rate'),
        unit: 'operations/s',
        baseline: medianOf(of.go, 'rate'),
        target: { ratio: 0.5 },
        note: go
          ? `${facts} (Go ${go.live} objects, ${(go.liveBytes / 1e6).toFixed(0)} MB, ${go.collections} collections)`
          : `${facts}; ${program.note}`,
      },
    ];
  },
};
