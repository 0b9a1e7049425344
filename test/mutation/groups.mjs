/**
 * What is mutated, by group, and the tests that have to notice.
 *
 * The tests reach the files beside them and are quick, for they run once a mutant; the quickest come
 * first. Slow property tests of the same files are left out, so a survivor here may still be found by
 * `npm test`: the score is a lower bound.
 */
const CORE = 'packages/core/src';
const RANDOM_PROGRAMS = 'test/mutation/programs.ts';

const files = (folder, names) => names.map((name) => `${CORE}/${folder}/${name}.ts`);
const tests = (folder, names) => names.map((name) => `${CORE}/${folder}/${name}.test.ts`);

export const GROUPS = {
  pacer: [
    {
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
      ]),
      tests: tests('collector', [
        'workers',
        'int64',
        'scavenge_pace',
        'pacer_cycles',
        'heapgoal',
        'pacer',
        'pacer_vectors',
      ]),
    },
    { files: files('collector', ['limiter']), tests: tests('collector', ['limiter']) },
  ],
  sweep: [
    {
      files: files('decide', ['specialsweep']),
      tests: [...tests('decide', ['finalizers', 'cleanups']), RANDOM_PROGRAMS],
    },
    { files: files('decide', ['sweeper']), tests: tests('decide', ['sweeper', 'cleanups']) },
  ],
  barrier: [
    { files: files('decide', ['barrierbuffers']), tests: tests('decide', ['barrierbuffers']) },
    {
      files: files('decide', ['assists']),
      tests: tests('decide', ['assistmodel', 'assists']),
    },
    {
      files: files('decide', ['marker']),
      // The write barrier, the two flushes at the end of marking, and who looks for work.
      methods: [
        'hasLocalWork',
        'greyObjects',
        'barrier',
        'flushBarrier',
        'raggedBarrier',
        'stopped',
      ],
      tests: [...tests('decide', ['marker', 'finalizers', 'cleanups']), RANDOM_PROGRAMS],
    },
  ],
  finalizer: [
    {
      files: files('decide', ['specialroots']),
      tests: [...tests('decide', ['finalizers', 'cleanups']), RANDOM_PROGRAMS],
    },
    {
      files: files('decide', ['specials']),
      tests: tests('decide', ['specialcommands', 'finalizers', 'cleanups']),
    },
    {
      files: files('evolve', ['specials']),
      tests: [...tests('decide', ['finalizers', 'cleanups']), ...tests('evolve', ['specials'])],
    },
    {
      files: files('runtime', ['weak', 'finalizers', 'cleanups']),
      tests: tests('runtime', ['finalizers', 'cleanups', 'weak']),
    },
  ],
};
