import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import { heapProblems } from '../heap/check.ts';
import { BITMAP_WORDS, SPAN_IN_USE } from '../heap/layout.ts';
import { SCALAR } from '../heap/scalars.ts';
import { popcount } from '../heap/slots.ts';
import type { World } from '../heap/world.ts';
import { configs, ModelProgram, programs } from '../program.testkit.ts';
import { Decider } from './decider.ts';

/** Collects only when asked to. */
const unforced = configWith({ gcPercent: -1, procs: 1 });

/** Operations that may start a cycle. */
const COLLECTS = new Set(['gc', 'freeOS', 'percent', 'limit', 'prime']);

interface SpanFill {
  readonly taken: number;
  readonly packed: boolean;
  readonly full: boolean;
}

/** How full each small span is, by class, in address order. */
function fills(w: World): Map<number, SpanFill[]> {
  const found = new Map<number, SpanFill[]>();
  for (let page = 0; page < w.pages; page += 1) {
    if (w.spanState[page] !== SPAN_IN_USE || w.spanClass[page] < 2) continue;
    const bits = w.allocBits.subarray(page * BITMAP_WORDS, (page + 1) * BITMAP_WORDS);
    const taken = bits.reduce((sum, word) => sum + popcount(word), 0);
    let prefix = 0;
    while (prefix < w.nelems[page] && ((bits[prefix >> 5] >>> (prefix & 31)) & 1) === 1)
      prefix += 1;
    const list = found.get(w.spanClass[page]) ?? [];
    list.push({ taken, packed: prefix === taken, full: taken === w.nelems[page] });
    found.set(w.spanClass[page], list);
  }
  return found;
}

/** Edges of every object the program can reach, as the heap has them. */
function edgesAgree(program: ModelProgram): boolean {
  const w = program.decider.world;
  const word = (ordinal: number | undefined): number =>
    ordinal === undefined || ordinal === 0 ? 0 : w.objects.wordOf(ordinal) + 1;
  for (const ordinal of program.reachable()) {
    const object = program.objects.get(ordinal);
    if (w.objects.wordOf(ordinal) < 0) return false;
    for (let i = 0; object !== undefined && i < object.words; i += 1) {
      const at = w.objects.wordOf(ordinal) + i;
      if ((at < w.words.length ? w.words[at] : 0) !== word(object.edges[i])) return false;
    }
  }
  return [...program.roots].every(([root, ordinal]) => w.roots[root] === word(ordinal));
}

describe('compaction', () => {
  it('packs every class into its first slots, and every pointer still leads to its object', () => {
    let moved = 0;
    fc.assert(
      fc.property(configs(), programs(), (config, operations) => {
        const decider = new Decider({ ...config, compact: 1 }, null);
        const program = new ModelProgram(decider);
        for (const operation of operations) program.run(operation);
        decider.collect();
        for (const spans of fills(decider.world).values()) {
          expect(spans.every((span) => span.packed && span.taken > 0)).toBe(true);
          expect(spans.slice(0, -1).every((span) => span.full)).toBe(true);
        }
        expect(edgesAgree(program)).toBe(true);
        expect(heapProblems(decider.world)).toEqual([]);
        moved += decider.world.placementMoves;
      }),
      { seed: 42, numRuns: 150 },
    );
    expect(moved).toBeGreaterThan(50);
  });

  it('keeps the order of addresses within a class', () => {
    fc.assert(
      fc.property(programs(), (operations) => {
        const run = (compact: number): number[] => {
          const decider = new Decider({ ...unforced, compact }, null);
          const program = new ModelProgram(decider);
          for (const operation of operations)
            if (!COLLECTS.has(operation[0])) program.run(operation);
          decider.collect();
          const { objects, siteClass } = decider.world;
          return [...program.reachable()]
            .filter((o) => program.objects.has(o))
            .sort(
              (a, b) =>
                siteClass[objects.siteOf(a)] - siteClass[objects.siteOf(b)] ||
                objects.wordOf(a) - objects.wordOf(b),
            );
        };
        expect(run(1)).toEqual(run(0));
      }),
      { seed: 42, numRuns: 60 },
    );
  });

  it('frees the pages of a heap that has holes everywhere', () => {
    const decider = new Decider({ ...unforced, compact: 1 }, null);
    const site = decider.defineSite(64, 8, false, 'node');
    for (let i = 0; i < 40_000; i += 1) {
      const object = decider.allocate(site);
      decider.storeRoot(i % 2 === 0 ? i / 2 : 30_000, object);
    }
    decider.storeRoot(30_000, 0);
    const before = decider.world.scalars[SCALAR.heapInUse];
    decider.collect();
    expect(decider.world.scalars[SCALAR.heapInUse]).toBeLessThan(before * 0.52);
    expect(heapProblems(decider.world)).toEqual([]);
  });
});
