/**
 * Random programs for tests: a Go-like mutator with its own, naive idea of its objects.
 *
 * A program is a list of operations, so that a failing one shrinks. `ModelProgram` carries them out
 * on a Decider and on a model of its own: a Map from ordinal to edges, a Map of roots, a set of held
 * objects. The model knows nothing of spans or marking; reachability is a plain graph search.
 *
 * A program only uses what it can reach. The object just allocated is put into root 0 at once.
 */
import { EVENTS } from '@heaptape/schema';
// biome-ignore lint/style/noRestrictedImports: test code, never imported by the package itself
import fc from 'fast-check';
import { DEFAULT_CACHES } from './collector/cachemodel.ts';
import { DEFAULT_COSTS } from './collector/costs.ts';
import { configWith } from './config.ts';
import type { RunConfig } from './control.ts';
import type { Decider } from './decide/decider.ts';
import { SCALAR } from './heap/scalars.ts';

/** An operation: what, and three numbers whose meaning depends on it. */
export type Operation = readonly [kind: string, a: number, b: number, c: number];

interface ModelObject {
  readonly site: number;
  readonly words: number;
  readonly edges: number[];
}

const WEIGHTS: readonly (readonly [kind: string, weight: number])[] = [
  ['list', 40],
  ['store', 30],
  ['clear', 8],
  ['copyRoot', 8],
  ['dropRoot', 12],
  ['held', 6],
  ['release', 6],
  ['run', 5],
  ['tiny', 3],
  ['switch', 4],
  ['gc', 3],
  ['percent', 1],
  ['limit', 1],
  ['stats', 2],
  ['procs', 1],
  ['freeOS', 1],
  ['prime', 1],
  ['note', 1],
  ['cost', 1],
  ['go', 8],
  ['exit', 6],
  ['stack', 6],
  ['detail', 1],
  ['caches', 1],
];

const SIZES: readonly number[] = [
  8, 16, 24, 48, 64, 112, 256, 512, 520, 1024, 2048, 8192, 20000, 32760, 32768, 70000,
];

export const operations = (): fc.Arbitrary<Operation> => {
  const number = fc.integer({ min: 0, max: 4095 });
  const kind = fc.oneof(
    ...WEIGHTS.map(([name, weight]) => ({ weight, arbitrary: fc.constant(name) })),
  );
  return fc.tuple(kind, number, number, number);
};

export const programs = (maxLength = 120): fc.Arbitrary<Operation[]> =>
  fc.array(operations(), { maxLength, size: 'max' });

/** Configurations that collect often and slowly, so that much happens while they mark and sweep. */
export const configs = (): fc.Arbitrary<RunConfig> =>
  fc
    .record({
      gcPercent: fc.constantFrom(-1, 0, 1, 1, 10, 100),
      procs: fc.constantFrom(1, 2, 4),
      collector: fc.constantFrom('classic' as const, 'greentea' as const),
      seed: fc.integer({ min: 0, max: 1000 }),
      layout: fc.constantFrom('go1.22' as const, 'go1.26' as const),
      compact: fc.constantFrom(0, 0, 0, 1),
      memoryLimit: fc.constantFrom(0, 0, 6 * 1024 * 1024),
      nonHeapBytes: fc.constantFrom(-1, 0, 4 * 1024 * 1024),
      markNsPerByte: fc.constantFrom(1, 20, 200),
      sweepNsPerSpan: fc.constantFrom(600, 100_000, 10_000_000),
    })
    .map(({ markNsPerByte, sweepNsPerSpan, ...some }) =>
      configWith({
        ...some,
        stackBytes: 2048,
        globalsBytes: 4096,
        costs: { ...DEFAULT_COSTS, markNsPerByte, sweepNsPerSpan },
      }),
    );

export class ModelProgram {
  readonly decider: Decider;
  readonly objects: Map<number, ModelObject> = new Map();
  readonly roots: Map<number, number> = new Map();
  readonly held: Set<number> = new Set();
  readonly tiny: Map<number, number> = new Map();
  readonly #sites: Map<string, number> = new Map();
  #proc = 0;
  #procs = 1;
  #notes = 0;
  readonly #goroutines: number[] = [];
  #lastGoroutine = 0;

  constructor(decider: Decider) {
    this.decider = decider;
    this.#procs = decider.world.control.config?.procs ?? 1;
  }

  /** Everything that roots, held objects and tiny blocks lead to. */
  reachable(): Set<number> {
    const seen = new Set<number>();
    const grey = [...this.roots.values(), ...this.held, ...this.tiny.values()];
    while (grey.length > 0) {
      const next = grey.pop() ?? 0;
      if (next === 0 || seen.has(next)) continue;
      seen.add(next);
      grey.push(...(this.objects.get(next)?.edges ?? []));
    }
    return seen;
  }

  /** Lets the model forget what cannot be reached. */
  forget(): void {
    const kept = this.reachable();
    for (const ordinal of this.objects.keys()) if (!kept.has(ordinal)) this.objects.delete(ordinal);
  }

  run(operation: Operation): void {
    const [kind, a, b, c] = operation;
    const d = this.decider;
    switch (kind) {
      case 'list':
        this.#list(a, b, c);
        return;
      case 'store':
        this.store(this.#walk(a), b, this.#walk(c));
        return;
      case 'clear':
        this.store(this.#walk(a), b, 0);
        return;
      case 'copyRoot':
        this.root(1 + (b % 40), this.#walk(a));
        return;
      case 'dropRoot':
        this.root(a % 41, 0);
        return;
      case 'held': {
        const object = this.#allocate(SIZES[a % SIZES.length], b % 2 === 0, true);
        this.held.add(object);
        return;
      }
      case 'release': {
        const object = [...this.held][a % Math.max(1, this.held.size)];
        if (object === undefined) return;
        this.held.delete(object);
        d.release(object);
        return;
      }
      case 'tiny':
        this.#tiny(a);
        return;
      case 'run':
        d.run(a * 30);
        return;
      case 'switch':
        this.#proc = a % this.#procs;
        d.switchProc(this.#proc, b % 10);
        return;
      default:
        this.#rare(operation);
        return;
    }
  }

  get #marking(): boolean {
    return this.decider.world.scalars[SCALAR.gcphase] !== 0;
  }

  #rare([kind, a, b, c]: Operation): void {
    const d = this.decider;
    switch (kind) {
      case 'gc':
        d.collect();
        return;
      case 'percent':
        d.setGCPercent([-1, 0, 1, 1, 5, 100][a % 6]);
        return;
      case 'limit':
        d.setMemoryLimit(a % 3 === 0 ? 0 : (4 + (b % 16)) * 1024 * 1024);
        return;
      case 'stats':
        d.readMemStats();
        return;
      case 'procs':
        this.#procs = 1 + (a % 5);
        for (const p of this.tiny.keys()) if (p >= this.#procs) this.tiny.delete(p);
        if (this.#proc >= this.#procs) this.#proc = 0;
        d.setProcs(this.#procs);
        return;
      case 'freeOS':
        d.freeOSMemory();
        return;
      case 'prime':
        if (d.world.scalars[SCALAR.numGC] === 0 && !this.#marking) d.prime(a * 1000);
        return;
      case 'cost':
        d.setMarkCost(0.5 + (a % 8), 0.5 + (b % 4) / 2, c * 100);
        return;
      case 'go':
        for (let i = 0; i <= a % 24; i += 1) {
          this.#lastGoroutine += 1;
          this.#goroutines.push(this.#lastGoroutine);
          d.startGoroutine(this.#lastGoroutine);
        }
        return;
      case 'exit':
        for (const g of this.#goroutines.splice(a % 7, b % 40)) d.exitGoroutine(g);
        return;
      case 'stack': {
        const g = this.#goroutines[a % Math.max(1, this.#goroutines.length)];
        if (g !== undefined) d.useStack(g, b % 5 === 0 ? b * 20 : b);
        return;
      }
      case 'detail':
        d.setMarkDetail(a % 2 === 0);
        return;
      case 'caches':
        d.setCacheModel(a % 2 === 0 ? DEFAULT_CACHES : null);
        return;
      case 'note':
        this.#notes += 1;
        d.annotate(EVENTS.RecordedCycleBegan.tag, [this.#notes, a, b, 0, 0]);
        return;
      default:
        throw new Error(`no operation ${kind}`);
    }
  }

  /** A list of up to 64 objects, its head in a root. */
  #list(a: number, b: number, c: number): void {
    const bytes = SIZES[a % SIZES.length];
    const noscan = b % 4 === 0;
    const count = bytes > 4096 ? 1 + (c % 8) : 1 + (c % 64);
    let head = 0;
    for (let i = 0; i < count; i += 1) {
      const object = this.#allocate(bytes, !noscan, false);
      this.root(0, object);
      if (!noscan) this.store(object, 0, head);
      head = object;
      this.root(1 + (c % 40), head);
    }
  }

  #allocate(bytes: number, scan: boolean, held: boolean): number {
    const scanBytes = scan ? Math.max(8, Math.floor((bytes * 3) / 4 / 8) * 8) : 0;
    const key = `${bytes}/${scanBytes}/${held}`;
    let site = this.#sites.get(key);
    if (site === undefined) {
      site = this.decider.defineSite(bytes, scanBytes, held, key);
      this.#sites.set(key, site);
    }
    const object = this.decider.allocate(site);
    this.objects.set(object, { site, words: scanBytes / 8, edges: [] });
    return object;
  }

  /** A tiny block of the running P, and some objects in it. */
  #tiny(a: number): void {
    const block = this.#allocate(8, false, false);
    this.decider.setTinyBlock(this.#proc, block);
    this.tiny.set(this.#proc, block);
    const site = this.objects.get(block)?.site ?? 0;
    for (let i = 0; i < a % 4; i += 1) this.decider.allocateTiny(site);
    if (a % 2 === 0) this.root(1 + (a % 40), block);
  }

  protected store(object: number, place: number, target: number): void {
    const model = this.objects.get(object);
    if (model === undefined || model.words === 0) return;
    const word = place % model.words;
    model.edges[word] = target;
    this.decider.storePointer(object, word, target);
  }

  protected root(root: number, target: number): void {
    this.roots.set(root, target);
    this.decider.storeRoot(root, target);
  }

  /** Some object that can be reached, or 0: a root picked by `from`, then a few edges. */
  #walk(from: number): number {
    const roots = [...this.roots.values()].filter((object) => object !== 0);
    if (roots.length === 0) return 0;
    let object = roots[from % roots.length];
    for (let step = 0; step < from % 5; step += 1) {
      const edges = (this.objects.get(object)?.edges ?? []).filter(
        (to) => to !== 0 && to !== undefined,
      );
      if (edges.length === 0) break;
      object = edges[(from >> 3) % edges.length];
    }
    return object;
  }
}
