/** Programs with maps, strings, slices and pools as tapes: replayed, decided again, and elsewhere. */
import { CELLS, EventBatch, SegmentCodec } from '@heaptape/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configWith } from '../config.ts';
import { Decider } from '../decide/decider.ts';
import { applyCommand, isCommand } from '../decide/project.ts';
import { evolve } from '../evolve/evolve.ts';
import { heapProblems } from '../heap/check.ts';
import { SCALAR } from '../heap/scalars.ts';
import { WorldHasher } from '../heap/statehash.ts';
import { World } from '../heap/world.ts';
import type { Slot } from './goroutines.ts';
import { GO, pointerTo, structOf } from './gotypes.ts';
import type { GoMap } from './maps.ts';
import type { Pool } from './pool.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { GoType } from './types.ts';

const NODE: GoType = { name: 'main.node', size: 32, pointers: [0, 2] };
const PAIR = structOf('main.pair', [GO.string, pointerTo('main.node')]);

/** A program of its own for each list of numbers. */
class Program {
  readonly #rt: Runtime;
  readonly #root: Slot;
  readonly #map: GoMap;
  readonly #pool: Pool | null;

  constructor(rt: Runtime, pooled: boolean) {
    this.#rt = rt;
    this.#root = rt.main.slot();
    this.#map = rt.makeMap(GO.string, PAIR);
    rt.global('map').set(this.#map.object);
    this.#pool = pooled ? new rt.sync.Pool() : null;
  }

  run(what: number, n: number): void {
    const rt = this.#rt;
    const local = this.#root;
    if (what === 0) {
      for (let i = 0; i < n; i += 1) {
        local.set(rt.new(NODE));
        this.#map.set(`key ${i}`, ['value', local.get()]);
      }
    } else if (what === 1) {
      for (let i = 0; i < n; i += 2) this.#map.delete(`key ${i}`);
    } else if (what === 2) {
      local.set(rt.string(`${n}`.repeat(n * 100)).bytes);
    } else if (what === 3) {
      let slice = rt.nilSlice(PAIR);
      for (let i = 0; i < n; i += 1) {
        slice = rt.append(slice, ['x', null]);
        local.set(slice.array);
      }
    } else if (what === 4 && this.#pool !== null) {
      for (let i = 0; i < n; i += 1) this.#pool.Put(rt.new(NODE));
      for (let i = 0; i < n; i += 3) this.#pool.Get();
    } else if (what === 5) {
      for (const [key] of rt.range(this.#map)) if (key !== 'key 5') this.#map.set(key, ['', null]);
    } else if (what === 6) {
      this.#map.clear();
    } else {
      local.set(null);
    }
  }
}

const operations = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 90 })),
  {
    maxLength: 40,
    size: 'max',
  },
);

type Operations = readonly (readonly [number, number])[];

/** The program's tape: every batch, and the state at the end. */
function record(list: Operations, gogc: number, pooled: boolean): [Uint8Array[][], World] {
  const codec = new SegmentCodec();
  const batches: Uint8Array[][] = [];
  const rt = createRuntime({
    gogc,
    procs: 2,
    sink: (batch) => {
      const { soft, hard } = codec.encode(batch);
      batches.push([soft.slice(), hard.slice()]);
    },
  });
  const program = new Program(rt, pooled);
  for (const [what, n] of list) {
    program.run(what, n);
    rt.run(100_000);
  }
  rt.end();
  return [batches, rt.world];
}

/** Calls `visit` for every event of a tape. */
function each(
  batches: readonly Uint8Array[][],
  visit: (tag: number, batch: EventBatch, at: number) => void,
): void {
  const codec = new SegmentCodec();
  const batch = new EventBatch();
  for (const [soft, hard] of batches) {
    codec.decode({ soft, hard }, batch);
    let at = 0;
    for (let i = 0; i < batch.count; i += 1) {
      visit(batch.kinds[i], batch, at);
      at += CELLS[batch.kinds[i]];
    }
  }
}

function hashOf(world: World): string {
  return new WorldHasher().hash(world);
}

function decideAgain(batches: readonly Uint8Array[][], gcPercent: number): World {
  const decider = new Decider(configWith({ nonHeapBytes: -1, gcPercent, procs: 2 }), null);
  each(batches, (tag, batch, at) => {
    if (isCommand(tag)) applyCommand(decider, tag, batch, at);
  });
  decider.end();
  return decider.world;
}

describe('a tape of maps, strings, slices and pools', () => {
  it('folds to the state it was recorded in, and its commands decide the same again', () => {
    let cycles = 0;
    fc.assert(
      fc.property(operations, (list) => {
        const [batches, world] = record(list, 1, true);
        cycles += world.scalars[SCALAR.numGC];
        const folded = new World();
        each(batches, (tag, batch, at) => evolve(folded, tag, batch, at));
        expect(hashOf(folded)).toBe(hashOf(world));
        expect(hashOf(decideAgain(batches, 1))).toBe(hashOf(world));
        expect(heapProblems(world)).toEqual([]);
      }),
      { seed: 42, numRuns: 40 },
    );
    expect(cycles).toBeGreaterThan(15);
  });

  it('without pools, holds under settings that collect more or never', () => {
    fc.assert(
      fc.property(operations, (list) => {
        const [batches, world] = record(list, 100, false);
        for (const gcPercent of [1, 400, -1]) {
          const other = decideAgain(batches, gcPercent);
          expect(heapProblems(other)).toEqual([]);
          expect(other.scalars[SCALAR.nextOrdinal]).toBe(world.scalars[SCALAR.nextOrdinal]);
        }
      }),
      { seed: 42, numRuns: 40 },
    );
  });
});
