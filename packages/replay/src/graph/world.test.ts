import { readMemStats } from '@heaptape/core';
import type { EventRow } from '@heaptape/schema';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldTape } from '../fold.ts';
import { configs, eventsOf, programTape, steps } from '../tape.testkit.ts';
import { graphOfDump } from './dump.ts';
import { shortestPaths } from './paths.ts';
import { graphOfWorld, WORLD_ROOT_KINDS } from './world.ts';

/** What a program did up to an event, by ordinal: nothing of slots, spans or collection. */
class Model {
  readonly edges: Map<number, number>[] = [new Map()];
  readonly site: number[] = [0];
  readonly roots: Map<number, number> = new Map();
  readonly held: Set<number> = new Set();
  /** Objects that the last cycle found dead, from the end of its marking on. */
  condemned: Set<number> = new Set();
  #unreached: Set<number> = new Set();
  readonly #heldSites: boolean[] = [false];

  take({ event: kind, ...fields }: EventRow): void {
    const number = (name: string): number => Number(fields[name]);
    if (kind === 'SiteDefined') this.#heldSites.push(number('held') === 1);
    if (kind === 'ObjectAllocated') {
      if (this.#heldSites[number('site')]) this.held.add(this.edges.length);
      this.edges.push(new Map());
      this.site.push(number('site'));
    }
    if (kind === 'PointerStored')
      this.edges[number('object')].set(number('word'), number('target'));
    if (kind === 'RootStored') this.roots.set(number('root'), number('target'));
    if (kind === 'GCStarted') {
      const reached = this.reached();
      this.#unreached = new Set([...this.edges.keys()].filter((object) => !reached.has(object)));
    }
    // What was in a register when the cycle began is shaded when it is stored.
    if (kind === 'PointerStored' || kind === 'RootStored') {
      this.#unreached.delete(number('target'));
    }
    if (kind === 'GCMarkTerminated') this.condemned = this.#unreached;
    if (kind === 'ObjectReleased') this.held.delete(number('object'));
  }

  reached(): Set<number> {
    const reached = new Set<number>([0]);
    const todo = [...this.roots.values(), ...this.held];
    for (let object = todo.pop(); object !== undefined; object = todo.pop()) {
      if (reached.has(object)) continue;
      reached.add(object);
      todo.push(...this.edges[object].values());
    }
    reached.delete(0);
    return reached;
  }
}

test('the graph of a heap is the one that its program built, at any event', () => {
  fc.assert(
    fc.property(configs(), steps(), fc.nat(1000), (config, program, part) => {
      const tape = programTape(config, program);
      const rows = eventsOf(tape);
      const to = Math.floor((rows.length * part) / 1000);
      const model = new Model();
      for (const row of rows.slice(0, to)) model.take(row);
      const { world } = foldTape(tape, to);
      const graph = graphOfWorld(world);
      const paths = shortestPaths(graph);
      const reached = graph.ordinals.filter((_, object) => paths.distance[object] >= 0);
      expect(new Set(reached)).toEqual(model.reached());
      expect(graph.ordinals.filter((ordinal) => model.condemned.has(ordinal))).toEqual(
        new Int32Array(0),
      );
      graph.ordinals.forEach((ordinal, object) => {
        expect(graph.groups[object]).toBe(model.site[ordinal]);
        if (paths.distance[object] < 0) return;
        const edges: [number, number][] = [];
        for (let edge = graph.offsets[object]; edge < graph.offsets[object + 1]; edge += 1) {
          edges.push([graph.words[edge], graph.ordinals[graph.targets[edge]]]);
        }
        const expected = [...model.edges[ordinal]].filter(([, target]) => target !== 0);
        expect(edges).toEqual(expected.sort(([a], [b]) => a - b));
      });
      const roots = [...graph.roots].map((object, root) => [
        WORLD_ROOT_KINDS[graph.rootKind[root]],
        graph.rootIndex[root],
        graph.ordinals[object],
      ]);
      const expected = [...model.roots].filter(([, target]) => target !== 0);
      expect(roots).toEqual([
        ...expected.sort(([a], [b]) => a - b).map(([root, target]) => ['root', root, target]),
        ...[...model.held].sort((a, b) => a - b).map((ordinal) => ['held', ordinal, ordinal]),
      ]);
    }),
    { seed: 42, numRuns: 60 },
  );
});

test('after a collection nothing is left but what roots reach', () => {
  fc.assert(
    fc.property(configs(), steps(), (config, program) => {
      const { world } = foldTape(programTape(config, [...program, ['gc', 0, 0], ['gc', 0, 0]]));
      const graph = graphOfWorld(world);
      const { distance } = shortestPaths(graph);
      expect(distance.every((edges) => edges >= 0)).toBe(true);
      expect(graph.sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(
        readMemStats(world).HeapAlloc,
      );
      expect(graph.count).toBe(readMemStats(world).HeapObjects);
    }),
    { seed: 42, numRuns: 30 },
  );
});

test('the graph of a dump leaves out what is nil and the kinds of roots not wanted', () => {
  const dump = {
    params: { pointerBytes: 4 },
    objects: {
      count: 3,
      bytes: Float64Array.of(16, 32, 8),
      firstField: Uint32Array.of(0, 2, 4, 4),
      fieldOffset: Uint32Array.of(0, 12, 4, 28),
      fieldTarget: Int32Array.of(-1, 1, 2, 0),
      site: Int32Array.of(5, -1, 5),
    },
    roots: { count: 3, kind: Uint8Array.of(1, 9, 2), target: Int32Array.of(0, 2, 1) },
  };
  const graph = graphOfDump(dump, [9]);
  expect([...graph.offsets]).toEqual([0, 1, 3, 3]);
  expect([...graph.targets]).toEqual([1, 2, 0]);
  expect([...graph.words]).toEqual([3, 1, 7]);
  expect([[...graph.roots], [...graph.rootKind], [...graph.rootIndex]]).toEqual([
    [0, 1],
    [1, 2],
    [0, 2],
  ]);
  expect(graphOfDump(dump).roots.length).toBe(3);
});
