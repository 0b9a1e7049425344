/** Random programs keep every promise; and each checker notices when its own is broken. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKERS, judge, listing, type Program, play, programs, runCampaign } from './index.ts';
import { type Change, tamperWith } from './tamper.testkit.ts';

describe('random programs', () => {
  it.each([1, 2, 3])('keep every promise: seed %d', (seed) => {
    const { counterexample } = runCampaign({ runs: 50, seed });
    expect(counterexample === null ? '' : listing(counterexample)).toBe('');
  });

  it('are the same for the same seed, and so are their tapes', () => {
    const record = (): string[] =>
      fc.sample(programs(60), { seed: 9, numRuns: 10 }).map((program) =>
        play(program)
          .tape.segments.map((s) => s.stateHash)
          .join(),
      );
    expect(record()).toEqual(record());
  });
});

/** Every `n`-th event of a name is changed, starting with the second. */
const sometimes = (
  name: string,
  n: number,
  change: (cells: number[]) => number[] | null,
): Change => {
  let count = 0;
  return (event, cells) => {
    if (event !== name) return cells;
    count += 1;
    return count % n === 2 % n ? change(cells) : cells;
  };
};

const put = (at: number, value: (before: number) => number) => (cells: number[]) =>
  cells.with(at, value(cells[at] ?? 0));

/** What each checker has to notice: a lie about what happened. */
const LIES: readonly (readonly [checker: string, lie: string, make: () => Change])[] = [
  [
    'reachability',
    'a root that was dropped still holds its object',
    () => (event, cells) => (event === 'RootStored' && cells[1] === 0 ? [9999, 0] : cells),
  ],
  [
    'reachability',
    'a root never held what it holds',
    () => (event, cells) =>
      event === 'RootStored' && (cells[0] ?? 0) < 50 ? [cells[0] ?? 0, 0] : cells,
  ],
  ['tricolour', 'an object is not marked', () => sometimes('ObjectGreyed', 5, () => null)],
  ['tricolour', 'an object turns grey only', () => sometimes('ObjectBlackened', 5, () => null)],
  ['tricolour', 'a store did not happen', () => sometimes('PointerStored', 3, () => null)],
  [
    'tricolour',
    'a buffer held less',
    () =>
      sometimes(
        'BarrierFlushed',
        1,
        put(1, (n) => n - 2),
      ),
  ],
  ['phases', 'a sweep does not end', () => sometimes('SweepFinished', 1, () => null)],
  ['phases', 'a span is not swept', () => sometimes('SpanSwept', 9, () => null)],
  [
    'phases',
    'a P had work left',
    () =>
      sometimes(
        'RaggedBarrierPassed',
        1,
        put(0, () => 1),
      ),
  ],
  [
    'accounting',
    'more was marked',
    () =>
      sometimes(
        'GCMarkTerminated',
        1,
        put(2, (n) => n + 8),
      ),
  ],
  [
    'accounting',
    'a pause was longer',
    () =>
      sometimes(
        'GCStarted',
        1,
        put(4, (n) => n + 1),
      ),
  ],
  [
    'accounting',
    'a span freed one more',
    () =>
      sometimes(
        'SpanSwept',
        3,
        put(1, (n) => n + 1),
      ),
  ],
  ['specials', 'a weak handle is not cleared', () => sometimes('WeakCleared', 1, () => null)],
  ['specials', 'a finalizer was not queued', () => sometimes('FinalizerQueued', 1, () => null)],
  [
    'specials',
    'a cleanup was queued for another',
    () =>
      sometimes(
        'CleanupQueued',
        2,
        put(0, (n) => n - 1),
      ),
  ],
  [
    'allocator',
    'a span has a page more',
    () =>
      sometimes(
        'SpanAllocated',
        1,
        put(1, (n) => n + 1),
      ),
  ],
  [
    'allocator',
    'a span lies a page lower',
    () =>
      sometimes(
        'SpanAllocated',
        4,
        put(0, (n) => Math.max(0, n - 1)),
      ),
  ],
  [
    'allocator',
    'objects are of another site',
    () =>
      sometimes(
        'SiteDefined',
        1,
        put(0, (n) => n * 3),
      ),
  ],
  [
    'pacer',
    'the goal is half of it',
    () =>
      sometimes(
        'PacerCommitted',
        1,
        put(0, (n) => Math.floor(n / 2)),
      ),
  ],
  [
    'pacer',
    'the trigger is lower',
    () =>
      sometimes(
        'PacerCommitted',
        1,
        put(1, (n) => Math.floor(n / 2)),
      ),
  ],
  [
    'replay',
    'a cycle began with more',
    () =>
      sometimes(
        'GCStarted',
        1,
        put(2, (n) => n + 8),
      ),
  ],
];

describe('each checker can fail', () => {
  const sample: readonly Program[] = fc
    .sample(programs(160), { seed: 5, numRuns: 60 })
    .filter(({ fine }) => fine);
  const runs = sample.map((program) => play(program));

  it('has lies for every checker', () => {
    expect(new Set(LIES.map(([name]) => name))).toEqual(new Set(CHECKERS.map(({ name }) => name)));
  });

  it.each(LIES)('%s: %s', (name, _, make) => {
    const kinds = CHECKERS.filter((kind) => kind.name === name);
    const caught = runs.some((run) => judge(tamperWith(run, make()), kinds)?.property === name);
    expect(caught).toBe(true);
  });
});
