/**
 * `mark`: objects marked a second in a random graph of a million objects with seven pointer slots each, against
 * Go's own collector on one thread doing `runtime.GC()` on the same graph.
 *
 * Slot 0 of each object leads to the next in one random ring, so that all are reachable; the
 * other six point anywhere. Our clock runs from the event that starts a cycle to the one that ends
 * its marking, recording the marks included; building and sweeping are not in it. Go's figure is the
 * whole of `runtime.GC()`, of which marking is nearly everything.
 */
import { configWith, Decider } from '@heaptape/core';
import { EVENTS } from '@heaptape/schema';
import { goProgram } from './go.mjs';
import { inChild, median, medianOf, rounds, runJson, stopwatch } from './measure.mjs';
import { generator } from './stream.mjs';

const SLOTS = 7;
const COLLECTIONS = 3;

/** Builds the graph: object numbers are 1 to `objects`, root 0 holds the first. */
function build(decider, objects) {
  const rnd = generator(7);
  const site = decider.defineSite(SLOTS * 8, SLOTS * 8, false, 'node');
  const ring = new Int32Array(objects);
  for (let i = 0; i < objects; i += 1) ring[i] = decider.allocate(site);
  for (let i = objects - 1; i > 0; i -= 1) {
    const j = rnd(i + 1);
    [ring[i], ring[j]] = [ring[j], ring[i]];
  }
  decider.storeRoot(0, ring[0]);
  for (let i = 0; i < objects; i += 1) {
    decider.storePointer(ring[i], 0, ring[i + 1 === objects ? 0 : i + 1]);
    for (let slot = 1; slot < SLOTS; slot += 1) decider.storePointer(i + 1, slot, rnd(objects) + 1);
  }
}

const ours = ({ objects }) => {
  const marking = [];
  let lap;
  const watcher = (_world, tag) => {
    if (tag === EVENTS.GCStarted.tag) lap = stopwatch();
    else if (tag === EVENTS.GCMarkTerminated.tag) marking.push(lap());
  };
  const decider = new Decider(configWith({ gcPercent: -1 }), null, watcher);
  build(decider, objects);
  const whole = [];
  for (let i = 0; i < COLLECTIONS; i += 1) {
    const all = stopwatch();
    decider.collect();
    whole.push(all());
  }
  return { rate: objects / median(marking), wholeMs: median(whole) * 1e3 };
};

export const mark = {
  names: ['mark'],
  tasks: { ours },
  async run({ quick, folder }) {
    const objects = quick ? 200_000 : 1_000_000;
    const program = goProgram('benchmark-mark', folder);
    const env = { ...process.env, GOMAXPROCS: '1', GOGC: 'off', GOMEMLIMIT: 'off' };
    const go = () => runJson(program.path, [String(objects)], { env });
    const of = await rounds(quick ? 1 : 3, {
      ours: () => inChild('mark', 'ours', { objects }),
      go: program.path ? go : undefined,
    });
    const whole = `a whole collection takes ${medianOf(of.ours, 'wholeMs').toFixed(0)} ms`;
    return [
      {
        name: 'mark',
        value: medianOf(of.ours, 'rate'),
        unit: 'objects/s',
        baseline: medianOf(of.go, 'rate'),
        target: { ratio: 0.5 },
        note: program.note ? `${whole}; ${program.note}` : whole,
      },
    ];
  },
};
