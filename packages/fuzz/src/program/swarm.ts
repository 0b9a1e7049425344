/**
 * Random programs, drawn swarm-wise: each run first draws which features it has at all, then
 * operations among those only. A program with few kinds of operation goes deeper into each of them
 * than one that has a little of everything, and features that hide each other's bugs are often apart.
 *
 * An operation is a kind and three numbers, whose meaning the driver gives them. So a program is plain
 * data: it shrinks to fewer operations and smaller numbers.
 */
import { configWith, DEFAULT_COSTS, type RunConfig } from '@heaptape/core';
import fc from 'fast-check';
import { GO_BASE, GO_FEATURES } from './go/draw.ts';

export type Operation = readonly [kind: string, a: number, b: number, c: number];

export type Weights = Readonly<Record<string, number>>;

/** Operations of every program. */
const BASE: Weights = {
  list: 34,
  store: 26,
  clear: 8,
  copyRoot: 8,
  dropRoot: 12,
  run: 6,
  tick: 5,
  atStop: 3,
  begin: 9,
  endMark: 2,
  gc: 3,
  storm: 3,
};

/** Operations that a feature adds. */
const FEATURES: Readonly<Record<string, Weights>> = {
  held: { held: 8, release: 7 },
  goroutines: { go: 8, exit: 6, stack: 6, visit: 8 },
  finalizers: {
    finalizer: 10,
    clearFinalizer: 3,
    ring: 5,
    chain: 5,
    lose: 4,
    all: 4,
    finalize: 10,
  },
  cleanups: { cleanup: 9, stopCleanup: 3, loseCleanup: 4, startCleanup: 7, endCleanup: 6 },
  weak: { weak: 8, load: 14, weakOnly: 6 },
  pools: { pool: 2, poolPut: 7, poolGet: 6 },
  tiny: { tiny: 8 },
  large: { large: 8 },
  wide: { fan: 4 },
  garbage: { garbage: 8 },
  settings: { percent: 2, limit: 2, prime: 1, cost: 1 },
  procs: { procs: 1, switch: 12 },
  detail: { detail: 2, caches: 1, single: 1 },
  steps: { steps: 4 },
  reads: { stats: 3, freeOS: 1, note: 1 },
  sleeps: { sleep: 3 },
};

/** What a program is written against: the commands of the Decider, or the Go-shaped runtime. */
export type Api = 'decider' | 'runtime';

export const APIS: readonly Api[] = ['decider', 'runtime'];

const KINDS: Readonly<
  Record<Api, { readonly base: Weights; readonly features: Readonly<Record<string, Weights>> }>
> = {
  decider: { base: BASE, features: FEATURES },
  runtime: { base: GO_BASE, features: GO_FEATURES },
};

/** Features of one program at most. */
const MOST_FEATURES = 8;

export interface Program {
  readonly api: Api;
  readonly config: RunConfig;
  readonly features: readonly string[];
  /** Whether marking is recorded object by object from the start. */
  readonly fine: boolean;
  /** Whether marking stops for the program after every single step from the start. */
  readonly single: boolean;
  readonly operations: readonly Operation[];
}

/** Configurations under which cycles are many and slow, so that much happens while they last. */
const configs = (): fc.Arbitrary<RunConfig> =>
  fc
    .record({
      gcPercent: fc.constantFrom(1, 1, 0, 10, 100, -1),
      procs: fc.constantFrom(1, 2, 4),
      collector: fc.constantFrom('classic' as const, 'greentea' as const),
      layout: fc.constantFrom('go1.26' as const, 'go1.22' as const),
      compact: fc.constantFrom(0, 0, 0, 1),
      memoryLimit: fc.constantFrom(0, 0, 0, 6 * 1024 * 1024),
      nonHeapBytes: fc.constantFrom(-1, 0, 4 * 1024 * 1024),
      stackBytes: fc.constantFrom(8, 2048),
      globalsBytes: fc.constantFrom(8, 4096),
      seed: fc.nat(1000),
      markNsPerByte: fc.constantFrom(1, 0.02, 20, 200, 20_000),
      sweepNsPerSpan: fc.constantFrom(600, 100_000, 10_000_000),
      scavengeNsPerPage: fc.constantFrom(260, 20_000),
    })
    .map(({ markNsPerByte, sweepNsPerSpan, scavengeNsPerPage, ...some }) => {
      const costs = { ...DEFAULT_COSTS, markNsPerByte, sweepNsPerSpan, scavengeNsPerPage };
      return configWith({ ...some, costs });
    });

function operationOf(api: Api, features: readonly string[]): fc.Arbitrary<Operation> {
  const kind = KINDS[api];
  const weights = [kind.base, ...features.map((feature) => kind.features[feature])];
  const kinds = weights.flatMap((some) => Object.entries(some ?? {}));
  const name = fc.oneof(
    ...kinds.map(([text, weight]) => ({ weight, arbitrary: fc.constant(text) })),
  );
  const number = fc.nat(4095);
  return fc.tuple(name, number, number, number);
}

function programsOf(api: Api, maxLength: number): fc.Arbitrary<Program> {
  const names = Object.keys(KINDS[api].features);
  return fc.subarray(names, { minLength: 0, maxLength: MOST_FEATURES }).chain((features) =>
    fc.record({
      api: fc.constant(api),
      config: configs(),
      features: fc.constant(features),
      fine: fc.constantFrom(true, true, true, false),
      single: fc.constantFrom(false, true),
      operations: fc.array(operationOf(api, features), { maxLength, size: 'max' }),
    }),
  );
}

/** Programs of up to `maxLength` operations, over both interfaces or over one. */
export const programs = (maxLength: number, api?: Api): fc.Arbitrary<Program> =>
  api === undefined
    ? fc.oneof(...APIS.map((one) => programsOf(one, maxLength)))
    : programsOf(api, maxLength);
