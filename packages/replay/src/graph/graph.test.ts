import { HeaptapeError } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dominatorsOf, OUTSIDE, UNREACHED } from './dominators.ts';
import { dominatedBy, graphOfRows, reachWithout, rows } from './graph.testkit.ts';
import { referrersOf, reverseOf } from './graph.ts';
import { retainingPath, shortestPaths } from './paths.ts';
import { retainedByGroup, retainedSizes, topRetained } from './retained.ts';

const RUNS = { seed: 42, numRuns: 500 };

describe('against naive answers', () => {
  test('referrers are the words that hold a reference', () => {
    fc.assert(
      fc.property(rows(), (some) => {
        const graph = graphOfRows(some);
        const reverse = reverseOf(graph);
        for (let object = 0; object < graph.count; object += 1) {
          const { objects, words, roots } = referrersOf(graph, reverse, object);
          const expected = some.words.flatMap((row, from) =>
            row.flatMap((target, word) => (target === object ? [[from, word]] : [])),
          );
          expect([...objects].map((from, i) => [from, words[i]])).toEqual(expected);
          expect([...roots].map((root) => some.roots[root])).toEqual(
            some.roots.filter((target) => target === object),
          );
        }
      }),
      RUNS,
    );
  });

  test('a retaining path is a path, and none is shorter', () => {
    fc.assert(
      fc.property(rows(), (some) => {
        const graph = graphOfRows(some);
        const paths = shortestPaths(graph);
        let level = new Set(some.roots);
        const distance = new Map<number, number>();
        for (let d = 0; level.size > 0; d += 1) {
          for (const object of level) distance.set(object, d);
          const next = [...level].flatMap((object) => some.words[object]);
          level = new Set(next.filter((object) => object >= 0 && !distance.has(object)));
        }
        for (let object = 0; object < graph.count; object += 1) {
          const path = retainingPath(graph, paths, object);
          expect(path === undefined).toBe(!distance.has(object));
          if (path === undefined) continue;
          expect(path.objects.length - 1).toBe(distance.get(object));
          expect(paths.distance[object]).toBe(distance.get(object));
          expect(some.roots[path.root]).toBe(path.objects[0]);
          expect(path.objects.at(-1)).toBe(object);
          path.words.forEach((word, i) => {
            expect(some.words[path.objects[i]][word]).toBe(path.objects[i + 1]);
          });
        }
      }),
      RUNS,
    );
  });

  test('dominators are what removing an object shows, and retained sizes their sums', () => {
    fc.assert(
      fc.property(rows(), (some) => {
        const graph = graphOfRows(some);
        const dominators = dominatorsOf(graph, reverseOf(graph));
        const retained = retainedSizes(graph, dominators);
        const reached = reachWithout(some);
        const dominated = some.words.map((_, object) => dominatedBy(some, object));
        expect(new Set(dominators.order)).toEqual(reached);
        expect(dominators.order.length).toBe(reached.size);
        for (let object = 0; object < graph.count; object += 1) {
          const above = some.words.flatMap((_, d) =>
            d !== object && dominated[d].has(object) ? [d] : [],
          );
          const nearest = above.find((d) => above.every((other) => dominated[other].has(d)));
          const expected = reached.has(object) ? (nearest ?? OUTSIDE) : UNREACHED;
          expect(dominators.dominator[object]).toBe(expected);
          const bytes = [...dominated[object]].reduce((sum, other) => sum + some.sizes[other], 0);
          expect(retained[object]).toBe(bytes);
        }
      }),
      RUNS,
    );
  });

  test('the largest, and groups', () => {
    fc.assert(
      fc.property(rows(), fc.nat(30), (some, most) => {
        const graph = graphOfRows(some);
        const dominators = dominatorsOf(graph, reverseOf(graph));
        const retained = retainedSizes(graph, dominators);
        const reached = [...reachWithout(some)];
        const sorted = reached.sort((a, b) => retained[b] - retained[a] || a - b);
        expect([...topRetained(dominators, retained, most)]).toEqual(sorted.slice(0, most));
        const groups = retainedByGroup(graph, dominators, retained);
        for (const { group, objects, bytes, retained: together } of groups) {
          const members = reached.filter((object) => some.groups[object] === group);
          const below = new Set(members.flatMap((object) => [...dominatedBy(some, object)]));
          const sum = (of: Iterable<number>): number =>
            [...of].reduce((total, object) => total + some.sizes[object], 0);
          expect([objects, bytes, together]).toEqual([members.length, sum(members), sum(below)]);
        }
        const present = new Set(reached.map((object) => some.groups[object]));
        expect(new Set(groups.map(({ group }) => group))).toEqual(present);
        const sizes = groups.map((row) => row.retained);
        expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
      }),
      RUNS,
    );
  });
});

describe('examples', () => {
  test('a diamond is dominated by its top, a loop by its entry', () => {
    const graph = graphOfRows({
      words: [[1, 2], [3], [3], [4], [5, 3], [], [6]],
      sizes: [1, 2, 4, 8, 16, 32, 64],
      groups: [0, 1, 1, 1, 2, 2, 2],
      roots: [0],
    });
    const dominators = dominatorsOf(graph, reverseOf(graph));
    expect([...dominators.dominator]).toEqual([OUTSIDE, 0, 0, 0, 3, 4, UNREACHED]);
    expect([...retainedSizes(graph, dominators)]).toEqual([63, 2, 4, 56, 48, 32, 0]);
  });

  test('a list of 300000 and a shuffled graph need no call stack', () => {
    const count = 300_000;
    const words = Array.from({ length: count }, (_, i) => [
      i + 1 < count ? i + 1 : -1,
      (i * 7919) % 7 === 0 ? (i * 31) % count : Math.max(0, i - 3),
    ]);
    const some = { words, sizes: words.map(() => 16), groups: words.map(() => 0), roots: [0] };
    const graph = graphOfRows(some);
    const reverse = reverseOf(graph);
    const dominators = dominatorsOf(graph, reverse);
    expect(retainedSizes(graph, dominators)[0]).toBe(count * 16);
    const [row] = retainedByGroup(graph, dominators, retainedSizes(graph, dominators));
    expect(row).toEqual({ group: 0, objects: count, bytes: count * 16, retained: count * 16 });
    expect(retainingPath(graph, shortestPaths(graph), count - 1)?.root).toBe(0);
  });

  test('what is not there is an error', () => {
    const graph = graphOfRows({ words: [[]], sizes: [8], groups: [0], roots: [] });
    expect(() => referrersOf(graph, reverseOf(graph), 1)).toThrow(HeaptapeError);
    expect(() => retainingPath(graph, shortestPaths(graph), -1)).toThrow('no object -1');
    expect(retainingPath(graph, shortestPaths(graph), 0)).toBeUndefined();
  });
});
