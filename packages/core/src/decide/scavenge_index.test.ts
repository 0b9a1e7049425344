import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { World } from '../heap/world.ts';
import { ScavengeIndex } from './scavenge_index.ts';

const CHUNK = 512;
const CHUNKS = 4;
const PAGES = CHUNK * CHUNKS;

/** Pages of a heap that is all in use and backed, and an index that knows of it. */
function fullHeap(): { world: World; index: ScavengeIndex } {
  const world = new World();
  world.reservePages(PAGES);
  world.pages = PAGES;
  const index = new ScavengeIndex(world);
  index.taken(0, PAGES);
  return { world, index };
}

function free(world: World, index: ScavengeIndex, page: number, npages: number): void {
  world.pageFree.fill(1, page, page + npages);
  index.freed(page, npages);
}

/** Takes what the index offers until it has nothing more; the runs, in order. */
function drain(world: World, index: ScavengeIndex, most: number, force: boolean): number[][] {
  const runs: number[][] = [];
  while (index.next(most, force)) {
    const { page, npages } = index;
    for (let p = page; p < page + npages; p += 1) {
      expect([world.pageFree[p], world.pageScavenged[p]]).toEqual([1, 0]);
      world.pageScavenged[p] = 1;
    }
    runs.push([page, npages]);
  }
  return runs;
}

const frees = fc.array(
  fc.record({ page: fc.nat(PAGES - 1), npages: fc.integer({ min: 1, max: 300 }) }),
  { minLength: 1, maxLength: 40 },
);

describe('the scavenge index', () => {
  it('finds every free page when forced, and none twice', () => {
    fc.assert(
      fc.property(frees, fc.integer({ min: 1, max: 600 }), (parts, most) => {
        const { world, index } = fullHeap();
        const expected = new Set<number>();
        for (const { page, npages } of parts) {
          const end = Math.min(PAGES, page + npages);
          for (let p = page; p < end; p += 1) {
            if (expected.has(p)) continue;
            expected.add(p);
            free(world, index, p, 1);
          }
        }
        const runs = drain(world, index, most, true);
        expect(runs.reduce((total, [, npages]) => total + npages, 0)).toBe(expected.size);
        expect(drain(world, index, most, true)).toEqual([]);
      }),
      { seed: 42, numRuns: 200 },
    );
  });

  it('in the background leaves dense chunks alone, and waits for the next generation', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 4, maxLength: 4 }),
        (n) => {
          const { world, index } = fullHeap();
          n.forEach((count, chunk) => {
            if (count > 0) free(world, index, chunk * CHUNK + 100, count);
          });
          expect(drain(world, index, 8, false)).toEqual([]);
          index.nextGeneration();
          const found = drain(world, index, 8, false);
          const byChunk = [0, 0, 0, 0];
          for (const [page, npages] of found) byChunk[Math.floor(page / CHUNK)] += npages;
          expect(byChunk).toEqual(n.map((count) => (CHUNK - count < 496 ? count : 0)));
          const pages = found.map(([page]) => page);
          expect([...pages].sort((a, b) => b - a)).toEqual(pages);
        },
      ),
      { seed: 42, numRuns: 200 },
    );
  });

  it('keeps off a chunk that was dense in the generation before', () => {
    const { world, index } = fullHeap();
    free(world, index, 0, 5);
    index.nextGeneration();
    free(world, index, 5, 200);
    expect(drain(world, index, 8, false)).toEqual([]);
    index.nextGeneration();
    expect(drain(world, index, 8, false).length).toBeGreaterThan(0);
  });

  it('takes a huge page as a whole where all of it is free', () => {
    const { world, index } = fullHeap();
    free(world, index, 0, 300);
    expect(index.next(48, true)).toBe(true);
    expect([index.page, index.npages]).toEqual([0, 300]);
    const other = fullHeap();
    free(other.world, other.index, 10, 290);
    expect(other.index.next(48, true)).toBe(true);
    expect([other.index.page, other.index.npages]).toEqual([252, 48]);
    expect(other.index.next(8, true)).toBe(true);
    expect([other.index.page, other.index.npages]).toEqual([292, 8]);
  });
});
