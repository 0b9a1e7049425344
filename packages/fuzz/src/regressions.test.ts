/** Programs that once broke a promise, shrunk. */
import { configWith, DEFAULT_COSTS, type RunConfig } from '@heaptape/core';
import { describe, expect, it } from 'vitest';
import { judge, type Operation, type Program, play } from './index.ts';

interface Regression {
  readonly was: string;
  readonly api: Program['api'];
  readonly config: Partial<RunConfig>;
  readonly markNsPerByte?: number;
  /** Whether marking stops after single steps; default is not. */
  readonly single?: boolean;
  readonly operations: readonly Operation[];
}

const SMALL: Partial<RunConfig> = {
  gcPercent: 1,
  procs: 1,
  collector: 'classic',
  seed: 0,
  stackBytes: 8,
  globalsBytes: 8,
  nonHeapBytes: -1,
};

const REGRESSIONS: readonly Regression[] = [
  {
    was: 'scan work of a finalizer set while marking is kept from the pacer',
    api: 'decider',
    config: { ...SMALL, procs: 4 },
    markNsPerByte: 200,
    operations: [
      ['list', 263, 201, 19],
      ['store', 0, 1906, 0],
      ['begin', 0, 0, 0],
      ['ring', 0, 0, 0],
      ['run', 114, 0, 0],
      ['copyRoot', 0, 0, 0],
      ['store', 0, 0, 0],
      ['all', 0, 0, 0],
    ],
  },
  {
    was: 'a handle is taken for alive although its pages have slots of another size by now',
    api: 'runtime',
    config: SMALL,
    operations: [
      ['lose', 1, 16, 2945],
      ['lose', 0, 145, 181],
      ['garbage', 2, 649, 0],
    ],
  },
  {
    was: 'marking ends before the assist that has taken the work is done with it',
    api: 'runtime',
    config: { ...SMALL, procs: 2, globalsBytes: 4096 },
    markNsPerByte: 20,
    operations: [
      ['new', 0, 0, 0],
      ['cleanup', 0, 0, 0],
      ['garbage', 1171, 583, 0],
      ['garbage', 16, 1203, 1915],
      ['weak', 0, 0, 0],
    ],
  },
  {
    was: 'the CPU limiter does not look at the clock when an assist that took long is over',
    api: 'decider',
    config: SMALL,
    markNsPerByte: 20_000,
    operations: [
      ['go', 0, 0, 0],
      ['stack', 0, 3750, 0],
      ['visit', 0, 0, 0],
      ['visit', 221, 0, 0],
    ],
  },
  {
    was: 'a program without pointers stores its first one behind the ragged barrier’s back',
    api: 'runtime',
    config: { ...SMALL, gcPercent: 0, procs: 2, seed: 605 },
    single: true,
    operations: [
      ['new', 0, 0, 1693],
      ['concat', 0, 0, 379],
    ],
  },
  {
    was: 'a goroutine is taken for waiting that was ready to run',
    api: 'runtime',
    config: SMALL,
    operations: [
      ['list', 0, 0, 0],
      ['finalizer', 0, 0, 1],
      ['go', 1, 0, 0],
      ['procs', 0, 0, 1507],
      ['lock', 0, 0, 0],
      ['garbage', 0, 0, 2035],
      ['gc', 0, 0, 3064],
    ],
  },
  {
    was: 'a held object that is let go while marking has not been scanned',
    api: 'decider',
    config: SMALL,
    markNsPerByte: 20_000,
    operations: [
      ['begin', 0, 0, 0],
      ['held', 0, 0, 0],
      ['begin', 0, 0, 0],
      ['release', 0, 0, 0],
      ['list', 0, 0, 0],
    ],
  },
];

describe('what was found once', () => {
  it.each(REGRESSIONS)('does not happen again: $was', ({ api, config, ...rest }) => {
    const costs = { ...DEFAULT_COSTS, markNsPerByte: rest.markNsPerByte ?? 1 };
    const program: Program = {
      api,
      config: configWith({ ...config, costs }),
      features: [],
      fine: true,
      single: rest.single ?? false,
      operations: rest.operations,
    };
    const run = play(program);
    expect(run.events).toBeGreaterThan(100);
    expect(judge(run)?.message ?? '').toBe('');
  });
});
