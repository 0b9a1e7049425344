/**
 * What is mutated, by group, and the tests that have to notice.
 *
 * The tests of a group reach its files and are quick, for they run once a mutant; the quickest come
 * first. Slow property tests of the same files are left out, so a survivor here may still be found by
 * `npm test`: the score is a lower bound.
 */
const CORE = 'packages/core/src';

const files = (folder, names) => names.map((name) => `${CORE}/${folder}/${name}.ts`);
const tests = (folder, names) => names.map((name) => `${CORE}/${folder}/${name}.test.ts`);

const RANDOM_PROGRAMS = 'test/mutation/programs.ts';

export const GROUPS = {
  pacer: {
    files: files('collector', [
      'int64',
      'workers',
      'consmark',
      'assist_ratio',
      'heapgoal',
      'memory_limit',
      'scavenge_pace',
      'pacer_types',
      'pacer',
      'limiter',
    ]),
    tests: tests('collector', [
      'workers',
      'int64',
      'scavenge_pace',
      'pacer_cycles',
      'heapgoal',
      'limiter',
      'pacer',
      'pacer_vectors',
    ]),
  },
  sweep: {
    files: files('decide', ['specialsweep', 'sweeper']),
    tests: [
      ...tests('decide', ['finalizers', 'cleanups', 'sweeper']),
      ...tests('runtime', ['finalizers', 'cleanups', 'weak']),
      RANDOM_PROGRAMS,
    ],
  },
  barrier: {
    files: files('decide', ['barrierbuffers', 'assists', 'marker']),
    // Of the marker the write barrier, the two flushes at the end of marking, and who looks for work.
    parts: {
      marker: [
        'hasLocalWork',
        'greyObjects',
        'barrier',
        'flushBarrier',
        'raggedBarrier',
        'stopped',
      ],
    },
    tests: [
      ...tests('decide', [
        'barrierbuffers',
        'queues',
        'marker',
        'finalizers',
        'assistmodel',
        'assists',
      ]),
      RANDOM_PROGRAMS,
    ],
  },
  finalizer: {
    files: [
      ...files('decide', ['specialroots', 'specials']),
      ...files('evolve', ['specials']),
      ...files('runtime', ['weak', 'finalizers', 'cleanups']),
    ],
    tests: [
      ...tests('decide', ['finalizers', 'cleanups']),
      ...tests('evolve', ['specials']),
      ...tests('runtime', ['finalizers', 'cleanups', 'weak']),
      RANDOM_PROGRAMS,
    ],
  },
};
