import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapProblems } from '../heap/check.ts';
import { type Figures, measure, runGo } from './figures.testkit.ts';
import type { Slot } from './goroutines.ts';
import { arrayOf, GO, pointerTo, structOf } from './gotypes.ts';
import type { Obj } from './heap.ts';
import type { GoMap } from './maps.ts';
import { createRuntime, type Runtime } from './runtime.ts';
import type { GoType } from './types.ts';
import type { GoValue } from './values.ts';

interface Step extends Figures {
  readonly Map: string;
  readonly Step: string;
  readonly N: number;
}

interface Spread {
  readonly Map: string;
  readonly Step: string;
  readonly N: number;
  readonly Mallocs: readonly [number, number];
  readonly TotalAlloc: readonly [number, number];
}

const NODE = pointerTo('main.node');
const NODE_BODY: GoType = { name: 'main.node', size: 16, pointers: [0, 1] };
const LARGE = arrayOf(GO.byte, 200);
const PAIR = structOf('main.pair', [GO.string, NODE]);

/** What the Go program puts into a map of that name. */
interface Kind {
  readonly key: GoType;
  readonly elem: GoType;
  readonly keyOf: (rt: Runtime, i: number) => GoValue;
  readonly elemOf: (rt: Runtime, i: number) => GoValue;
}

const same = (_: Runtime, i: number): GoValue => i;
const name = (_: Runtime, i: number): GoValue => `name ${i}`;
const kind = (
  key: GoType,
  elem: GoType,
  keyOf: Kind['keyOf'] = same,
  elemOf: Kind['elemOf'] = same,
): Kind => ({ key, elem, keyOf, elemOf });

const nodeOf = (rt: Runtime, i: number): GoValue => rt.global(`node ${i % 20}`).get();

const KINDS: Readonly<Record<string, Kind>> = {
  'int int': kind(GO.int, GO.int),
  'string int': kind(GO.string, GO.int, name),
  'int string': kind(GO.int, GO.string, same, name),
  'int ptr': kind(GO.int, NODE, same, (rt) => rt.new(NODE_BODY)),
  'string ptr': kind(GO.string, NODE, name, nodeOf),
  'string pair': kind(GO.string, PAIR, name, (rt, i) => [name(rt, i), nodeOf(rt, i)]),
  'int none': kind(GO.int, structOf('struct {}', [])),
  'int32 bool': kind(GO.int32, GO.bool),
  'int16 int64': kind(GO.int16, GO.int64),
  'float64 int8': kind(GO.float64, GO.int8),
  '128 128': kind(arrayOf(GO.byte, 128), arrayOf(GO.byte, 128)),
  '129 int': kind(arrayOf(GO.byte, 129), GO.int),
  'int 129': kind(GO.int, arrayOf(GO.byte, 129)),
  'large large': kind(LARGE, LARGE),
  'any any': kind(GO.any, GO.any, nodeOf, () => null),
};

/** The Go program, over again. */
class Twin {
  readonly rt: Runtime;
  readonly #slot: Slot;
  readonly #clone: Slot;
  #map: GoMap | undefined;
  #have = 0;

  constructor(seed: number) {
    this.rt = createRuntime({ gogc: 'off', procs: 1, seed });
    this.#slot = this.rt.main.slot();
    this.#clone = this.rt.main.slot();
    for (let i = 0; i < 20; i += 1) this.rt.global(`node ${i}`).set(this.rt.new(NODE_BODY));
  }

  step({ Map: of, Step: step, N: n }: Pick<Step, 'Map' | 'Step' | 'N'>): Figures {
    return measure(this.rt, () => this.#act(KINDS[of], step, n));
  }

  #act(of: Kind, step: string, n: number): void {
    const { rt } = this;
    const put = (key: number, elem = key): void =>
      this.#the.set(of.keyOf(rt, key), of.elemOf(rt, elem));
    if (step === 'make' || step === 'hint') this.#make(of, n);
    else if (step === 'fill') for (; this.#have < n; this.#have += 1) put(this.#have);
    else if (step === 'overwrite') for (let i = 0; i < n; i += 1) put(i, i + 1);
    else if (step === 'refill') for (let i = 0; i < n; i += 1) put(i);
    else if (step === 'clone') this.#clone.set(this.#the.clone().object);
    else if (step === 'range') expect([...rt.range(this.#the)].length).toBe(this.#the.len);
    else if (step === 'delete') for (let i = 0; i < n; i += 1) this.#the.delete(of.keyOf(rt, i));
    else if (step.startsWith('clear')) this.#the.clear();
    else if (step === 'small') this.#small(of, put);
    else if (step === 'churn') this.#churn(of, n, put);
    else if (step === 'small overwrite') {
      for (let i = 0; i < 8; i += 1) put(i);
      put(3);
    } else this.#collect(step);
  }

  #make(of: Kind, hint: number): void {
    this.#map = this.rt.makeMap(of.key, of.elem, hint);
    this.#slot.set(this.#map.object);
    this.#have = 0;
  }

  get #the(): GoMap {
    if (this.#map === undefined) throw new Error('no map yet');
    return this.#map;
  }

  #small(of: Kind, put: (key: number) => void): void {
    this.#make(of, 0);
    for (let round = 0; round < 5; round += 1) {
      for (let i = 0; i < 8; i += 1) put(i + round);
      for (let i = 0; i < 8; i += 1) this.#the.delete(of.keyOf(this.rt, i + round));
    }
  }

  #churn(of: Kind, n: number, put: (key: number) => void): void {
    this.#make(of, 0);
    for (let i = 0; i < 430; i += 1) put(i);
    for (let i = 0; i < n; i += 1) {
      this.#the.delete(of.keyOf(this.rt, i));
      put(i + 430);
    }
  }

  #collect(step: string): void {
    if (step === 'collect clone') this.#clone.set(null);
    else if (step.includes('drop')) this.#slot.set(null);
    else expect(step).toMatch(/^collect (deleted|cleared)$/);
    this.rt.GC();
    this.rt.GC();
  }
}

describe('maps', () => {
  it('allocate what real Go allocates, step by step', (ctx) => {
    const steps = runGo<Step>('maps');
    if (steps === undefined) {
      console.warn('maps: no go of 1.26 or newer on PATH, comparison with real Go skipped');
      return ctx.skip();
    }
    const twin = new Twin(1);
    for (const step of steps) {
      const { Map: of, Step: what, N } = step;
      expect({ Map: of, Step: what, N, ...twin.step(step) }).toEqual(step);
    }
    expect(steps.length).toBeGreaterThan(400);
  });

  it('allocate within the range of 200 real maps where hashes decide', () => {
    const recorded = new URL('../../../../test/fixtures/go/maps/spread.json', import.meta.url);
    const lines = readFileSync(recorded, 'utf8').trim().split('\n');
    for (const line of lines) {
      const spread = JSON.parse(line) as Spread;
      for (let seed = 1; seed <= 5; seed += 1) {
        const twin = new Twin(seed);
        const made = spread.Step === 'fill' ? twin.step({ ...spread, Step: 'make', N: 0 }) : null;
        const { Mallocs, TotalAlloc } = twin.step(spread);
        const mallocs = Mallocs + (made?.Mallocs ?? 0);
        const bytes = TotalAlloc + (made?.TotalAlloc ?? 0);
        expect(mallocs, line).toBeGreaterThanOrEqual(spread.Mallocs[0]);
        expect(mallocs, line).toBeLessThanOrEqual(spread.Mallocs[1]);
        expect(bytes, line).toBeGreaterThanOrEqual(spread.TotalAlloc[0]);
        expect(bytes, line).toBeLessThanOrEqual(spread.TotalAlloc[1]);
      }
    }
    expect(lines.length).toBeGreaterThan(15);
  });
});

describe('map contents', () => {
  const operation = fc.tuple(
    fc.constantFrom('set', 'set', 'set', 'delete', 'clear', 'clone', 'range', 'gc'),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 5 }),
  );

  it('are those of a JavaScript Map, and live', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 400, size: 'max' }), (operations) => {
        const rt = createRuntime({ gogc: 'off', procs: 2, seed: 3 });
        const slot = rt.main.slot();
        const large = structOf('main.wide', [arrayOf(GO.byte, 160), NODE]);
        let map = rt.makeMap(GO.any, large);
        slot.set(map.object);
        const model = new Map<number, number>();
        for (const [what, key, elem] of operations) {
          if (what === 'set') {
            map.set(key, [0, rt.new({ ...NODE_BODY, name: `n${elem}` })]);
            model.set(key, elem);
          } else if (what === 'delete') {
            expect(map.delete(key)).toBe(model.delete(key));
          } else if (what === 'clear' && elem === 0) {
            map.clear();
            model.clear();
          } else if (what === 'clone') {
            map = map.clone();
            slot.set(map.object);
          } else if (what === 'gc') {
            rt.GC();
          }
          expect(map.len).toBe(model.size);
        }
        rt.GC();
        const found = [...rt.range(map)].map(([key, elem]) => {
          const [, object] = elem as readonly [number, { layout: { name: string } }];
          return [key, Number(object.layout.name.slice(1))];
        });
        expect(found.sort(([a], [b]) => Number(a) - Number(b))).toEqual(
          [...model].sort(([a], [b]) => a - b),
        );
        for (const [, elem] of rt.range(map)) rt.KeepAlive((elem as never)[1]);
        expect(heapProblems(rt.world)).toEqual([]);
      }),
      { seed: 42, numRuns: 60 },
    );
  });

  it('come once each while the map grows, shrinks and splits under the iteration', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const rt = createRuntime({ gogc: 'off', procs: 1, seed });
      const map = rt.makeMap(GO.int, GO.int);
      rt.global('m').set(map.object);
      const first = [5, 40, 900, 2500][seed % 4];
      for (let i = 0; i < first; i += 1) map.set(i, i);
      const seen = new Set<number>();
      let next = first;
      for (const [key, elem] of rt.range(map)) {
        expect(seen.has(Number(key))).toBe(false);
        expect(elem).toBe(map.get(key));
        seen.add(Number(key));
        if (map.len < 6000) for (let i = 0; i < 3; i += 1) map.set(next++, 0);
        if (Number(key) % 3 === 0) map.delete(Number(key) + 1);
        map.set(key, -1);
        if (seen.size % 50 === 0) rt.GC();
      }
      for (let i = 0; i < first; i += 1) expect(seen.has(i) || map.get(i) === undefined).toBe(true);
    }
  });

  it('are held by an iteration, until it ends or is left', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const map = rt.makeMap(GO.int, NODE);
    rt.global('m').set(map.object);
    for (let i = 0; i < 40; i += 1) map.set(i, rt.new(NODE_BODY));
    rt.GC();
    const held = rt.ReadMemStats().HeapObjects;
    let count = 0;
    for (const [, elem] of rt.range(map)) {
      rt.global('m').set(null);
      rt.GC();
      rt.KeepAlive(elem as Obj);
      expect(rt.ReadMemStats().HeapObjects).toBe(held);
      count += 1;
      if (count === 20) break;
    }
    rt.GC();
    expect(rt.ReadMemStats().HeapObjects).toBe(0);
  });

  it('compare keys as Go does', () => {
    const rt = createRuntime({});
    const map = rt.makeMap(GO.float64, GO.int);
    rt.global('m').set(map.object);
    map.set(0, 1);
    map.set(-0, 2);
    map.set(Number.NaN, 3);
    map.set(Number.NaN, 4);
    expect(map.len).toBe(3);
    expect(map.get(0)).toBe(2);
    expect(map.get(Number.NaN)).toBeUndefined();
    expect(map.delete(Number.NaN)).toBe(false);
    for (let i = 1; i < 40; i += 1) map.set(i, i);
    expect([...rt.range(map)].filter(([key]) => Number.isNaN(key)).map(([, v]) => v)).toHaveLength(
      2,
    );
    const pairs = rt.makeMap(structOf('main.at', [GO.int, GO.int]), GO.int);
    rt.global('p').set(pairs.object);
    pairs.set([1, 23], 1);
    pairs.set([12, 3], 2);
    expect([pairs.get([1, 23]), pairs.get([12, 3]), pairs.len]).toEqual([1, 2, 2]);
    expect(() => rt.makeMap(GO.any, GO.int).set(rt.nilSlice(GO.int), 1)).toThrow(/unhashable/);
  });

  it('are refused, and nothing changes, when what they would point to is gone', () => {
    const rt = createRuntime({ gogc: 'off', procs: 1 });
    const map = rt.makeMap(GO.int, NODE);
    rt.global('m').set(map.object);
    for (let i = 0; i < 8; i += 1) map.set(i, null);
    const dead = rt.new(NODE_BODY);
    rt.GC();
    const before = rt.ReadMemStats().Mallocs;
    expect(() => map.set(8, dead)).toThrow(/has been collected/);
    expect(rt.ReadMemStats().Mallocs).toBe(before);
    expect(map.len).toBe(8);
    rt.global('m').set(null);
    rt.GC();
    expect(() => map.get(1)).toThrow(/has been collected/);
    expect(() => map.set(1, null)).toThrow(/has been collected/);
  });
});
